// When a schedule's slots come: its rule on the wall clock, placed on the time line by its zone (docs/schedules.md, Slots).
import type { ScheduleFields, When } from '../../../../shared/contract/schedules.ts';
import { highestWall, instantOf, steadyOffset, wallOf } from './zones.ts';
import { nextWall, wallSlots } from './wall-slots.ts';

export type Recurrence = Pick<ScheduleFields, 'when' | 'timeZone' | 'startsAt' | 'endsAt'>;

/** Beyond it dates are no longer dates. */
const endOfTime = Date.UTC(9999, 11, 31);

/** The slots with after < slot <= upTo, ascending, each instant once. Milliseconds since 1970, UTC. Moves and skips by hand are
 * not looked at. Errors: BAD_INPUT (cron). */
export function slotsBetween(recurrence: Recurrence, after: number, upTo: number): number[] {
  const { from, to } = bounds(recurrence);
  const low = Math.max(after, from - 1);
  const high = Math.min(upTo, to - 1, endOfTime);
  if (!(low < high)) return [];
  const { when, timeZone } = recurrence;
  const offset = steadyOffset(low, high, timeZone);
  if (offset !== null) {
    const slots = wallSlots(when, low + offset, high + offset);
    for (let index = 0; index < slots.length; index++) slots[index] = (slots[index] as number) - offset;
    return slots;
  }
  const slots: number[] = [];
  let last = low;
  // The clock first shows a wall time no sooner than it shows an earlier one, so instants ascend with wall times.
  for (const wall of wallSlots(when, wallOf(low, timeZone), highestWall(high, timeZone))) {
    const slot = instantOf(wall, timeZone);
    if (slot > last && slot <= high) {
      slots.push(slot);
      last = slot;
    }
  }
  return slots;
}

/** The first slot after `after`; null: none comes any more. Milliseconds since 1970, UTC. Errors: BAD_INPUT (cron). */
export function nextSlot(recurrence: Recurrence, after: number): number | null {
  const { from, to } = bounds(recurrence);
  const low = Math.max(after, from - 1);
  const { when, timeZone } = recurrence;
  if (low >= Math.min(to - 1, endOfTime)) return null;
  let wall = nextWall(when, wallOf(low, timeZone));
  while (wall !== null) {
    const slot = instantOf(wall, timeZone);
    if (slot >= to || slot > endOfTime) return null;
    if (slot > low) return slot;
    wall = nextWall(when, wall);
  }
  return null;
}

/** Errors: BAD_INPUT (a cron expression that is wrong or never comes). */
export function requireGoodWhen(when: When): void {
  nextWall(when, 0);
}

function bounds(recurrence: Recurrence): { from: number; to: number } {
  return {
    from: recurrence.startsAt === null ? Number.NEGATIVE_INFINITY : Date.parse(recurrence.startsAt),
    to: recurrence.endsAt === null ? Number.POSITIVE_INFINITY : Date.parse(recurrence.endsAt),
  };
}
