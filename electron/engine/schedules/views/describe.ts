// A schedule as the contract has it: its row, how it stands, its last run.
import type { Schedule } from '../../../../shared/contract/schedules.ts';
import { whenWords } from '../../../../shared/schedules/text.ts';
import type { EngineContext } from '../../context.ts';
import { healthOf, healths } from '../alarms.ts';
import { runsStore, type RunsStore } from '../runs-store.ts';
import { iso, type StoredSchedule } from '../store.ts';

/** One schedule, as of now. */
export const describeSchedule = (context: EngineContext, schedule: StoredSchedule): Schedule =>
  describe(schedule, healthOf(context, schedule, context.ports.clock()), runsStore(context.catalog));

/** All of them, in the order given. */
export function describeSchedules(context: EngineContext, schedules: readonly StoredSchedule[]): Schedule[] {
  const health = healths(context, schedules, context.ports.clock());
  const runs = runsStore(context.catalog);
  return schedules.map((schedule) => describe(schedule, health.get(schedule.id) ?? { health: 'new', overdueSince: null }, runs));
}

function describe(schedule: StoredSchedule, health: Pick<Schedule, 'health' | 'overdueSince'>, runs: RunsStore): Schedule {
  return {
    ...schedule.fields,
    id: schedule.id,
    profile: schedule.profile,
    createdAt: schedule.createdAt,
    updatedAt: schedule.updatedAt,
    nextAt: schedule.nextAt === null ? null : iso(schedule.nextAt),
    lastRun: runs.last(schedule.id),
    lastSuccessAt: runs.lastSuccessAt(schedule.id),
    ...health,
    words: whenWords(schedule.fields.when, schedule.fields.timeZone),
  };
}
