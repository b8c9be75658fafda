// What all parts of the scheduler share: the stores, the clock, and who hears of what happened.
import { EventEmitter } from 'node:events';
import type { RunReason, RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { pausesStore, type PausesStore } from './pauses.ts';
import { runsStore, toRun, type RunRow, type RunsStore } from './runs-store.ts';
import { iso, scheduleStore, type ScheduleStore } from './store.ts';

export type Desk = {
  context: EngineContext;
  schedules: ScheduleStore;
  runs: RunsStore;
  pauses: PausesStore;
  now(): number;
  /** `run`: begun, ended, or decided without having run. */
  news: EventEmitter<{ run: [ScheduledRun]; leading: [boolean] }>;
};

export function openDesk(context: EngineContext): Desk {
  const { catalog } = context;
  return {
    context,
    schedules: scheduleStore(catalog),
    runs: runsStore(catalog),
    pauses: pausesStore(catalog),
    now: context.ports.clock,
    news: new EventEmitter(),
  };
}

export type RunEnd = {
  state: Exclude<RunState, 'running'>;
  reason: RunReason | null;
  detail?: string;
  error?: ErrorReport | null;
};

/** Ends a run on record and tells of it. Call it inside the transaction that decides. `quiet`: the messages hear of it in
 * another way. */
export function endRun(desk: Desk, row: RunRow, end: RunEnd, quiet = false): ScheduledRun {
  const now = desk.now();
  desk.runs.change(row.id, {
    state: end.state,
    reason: end.reason,
    detail: [row.detail, end.detail ?? ''].filter((part) => part !== '').join(' '),
    phase: null,
    nextTryAt: null,
    owner: null,
    finishedAt: iso(now),
    durationMs: row.started_at === null ? null : Math.max(0, now - Date.parse(row.started_at)),
    ...(end.error === undefined ? {} : { error: end.error }),
  });
  const run = present(desk.runs.row(row.id));
  if (!quiet) desk.context.messages.tell({ kind: 'run-ended', run });
  return run;
}

export function present(row: RunRow | null): ScheduledRun {
  if (row === null) throw new Error('a run just written is not there');
  return toRun(row);
}
