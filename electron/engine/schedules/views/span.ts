// Instants as they come in, and the days of a viewer's zone.
import { HowdahError } from '../../../../shared/errors.ts';
import { instantOf, wallOf } from '../when/zones.ts';

const dayMs = 86_400_000;

/** A calendar day of a zone: from <= instant < to. Milliseconds since 1970. */
export type Day = { day: string; from: number; to: number };

/** Errors: BAD_INPUT. */
export function instant(text: string, what: string): number {
  const at = /^[+\d-]/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new HowdahError('BAD_INPUT', `"${text}" is not a time (${what}).`, {
    hint: 'ISO 8601, best in UTC: 2026-11-21T02:00:00Z.',
  });
}

/** The days of `zone` that the time touches; the first and the last may be cut by it. Days that the zone skipped are not
 * among them. */
export function daysOf(from: number, to: number, zone: string): Day[] {
  const days: Day[] = [];
  for (let wall = Math.floor(wallOf(from, zone) / dayMs) * dayMs; ; wall += dayMs) {
    const begins = Math.max(from, instantOf(wall, zone));
    if (begins >= to) return days;
    const ends = Math.min(to, instantOf(wall + dayMs, zone));
    if (ends > begins) days.push({ day: new Date(wall).toISOString().slice(0, 10), from: begins, to: ends });
  }
}
