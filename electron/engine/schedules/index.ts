import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { tellThisComputer } from '../messages/this-computer.ts';
import { scheduleEditor } from './edit.ts';
import { schedulerStatusOf } from './status.ts';
import { scheduleStore } from './store.ts';
import { describeSchedule, describeSchedules } from './views/describe.ts';
import { scheduleViews } from './views/index.ts';

export function schedulesHandlers(os: Implementer, context: EngineContext) {
  const store = scheduleStore(context.catalog);
  const editor = scheduleEditor(context);
  const { scheduler } = context;
  return os.schedules.router({
    ...scheduleViews(os, context, (id, fields) => describeSchedule(context, editor.update(id, fields))),
    list: os.schedules.list.handler(() => describeSchedules(context, store.list())),
    get: os.schedules.get.handler(({ input }) => describeSchedule(context, store.get(input.id))),
    create: os.schedules.create.handler(({ input }) => describeSchedule(context, editor.create(input.schedule))),
    update: os.schedules.update.handler(({ input }) => describeSchedule(context, editor.update(input.id, input.schedule))),
    setEnabled: os.schedules.setEnabled.handler(({ input }) => describeSchedule(context, editor.setEnabled(input.id, input.enabled))),
    remove: os.schedules.remove.handler(({ input }) => {
      editor.remove(input.id);
      return { removed: input.id };
    }),
    addPreset: os.schedules.addPreset.handler(async ({ input }) => {
      const made = editor.addPreset(input.profileId, input.timeZone);
      await tellThisComputer(context);
      return describeSchedules(context, made);
    }),
    run: os.schedules.run.handler(({ input }) => scheduler.runNow(input.id)),
    cancelRun: os.schedules.cancelRun.handler(({ input }) => scheduler.cancelRun(input.id)),
    status: os.schedules.status.handler(() => schedulerStatusOf(context)),
    pause: os.schedules.pause.handler(({ input }) => {
      editor.pause(input.until);
      return schedulerStatusOf(context);
    }),
  });
}
