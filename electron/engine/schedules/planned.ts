// The slots of a schedule as they will be: the rule's, with those that somebody moved or skipped.
import type { StoredSchedule } from './store.ts';
import { nextSlot, slotsBetween, type Recurrence } from './when/slots.ts';

/** Milliseconds since 1970. `movedFrom` null: it stands where the rule puts it. */
export type PlannedSlot = { at: number; movedFrom: number | null; skipped: boolean };

/** What of a schedule its slots depend on. */
export type Planned = Pick<StoredSchedule, 'fields' | 'changes'>;

export const recurrenceOf = ({ fields }: Pick<StoredSchedule, 'fields'>): Recurrence => ({
  when: fields.when,
  timeZone: fields.timeZone,
  startsAt: fields.startsAt,
  endsAt: fields.endsAt,
});

/** Slots with after < at <= upTo, ascending, one an instant; skipped ones are among them, marked. A schedule that is off
 * has none. */
export function plannedSlots(schedule: Planned, after: number, upTo: number): PlannedSlot[] {
  if (!schedule.fields.enabled) return [];
  const changed = new Map(schedule.changes.map((change) => [change.slotAt, change]));
  const slots = new Map<number, PlannedSlot>();
  for (const at of slotsBetween(recurrenceOf(schedule), after, upTo)) {
    const change = changed.get(at);
    if (change === undefined) slots.set(at, { at, movedFrom: null, skipped: false });
    else if (change.movedTo === null) slots.set(at, { at, movedFrom: null, skipped: true });
  }
  if (changed.size === 0) return [...slots.values()];
  for (const { slotAt, movedTo } of schedule.changes) {
    if (movedTo === null || movedTo <= after || movedTo > upTo) continue;
    const there = slots.get(movedTo);
    if (there === undefined || there.skipped) slots.set(movedTo, { at: movedTo, movedFrom: slotAt, skipped: false });
  }
  return [...slots.values()].toSorted((one, other) => one.at - other.at);
}

/** The first slot after an instant, a skipped one too (its record is due then); null: none, or the schedule is off. */
export function nextPlanned(schedule: Planned, after: number): number | null {
  if (!schedule.fields.enabled) return null;
  const recurrence = recurrenceOf(schedule);
  const moved = new Set<number>();
  let earliest: number | null = null;
  for (const { slotAt, movedTo } of schedule.changes) {
    if (movedTo === null) continue;
    moved.add(slotAt);
    if (movedTo > after && (earliest === null || movedTo < earliest)) earliest = movedTo;
  }
  let slot = nextSlot(recurrence, after);
  while (slot !== null && moved.has(slot)) slot = nextSlot(recurrence, slot);
  if (slot === null) return earliest;
  return earliest === null ? slot : Math.min(slot, earliest);
}
