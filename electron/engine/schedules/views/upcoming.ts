// Slots to come, of many schedules.
import type { PlannedRun } from '../../../../shared/contract/schedules.ts';
import type { EngineContext } from '../../context.ts';
import { pauseAt, pausesStore } from '../pauses.ts';
import { plannedSlots, recurrenceOf } from '../planned.ts';
import { iso, scheduleStore, type StoredSchedule } from '../store.ts';
import { slotsBetween } from '../when/slots.ts';
import { expectedDurations } from './expected.ts';

/** The slots that run, with after < at <= upTo, ascending. Milliseconds since 1970. */
export function upcomingSlots(schedule: StoredSchedule, after: number, upTo: number): number[] {
  if (!schedule.fields.enabled) return [];
  if (schedule.changes.length === 0) return slotsBetween(recurrenceOf(schedule), after, upTo);
  return plannedSlots(schedule, after, upTo).flatMap((slot) => (slot.skipped ? [] : [slot.at]));
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
  const end = span.to ?? span.from + farAhead;
  let from = span.from;
  for (let length = dayMs; from < end && found.length <= limit; length *= 2) {
    const to = Math.min(end, from + length);
    const piece: typeof found = [];
    for (const schedule of schedules) {
      for (const at of upcomingSlots(schedule, from - 1, to - 1)) piece.push({ schedule, at });
    }
    piece.sort((one, other) => one.at - other.at);
    for (const slot of piece) found.push(slot);
    from = to;
  }
  const present = plannedRuns(context);
  return { runs: found.slice(0, limit).map(({ schedule, at }) => present(schedule, at)), cut: found.length > limit };
}
