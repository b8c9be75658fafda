// A rule as people type it (`weekly mon,thu 02:00`) and as they read it (`every Monday and Thursday at 02:00`).
import { weekdays, type Weekday, type When } from '../contract/schedules.ts';
import { assertNever, HowdahError } from '../errors.ts';

const examples =
  'For example: "hourly 9-17", "hourly 9-17 :30 mon-fri", "daily 02:00", "weekly mon,thu 02:00", "monthly 1 02:00", "monthly last 02:00", or "cron 0 2 * * mon".';

/** Errors: BAD_INPUT. */
export function parseWhen(text: string): When {
  const bad = (why: string): HowdahError => new HowdahError('BAD_INPUT', `"${text}" is not a time to run: ${why}.`, { hint: examples });
  const words = text.trim().split(/\s+/);
  const [given = '', ...rest] = words;
  const kind = given.toLowerCase();
  switch (kind) {
    case 'hourly':
      return parseHourly(rest, bad);
    case 'daily':
      requireCount(rest, 1, bad, 'daily needs a time');
      return { kind, time: parseTime(rest[0] ?? '', bad) };
    case 'weekly':
      requireCount(rest, 2, bad, 'weekly needs days and a time');
      return { kind, days: parseDays(rest[0] ?? '', bad), time: parseTime(rest[1] ?? '', bad) };
    case 'monthly':
      requireCount(rest, 2, bad, 'monthly needs a day and a time');
      return { kind, day: parseDayOfMonth(rest[0] ?? '', bad), time: parseTime(rest[1] ?? '', bad) };
    case 'cron':
      if (rest.length === 0) throw bad('cron needs an expression');
      return { kind, expression: rest.join(' ') };
    default:
      throw bad('it begins with none of hourly, daily, weekly, monthly and cron');
  }
}

/** What `parseWhen` reads back as the same rule. */
export function whenText(when: When): string {
  switch (when.kind) {
    case 'hourly':
      return [
        `hourly ${when.fromHour}-${when.toHour}`,
        ...(when.minute === 0 ? [] : [`:${two(when.minute)}`]),
        ...(when.days.length === 0 ? [] : [daysText(when.days)]),
      ].join(' ');
    case 'daily':
      return `daily ${when.time}`;
    case 'weekly':
      return `weekly ${daysText(when.days)} ${when.time}`;
    case 'monthly':
      return `monthly ${when.day} ${when.time}`;
    case 'cron':
      return `cron ${when.expression}`;
    default:
      return assertNever(when);
  }
}

/** `every day at 02:00 (Europe/Berlin)`. */
export function whenWords(when: When, timeZone?: string): string {
  const zone = timeZone === undefined ? '' : ` (${timeZone})`;
  return `${ruleWords(when)}${zone}`;
}

/** `90s`, `90m`, `2h`, `1d`, `1w`, `1h30m`: seconds. Errors: BAD_INPUT. */
export function parseSpan(text: string): number {
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const trimmed = text.trim().toLowerCase();
  if (!/^(\d{1,9}[smhdw])+$/.test(trimmed)) {
    throw new HowdahError('BAD_INPUT', `"${text}" is not a length of time.`, {
      hint: 'A number and its unit: "90m", "2h", "1d"; or several: "1h30m".',
    });
  }
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+)([smhdw])/g)) total += Number(count) * seconds[unit as keyof typeof seconds];
  return total;
}

type Bad = (why: string) => HowdahError;

function requireCount(rest: string[], count: number, bad: Bad, why: string): void {
  if (rest.length < count) throw bad(why);
  if (rest.length > count) throw bad(`there is too much after "${rest[count - 1] ?? ''}"`);
}

function parseHourly(rest: string[], bad: Bad): When {
  const left = [...rest];
  let fromHour = 0;
  let toHour = 23;
  let minute = 0;
  let days: Weekday[] = [];
  const hours = /^(\d{1,2})-(\d{1,2})$/.exec(left[0] ?? '');
  if (hours !== null) {
    left.shift();
    fromHour = Number(hours[1]);
    toHour = Number(hours[2]);
    if (fromHour > 23 || toHour > 23) throw bad('hours go from 0 to 23');
  }
  const minutes = /^:(\d{2})$/.exec(left[0] ?? '');
  if (minutes !== null) {
    left.shift();
    minute = Number(minutes[1]);
    if (minute > 59) throw bad('minutes go from :00 to :59');
  }
  const last = left.shift();
  if (last !== undefined) days = parseDays(last, bad);
  if (left.length > 0) throw bad(`there is too much after "${last ?? ''}"`);
  return { kind: 'hourly', fromHour, toHour, minute, days };
}

function parseTime(text: string, bad: Bad): string {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null || Number(match[1]) > 23 || Number(match[2]) > 59) throw bad(`"${text}" is not a time from 00:00 to 23:59`);
  return `${two(Number(match[1]))}:${match[2] ?? ''}`;
}

function parseDayOfMonth(text: string, bad: Bad): number | 'last' {
  if (text.toLowerCase() === 'last') return 'last';
  const day = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (day < 1 || day > 31) throw bad(`"${text}" is not a day from 1 to 31, nor "last"`);
  return day;
}

/** `mon,thu`, `mon-fri`, `sat-mon`; in the week's order. */
function parseDays(text: string, bad: Bad): Weekday[] {
  const named = new Set<Weekday>();
  const dayNamed = (name: string): number => {
    const index = weekdays.findIndex((day) => day === name || fullNames[day].toLowerCase() === name);
    if (index === -1) throw bad(`"${name}" is not one of ${weekdays.join(', ')}`);
    return index;
  };
  for (const part of text.toLowerCase().split(',')) {
    const ends = part.split('-');
    if (ends.length > 2) throw bad(`"${part}" is not a range of days`);
    const first = dayNamed(ends[0] ?? '');
    const last = dayNamed(ends[1] ?? ends[0] ?? '');
    for (let index = first; ; index = (index + 1) % 7) {
      named.add(weekdays[index] as Weekday);
      if (index === last) break;
    }
  }
  return weekdays.filter((day) => named.has(day));
}

/** `mon-fri` where three or more follow on each other, else `mon,thu`. */
function daysText(days: readonly Weekday[]): string {
  const inOrder = weekdays.filter((day) => days.includes(day));
  const first = weekdays.indexOf(inOrder[0] ?? 'mon');
  const together = inOrder.every((day, index) => weekdays.indexOf(day) === first + index);
  return together && inOrder.length > 2 ? `${inOrder[0] ?? ''}-${inOrder.at(-1) ?? ''}` : inOrder.join(',');
}

function ruleWords(when: When): string {
  switch (when.kind) {
    case 'hourly':
      return hourlyWords(when);
    case 'daily':
      return `every day at ${when.time}`;
    case 'weekly':
      return `every ${daysWords(when.days)} at ${when.time}`;
    case 'monthly': {
      if (when.day === 'last') return `on the last day of every month at ${when.time}`;
      const shorter = when.day > 28 ? ' (the last day where the month is shorter)' : '';
      return `on the ${ordinal(when.day)} of every month${shorter} at ${when.time}`;
    }
    case 'cron':
      return `cron ${when.expression}`;
    default:
      return assertNever(when);
  }
}

function hourlyWords(when: Extract<When, { kind: 'hourly' }>): string {
  const all = when.fromHour === 0 && when.toHour === 23;
  const on = when.days.length === 0 || when.days.length === 7 ? '' : `, ${daysWords(when.days)}`;
  const time = (hour: number): string => `${two(hour)}:${two(when.minute)}`;
  if (all) return `every hour${when.minute === 0 ? '' : ` at :${two(when.minute)}`}${on}`;
  if (when.fromHour === when.toHour) return `at ${time(when.fromHour)}${on === '' ? ' every day' : on}`;
  return `every hour from ${time(when.fromHour)} to ${time(when.toHour)}${on}`;
}

/** `Monday and Thursday`, `Monday to Friday`, `day` for all seven. */
function daysWords(days: readonly Weekday[]): string {
  const inOrder = weekdays.filter((day) => days.includes(day));
  if (inOrder.length === 7) return 'day';
  const text = daysText(inOrder);
  if (text.includes('-')) return `${fullNames[inOrder[0] ?? 'mon']} to ${fullNames[inOrder.at(-1) ?? 'sun']}`;
  const names = inOrder.map((day) => fullNames[day]);
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

const fullNames: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

const two = (number: number): string => String(number).padStart(2, '0');

function ordinal(day: number): string {
  const last = day % 10;
  if (last === 1 && day !== 11) return `${day}st`;
  if (last === 2 && day !== 12) return `${day}nd`;
  if (last === 3 && day !== 13) return `${day}rd`;
  return `${day}th`;
}
