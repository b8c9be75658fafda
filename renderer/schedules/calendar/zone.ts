// Wall clocks of time zones, for drawing. Days are `YYYY-MM-DD`, instants are milliseconds, a wall time is told in
// milliseconds as if its zone were UTC, so that arithmetic on it never meets summer time.
export const minute = 60_000;
export const hour = 60 * minute;
export const dayLength = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();
/** Offsets change at whole quarters of an hour only; a calendar asks for the same few again and again. */
const offsets = new Map<string, number>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

function offsetAt(instant: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(instant / (15 * minute)) * 15 * minute;
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const parts: Record<string, number> = {};
    for (const { type, value } of formatOf(zone).formatToParts(quarter)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour: hours = 0, minute: minutes = 0, second = 0 } = parts;
    offset = Date.UTC(year, month - 1, day, hours, minutes, second) - quarter;
    if (offsets.size > 20_000) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

/** The viewer's own zone. */
export function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export function toWall(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/** As the engine places it: the first of two, and the first instant after a gap for a time that does not exist. */
export function fromWall(wall: number, zone: string): number {
  const before = wall - offsetAt(wall - dayLength, zone);
  const after = wall - offsetAt(wall + dayLength, zone);
  const fits = [before, after].filter((instant) => toWall(instant, zone) === wall);
  if (fits.length > 0) return Math.min(...fits);
  // In a gap: the change lies between the two guesses.
  let low = Math.min(before, after) - hour;
  let high = Math.max(before, after) + hour;
  while (high - low > minute) {
    const middle = Math.floor((low + high) / 2 / minute) * minute;
    if (toWall(middle, zone) < wall) low = middle;
    else high = middle;
  }
  return high;
}

const two = (value: number) => String(value).padStart(2, '0');

export function dayOfWall(wall: number): string {
  const date = new Date(wall);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

export function wallOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function dayOf(instant: number, zone: string): string {
  return dayOfWall(toWall(instant, zone));
}

/** `02:00`. */
export function timeOf(instant: number, zone: string): string {
  const date = new Date(toWall(instant, zone));
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** `2026-11-21 02:00`, as a date-time field and the rest of the page write it. */
export function dateTimeOf(instant: number, zone: string): string {
  return `${dayOf(instant, zone)} ${timeOf(instant, zone)}`;
}

export function addDays(day: string, days: number): string {
  return dayOfWall(wallOfDay(day) + days * dayLength);
}

/** The same day of another month, or its last one. */
export function addMonths(day: string, months: number): string {
  const date = new Date(wallOfDay(day));
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return dayOfWall(first.getTime() + (Math.min(date.getUTCDate(), length) - 1) * dayLength);
}

/** Weeks begin on Monday (ISO 8601). */
export function startOfWeek(day: string): string {
  const weekday = (new Date(wallOfDay(day)).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

export function startOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

/** First instant of a day in a zone. */
export function startOfDay(day: string, zone: string): number {
  return fromWall(wallOfDay(day), zone);
}

const words = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
  // Whether there is a comma after the weekday depends on the browser's age.
  return (day: string) => format.format(wallOfDay(day)).replaceAll(',', '');
};
/** `Saturday 21 November` */
export const longDay = words({ weekday: 'long', day: 'numeric', month: 'long' });
/** `Saturday 21 November 2026` */
export const fullDay = words({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
/** `Sat 21 Nov 2026` */
export const mediumDay = words({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
/** `November 2026` */
export const monthName = words({ month: 'long', year: 'numeric' });
export const shortMonth = words({ month: 'short' });
export const shortWeekday = words({ weekday: 'short' });
export const longWeekday = words({ weekday: 'long' });
const dayMonth = words({ day: 'numeric', month: 'short' });
const dayMonthYear = words({ day: 'numeric', month: 'short', year: 'numeric' });

/** `16 – 22 Nov 2026`, `30 Nov – 6 Dec 2026`. */
export function weekName(first: string): string {
  const last = addDays(first, 6);
  const left =
    first.slice(0, 7) === last.slice(0, 7)
      ? String(Number(first.slice(8)))
      : first.slice(0, 4) === last.slice(0, 4)
        ? dayMonth(first)
        : dayMonthYear(first);
  return `${left} – ${dayMonthYear(last)}`;
}

/** `Europe/Berlin` as people say it. */
export function zoneName(zone: string): string {
  return zone.replaceAll('_', ' ');
}

/** `UTC+01:00`, as it is on that day. */
export function offsetName(instant: number, zone: string): string {
  const minutes = Math.round(offsetAt(instant, zone) / minute);
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What a day of a zone has that a plain one has not: hours that do not exist or come twice. */
export function oddHours(
  day: string,
  zone: string,
): { gap: { from: number; to: number } | null; twice: { from: number; to: number } | null } {
  const midnight = wallOfDay(day);
  const begin = fromWall(midnight, zone);
  const end = fromWall(midnight + dayLength, zone);
  let gap: { from: number; to: number } | null = null;
  let twice: { from: number; to: number } | null = null;
  if (end - begin !== dayLength) {
    for (let at = begin; at < end; at += 15 * minute) {
      const jump = offsetAt(at + 15 * minute, zone) - offsetAt(at, zone);
      const wall = toWall(at, zone) + 15 * minute - midnight;
      if (jump > 0) gap = { from: wall, to: wall + jump };
      else if (jump < 0) twice = { from: wall + jump, to: wall };
    }
  }
  return { gap, twice };
}
