// What the first line of page and tray is made from.
import type { SchedulerStatus } from '../../../shared/contract/schedules.ts';
import type { EngineContext } from '../context.ts';
import { currentAlarms } from './alarms.ts';
import { pausesStore } from './pauses.ts';
import { runsStore, toRun } from './runs-store.ts';
import { iso, scheduleStore } from './store.ts';
import { nextRuns } from './views/upcoming.ts';

export function schedulerStatusOf(context: EngineContext): SchedulerStatus {
  const now = context.ports.clock();
  const leader = context.scheduler.leader();
  const schedules = scheduleStore(context.catalog).list();
  const until = pausesStore(context.catalog).until(now);
  const runs = runsStore(context.catalog);
  // Of most schedules the next slot is known; only the few that come first are looked at closely.
  const soonest = schedules
    .filter((schedule) => schedule.nextAt !== null)
    .toSorted((one, other) => (one.nextAt ?? 0) - (other.nextAt ?? 0))
    .slice(0, 5);
  return {
    leader,
    pausedUntil: until === null ? null : iso(until),
    running: runs.open().map(toRun),
    next: nextRuns(context, soonest, { from: now + 1, to: null }, 1).runs[0] ?? null,
    last: runs.lastOfAll(),
    alarms: currentAlarms(context, now, leader, schedules),
  };
}
