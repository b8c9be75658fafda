// Slots to come, of many schedules.
import type { PlannedRun } from '../../../../shared/contract/schedules.ts';
import type { EngineContext } from '../../context.ts';
import { pauseAt, pausesStore } from '../pauses.ts';
import { plannedSlots, recurrenceOf } from '../planned.ts';
import { iso, scheduleStore, type StoredSchedule } from '../store.ts';
import { slotsBetween } from '../when/slots.ts';
import { expectedDurations } from './expected.ts';

/** Slots later than now that have their record already, by schedule: the clock went back over them, and they do not run again. */
export type RecordedAhead = ReadonlyMap<string, ReadonlySet<number>>;

export function recordedAhead(context: EngineContext): RecordedAhead {
  const ahead = new Map<string, Set<number>>();
  const rows = context.catalog
    .prepare<[string], { schedule_id: string; planned_at: string }>('select schedule_id, planned_at from runs where planned_at > ?')
    .all(iso(context.ports.clock()));
  for (const row of rows) {
    const own = ahead.get(row.schedule_id) ?? new Set();
    ahead.set(row.schedule_id, own.add(Date.parse(row.planned_at)));
  }
  return ahead;
}

/** The slots that run, with after < at <= upTo, ascending. Milliseconds since 1970. */
export function upcomingSlots(schedule: StoredSchedule, after: number, upTo: number, recorded: RecordedAhead): number[] {
  if (!schedule.fields.enabled) return [];
  const slots =
    schedule.changes.length === 0
      ? slotsBetween(recurrenceOf(schedule), after, upTo)
      : plannedSlots(schedule, after, upTo).flatMap((slot) => (slot.skipped ? [] : [slot.at]));
  const own = recorded.get(schedule.id);
  return own === undefined ? slots : slots.filter((at) => !own.has(at));
}

/** From here on a schedule's slots have no record yet. */
export const unsettledFrom = (schedule: StoredSchedule, now: number): number =>
  schedule.settledAt > now + 60_000 ? now : schedule.settledAt;

/** All schedules, or those asked for. Errors: NOT_FOUND. */
export function chosenSchedules(context: EngineContext, ids?: readonly string[]): StoredSchedule[] {
  const store = scheduleStore(context.catalog);
  if (ids === undefined) return store.list();
  return [...new Set(ids)].map((id) => store.get(id));
}

/** Turns slots into what the contract calls planned runs. */
export function plannedRuns(context: EngineContext): (schedule: StoredSchedule, at: number) => PlannedRun {
  const expected = expectedDurations(context.catalog);
  const pauses = pausesStore(context.catalog).list();
  return (schedule, at) => {
    const moved = schedule.changes.find((change) => change.movedTo === at);
    return {
      scheduleId: schedule.id,
      schedule: schedule.fields.name,
      kind: schedule.fields.task.kind,
      profile: schedule.profile,
      colour: schedule.fields.colour,
      at: iso(at),
      movedFrom: moved === undefined ? null : iso(moved.slotAt),
      expectedMs: expected.get(schedule.id) ?? null,
      paused: pauseAt(pauses, at) !== null,
    };
  };
}

const dayMs = 86_400_000;
/** Without an end, and with slots this rare, there is nothing to wait for. */
const farAhead = 50 * 366 * dayMs;

/** The first slots with from <= at < to, at most `limit`. `to` null: as far as it takes. */
export function nextRuns(
  context: EngineContext,
  schedules: readonly StoredSchedule[],
  span: { from: number; to: number | null },
  limit: number,
): { runs: PlannedRun[]; cut: boolean } {
  const found: { schedule: StoredSchedule; at: number }[] = [];
  const recorded = recordedAhead(context);
  const end = span.to ?? span.from + farAhead;
  let from = span.from;
  for (let length = dayMs; from < end && found.length <= limit; length *= 2) {
    const to = Math.min(end, from + length);
    const piece: typeof found = [];
    for (const schedule of schedules) {
      for (const at of upcomingSlots(schedule, from - 1, to - 1, recorded)) piece.push({ schedule, at });
    }
    piece.sort((one, other) => one.at - other.at);
    for (const slot of piece) found.push(slot);
    from = to;
  }
  const present = plannedRuns(context);
  return { runs: found.slice(0, limit).map(({ schedule, at }) => present(schedule, at)), cut: found.length > limit };
}
