// The real scheduler over a real catalog; the work of a run, the clock and the timer are in the test's hand.
import type { EngineContext } from '../../../electron/engine/context.ts';
import { createScheduler } from '../../../electron/engine/schedules/scheduler.ts';
import type { TaskEnd, TaskOrder } from '../../../electron/engine/schedules/run-task.ts';
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { makeHome } from '../../support/home.ts';
import { makeDesk } from './views/desk.ts';

export const good: TaskEnd = { backups: [], jobId: null, sizeBytes: 1, failures: [], detail: '' };
export const failedWith = (...faults: [database: string | null, code: ErrorCode][]): TaskEnd => ({
  ...good,
  failures: faults.map(([database, code]) => ({ database, error: { code, message: code, hint: '' } })),
});

export async function makeStage(start: string) {
  const desk = await makeDesk(start);
  const works: { order: TaskOrder; end: (how: TaskEnd) => void }[] = [];
  const faults: string[] = [];
  const home = makeHome();
  const host = (hostId: string) => {
    const context = {
      ...desk.context,
      hostId,
      ports: {
        ...desk.context.ports,
        homeDirectory: home,
        host: { kind: 'agent', keepAwake: () => () => undefined },
        log: { info: () => undefined, warn: () => undefined, error: (message: string) => void faults.push(message) },
      },
      messages: { tell: () => undefined, lead: () => undefined, deliver: () => Promise.resolve() },
      jobs: { store: { get: () => null } },
    } as unknown as EngineContext;
    const scheduler = createScheduler(() => context, {
      runTask: (order) =>
        new Promise((resolve) => {
          const end = (how: TaskEnd): void => resolve(order.signal.aborted && how !== good ? failedWith([null, 'CANCELLED']) : how);
          works.push({ order, end });
          // Real work ends when it is told to, unless it has just ended by itself.
          order.signal.addEventListener('abort', () => setImmediate(() => end(failedWith([null, 'CANCELLED']))));
        }),
      every: () => () => undefined,
    });
    (context as { scheduler: unknown }).scheduler = scheduler;
    return { context, scheduler };
  };
  return {
    ...desk,
    works,
    faults,
    host,
    history: (id: string): ScheduledRun[] =>
      desk.context.catalog
        .prepare<[string], { id: string }>('select id from runs where schedule_id = ? order by planned_at')
        .all(id)
        .flatMap((row) => desk.runs.get(row.id) ?? []),
  };
}
