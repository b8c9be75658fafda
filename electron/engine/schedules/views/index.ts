// What is asked of schedules without running anything: slots to come, runs on record, calendars; and slots moved by hand.
import type { Schedule, ScheduleFields } from '../../../../shared/contract/schedules.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import type { EngineContext } from '../../context.ts';
import type { Implementer } from '../../implementer.ts';
import { runsStore } from '../runs-store.ts';
import { scheduleStore } from '../store.ts';
import { instantOf } from '../when/zones.ts';
import { countDays, readCalendar } from './calendar.ts';
import { describeSchedule } from './describe.ts';
import { readHistory } from './history.ts';
import { readLoad } from './load.ts';
import { bringAlong, moveAll, moveOne, skipOne } from './move.ts';
import { instant } from './span.ts';
import { tryRule } from './try-when.ts';
import { chosenSchedules, nextRuns } from './upcoming.ts';

/** `update`: changes a schedule's fields as `schedules.update` does (settles by the old rule first). */
export function scheduleViews(
  os: Implementer,
  context: EngineContext,
  update: (id: string, fields: ScheduleFields) => Schedule | Promise<Schedule>,
) {
  const { catalog } = context;
  const present = (id: string): Schedule => describeSchedule(context, scheduleStore(catalog).get(id));
  const changed = (id: string): Schedule => {
    context.events.emit({ kind: 'catalogChanged' });
    context.scheduler.wake();
    return present(id);
  };
  return {
    next: os.schedules.next.handler(({ input }) => {
      const schedules = chosenSchedules(context, input.scheduleId === undefined ? undefined : [input.scheduleId]);
      const from = input.from === undefined ? context.ports.clock() + 1 : instant(input.from, 'from');
      const to = input.to === undefined ? null : instant(input.to, 'to');
      return nextRuns(context, schedules, { from, to }, input.limit);
    }),
    history: os.schedules.history.handler(({ input }) =>
      readHistory(catalog, {
        ...input,
        from: input.from === undefined ? undefined : instant(input.from, 'from'),
        to: input.to === undefined ? undefined : instant(input.to, 'to'),
      }),
    ),
    getRun: os.schedules.getRun.handler(({ input }) => {
      const run = runsStore(catalog).get(input.id);
      if (run === null) throw new HowdahError('NOT_FOUND', `There is no run ${input.id}.`, { hint: 'See the history of runs.' });
      return run;
    }),
    calendar: os.schedules.calendar.handler(({ input }) =>
      readCalendar(context, {
        ...requireSpan(instant(input.from, 'from'), instant(input.to, 'to')),
        timeZone: input.timeZone,
        scheduleIds: input.scheduleIds,
        limit: input.limit,
      }),
    ),
    year: os.schedules.year.handler(({ input }) => ({
      days: countDays(context, {
        from: instantOf(Date.UTC(input.year, 0, 1), input.timeZone),
        to: instantOf(Date.UTC(input.year + 1, 0, 1), input.timeZone),
        timeZone: input.timeZone,
        scheduleIds: input.scheduleId === undefined ? undefined : [input.scheduleId],
      }).counts,
    })),
    load: os.schedules.load.handler(({ input }) => readLoad(context, input.days, input.timeZone)),
    tryWhen: os.schedules.tryWhen.handler(({ input }) => tryRule(input.when, input.timeZone, input.count, context.ports.clock())),
    moveSlot: os.schedules.moveSlot.handler(async ({ input }) => {
      const [at, to] = [instant(input.at, 'at'), instant(input.to, 'to')];
      if (input.which === 'one') moveOne(context, input.id, at, to);
      else {
        await update(input.id, moveAll(context, input.id, at, to));
        bringAlong(context, input.id, at, to);
      }
      return changed(input.id);
    }),
    skipSlot: os.schedules.skipSlot.handler(({ input }) => {
      skipOne(context, input.id, instant(input.at, 'at'), input.skip);
      return changed(input.id);
    }),
  };
}

const longest = 800 * 86_400_000;

function requireSpan(from: number, to: number): { from: number; to: number } {
  if (from < to && to - from <= longest) return { from, to };
  throw new HowdahError('BAD_INPUT', from < to ? 'A calendar shows two years at most.' : 'The end is not after the start.', {
    hint: 'Give "from" and a later "to".',
  });
}
