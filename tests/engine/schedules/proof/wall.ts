// What clocks showed, found out the slow way: by asking Intl along the whole of real time. Nothing here knows how the
// program does it.

export const iso = (instant: number): string => new Date(instant).toISOString();
export const minute = 60_000;
export const day = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock at an instant, as milliseconds of a clock that knows no zone (what Date.UTC would give for its digits). */
export function wallAt(zone: string, instant: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const digits = format.format(instant).match(/\d+/g);
  if (digits === null || digits.length !== 6) throw new Error(`Intl says ${format.format(instant)}`);
  const [month, date, year, hour, min, second] = digits.map(Number) as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, date, hour, min, second);
}

/** Instants between which the zone's offset changed, looked at every twelve hours. */
export function changesOf(zone: string, from: number, to: number): { before: number; after: number }[] {
  const found: { before: number; after: number }[] = [];
  let offset = wallAt(zone, from) - from;
  for (let at = from + day / 2; at <= to; at += day / 2) {
    const now = wallAt(zone, at) - at;
    if (now !== offset) found.push({ before: at - day / 2, after: at });
    offset = now;
  }
  return found;
}

/** A stretch of real time, minute by minute. */
export type Walk = {
  from: number;
  to: number;
  /** Wall minutes shown, lowest and highest. */
  lowest: number;
  highest: number;
  /** The first instant at which this wall minute was shown or, where it never was, the first instant after the gap. */
  firstAt(wall: number): number | undefined;
};

/** What the wall clock showed at every minute of a stretch. Where it runs alike at both ends of ten minutes it did so in
 * between: no clock is put forward and back again within ten minutes. */
function* wallMinutes(zone: string, from: number, to: number): Generator<[at: number, wall: number]> {
  const stride = 10 * minute;
  let offset = wallAt(zone, from) - from;
  for (let begin = from; begin <= to; begin += stride) {
    const later = wallAt(zone, begin + stride) - begin - stride;
    for (let at = begin; at < begin + stride && at <= to; at += minute) {
      yield [at, later === offset ? at + offset : wallAt(zone, at)];
    }
    offset = later;
  }
}

/** Walks from one whole minute to another. */
export function walk(zone: string, from: number, to: number): Walk {
  const first = new Map<number, number>();
  const gaps: { start: number; end: number; at: number }[] = [];
  let previous: number | null = null;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const [at, wall] of wallMinutes(zone, from, to)) {
    if (!first.has(wall)) first.set(wall, at);
    if (previous !== null && wall > previous + minute) gaps.push({ start: previous + minute, end: wall, at });
    lowest = Math.min(lowest, wall);
    highest = Math.max(highest, wall);
    previous = wall;
  }
  return {
    from,
    to,
    lowest,
    highest,
    firstAt: (wall) => first.get(wall) ?? gaps.find((gap) => wall >= gap.start && wall < gap.end)?.at,
  };
}

/** What a rule says about a wall clock: which days, and which minutes of them. Independent of every zone. */
export type OnTheWall = {
  day: (date: { year: number; month: number; day: number; weekday: number; last: number }) => boolean;
  /** Minutes since midnight. */
  times: number[];
};

/** The slots with after < slot <= upTo that the walk shows: docs/schedules.md, "Slots". Both must lie a day within the walk. */
export function slotsOnWalk(rule: OnTheWall, over: Walk, after: number, upTo: number): number[] {
  const found = new Set<number>();
  for (let midnight = Math.floor(over.lowest / day) * day; midnight <= over.highest; midnight += day) {
    if (!rule.day(dateOf(midnight))) continue;
    for (const time of rule.times) {
      const at = over.firstAt(midnight + time * minute);
      if (at !== undefined && at > after && at <= upTo) found.add(at);
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** `weekday`: 0 is Sunday. `last`: how many days the month has. */
export function dateOf(midnight: number) {
  const date = new Date(midnight);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    last: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  };
}

/** `02:30` as minutes since midnight. */
export const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A cron expression read by the letter of the rules page: lists, ranges, steps, names, `L`, `#`; either day where both are given. */
export function cronOnTheWall(expression: string): OnTheWall {
  const shorthands: Record<string, string> = {
    '@hourly': '0 * * * *',
    '@daily': '0 0 * * *',
    '@weekly': '0 0 * * 0',
    '@monthly': '0 0 1 * *',
    '@yearly': '0 0 1 1 *',
  };
  const fields = (shorthands[expression] ?? expression).toLowerCase().split(/ +/);
  if (fields.length !== 5) throw new Error(`not five fields: ${expression}`);
  const [minuteField, hourField, dayField, monthField, weekdayField] = fields as [string, string, string, string, string];
  const minuteSet = numbers(minuteField, 0, 59, []);
  const hourSet = numbers(hourField, 0, 23, []);
  const monthSet = numbers(monthField, 1, 12, months);
  const times: number[] = [];
  for (const hour of hourSet) for (const min of minuteSet) times.push(hour * 60 + min);
  const dayParts = dayField.split(',').filter((part) => part !== 'l');
  const daySet = dayParts.length === 0 ? new Set<number>() : numbers(dayParts.join(','), 1, 31, []);
  const lastDay = dayField.split(',').includes('l');
  const nth = weekdayField
    .split(',')
    .filter((part) => part.includes('#'))
    .map((part) => ({ weekday: weekdayNumber(part.split('#')[0] ?? ''), nth: Number(part.split('#')[1]) }));
  const plain = weekdayField.split(',').filter((part) => !part.includes('#'));
  const weekdaySet = new Set(plain.length === 0 ? [] : [...numbers(plain.join(','), 0, 7, names)].map((number) => number % 7));
  const onDay = (date: ReturnType<typeof dateOf>): boolean => daySet.has(date.day) || (lastDay && date.day === date.last);
  const onWeekday = (date: ReturnType<typeof dateOf>): boolean =>
    weekdaySet.has(date.weekday) || nth.some((one) => one.weekday === date.weekday && one.nth === Math.ceil(date.day / 7));
  return {
    times,
    day: (date) => {
      if (!monthSet.has(date.month)) return false;
      if (dayField === '*') return onWeekday(date);
      if (weekdayField === '*') return onDay(date);
      return onDay(date) || onWeekday(date);
    },
  };
}

const weekdayNumber = (text: string): number => (names.includes(text) ? names.indexOf(text) : Number(text)) % 7;

function numbers(field: string, lowest: number, highest: number, words: string[]): Set<number> {
  const number = (text: string): number => {
    const value = words.includes(text) ? words.indexOf(text) : Number(text);
    if (!Number.isInteger(value) || value < lowest || value > highest) throw new Error(`${text} in ${field}`);
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from, to] =
      range === '*'
        ? [lowest, highest]
        : range.includes('-')
          ? range.split('-').map(number)
          : [number(range), part.includes('/') ? highest : number(range)];
    for (let value = from ?? 0; value <= (to ?? 0); value += Number(step)) found.add(value);
  }
  return found;
}
