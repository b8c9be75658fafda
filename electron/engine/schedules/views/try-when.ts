// The next slots of a rule that is not saved yet, and what clock changes do to it.
import type { When } from '../../../../shared/contract/schedules.ts';
import { whenWords } from '../../../../shared/schedules/text.ts';
import { iso } from '../store.ts';
import { nextSlot, requireGoodWhen } from '../when/slots.ts';
import { wallSlots } from '../when/wall-slots.ts';
import { clockChanges } from '../when/zones.ts';

const yearMs = 366 * 86_400_000;
const notesAtMost = 4;

/** Errors: BAD_INPUT (cron). `now`: milliseconds since 1970. */
export function tryRule(when: When, timeZone: string, count: number, now: number): { words: string; next: string[]; notes: string[] } {
  requireGoodWhen(when);
  const next: string[] = [];
  const recurrence = { when, timeZone, startsAt: null, endsAt: null };
  for (let at = nextSlot(recurrence, now); at !== null && next.length < count; at = nextSlot(recurrence, at)) next.push(iso(at));
  return { words: whenWords(when, timeZone), next, notes: notesOf(when, timeZone, now) };
}

/** What happens to its slots where the clock is changed, in the year that comes. */
export function notesOf(when: When, timeZone: string, now: number): string[] {
  const notes: string[] = [];
  for (const { before, after } of clockChanges(now, now + yearMs, timeZone)) {
    const forward = after > before;
    const [low, high] = forward ? [before, after] : [after, before];
    const walls = wallSlots(when, low - 1, high - 1);
    const [first] = walls;
    const last = walls.at(-1);
    if (first === undefined || last === undefined) continue;
    const many = walls.length > 1;
    const times =
      walls.length === 2 ? `${timeOf(first)} and ${timeOf(last)}` : many ? `${timeOf(first)} to ${timeOf(last)}` : timeOf(first);
    const where = `on ${dateOf(first)} in ${timeZone}`;
    if (forward) {
      const then = dateOf(after) === dateOf(first) ? timeOf(after) : `${timeOf(after)} on ${dateOf(after)}`;
      notes.push(`${times} ${many ? 'do' : 'does'} not exist ${where}: ${many ? 'they run once,' : 'it runs'} at ${then}.`);
    } else {
      notes.push(`${times} ${many ? 'come' : 'comes'} twice ${where}: ${many ? 'each runs' : 'it runs'} once, the first time.`);
    }
  }
  return notes.slice(0, notesAtMost);
}

const timeOf = (wall: number): string => iso(wall).slice(11, 16);
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `29 March 2026`. */
function dateOf(wall: number): string {
  const date = new Date(wall);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${date.getUTCFullYear()}`;
}
