// Cron expressions on the wall clock. Croner reads them; since hours and minutes are the same on every day that an expression
// names, it is asked for the days and for the times of one day, and both answers are kept.
import { Cron } from 'croner';
import { HowdahError } from '../../../../shared/errors.ts';
import { formatNumber } from '../../../../shared/format.ts';

export type WallCron = {
  /** Minutes after midnight, ascending. */
  times: number[];
  /** The first day at or after `day` that the expression names (days since 1970); null: none ever. */
  dayFrom: (day: number) => number | null;
};

const dayLength = 86_400_000;
/** The four-year cycle, a century without a leap day, and each date on each weekday. */
const farthest = 50 * 366;

const nicknames = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

const hint =
  'Five fields, minute hour day-of-month month day-of-week: "30 2 * * *" (02:30 every day), "*/15 9-17 * * mon-fri", "0 3 L * *" (last day of the month), "0 3 * * sun#1" (first Sunday); or @hourly, @daily, @weekly, @monthly, @yearly.';

const crons = new Map<string, WallCron>();
const dayFields = new Map<string, (day: number) => number | null>();
const timeFields = new Map<string, number[]>();

/** Errors: BAD_INPUT (not a cron expression; it never comes). */
export function wallCron(expression: string): WallCron {
  let cron = crons.get(expression);
  if (cron === undefined) {
    if (crons.size > 10_000) crons.clear();
    cron = read(expression);
    crons.set(expression, cron);
  }
  return cron;
}

function read(expression: string): WallCron {
  const trimmed = expression.trim();
  const fields = (nicknames.get(trimmed.toLowerCase()) ?? trimmed).split(/\s+/);
  if (fields.length !== 5) {
    throw new HowdahError(
      'BAD_INPUT',
      `"${expression}" is not a cron expression: it has ${formatNumber(fields.length, 'field')}, not five.`,
      { hint },
    );
  }
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  const times = kept(timeFields, `${minute} ${hour}`, () => timesOf(minute, hour, expression));
  const dayFrom = kept(dayFields, `${dayOfMonth} ${month} ${dayOfWeek}`, () => daysOf(dayOfMonth, month, dayOfWeek, expression));
  return { times, dayFrom };
}

function timesOf(minute: string, hour: string, expression: string): number[] {
  const cron = croner(`${minute} ${hour} * * *`, expression);
  const times: number[] = [];
  for (let at = cron.nextRun(new Date(-1)); at !== null && at.getTime() < dayLength; at = cron.nextRun(at))
    times.push(at.getTime() / 60_000);
  return times;
}

function daysOf(dayOfMonth: string, month: string, dayOfWeek: string, expression: string): (day: number) => number | null {
  const cron = croner(`0 0 ${dayOfMonth} ${month} ${dayOfWeek}`, expression);
  const everyDay = [dayOfMonth, month, dayOfWeek].every((field) => field === '*');
  const ask = (from: number): number | null => {
    const next = cron.nextRun(new Date(from * dayLength - 1));
    const found = next === null ? null : Math.floor(next.getTime() / dayLength);
    return found === null || found - from > farthest ? null : found;
  };
  if (!everyDay && ask(Math.floor(Date.UTC(2000, 0, 1) / dayLength)) === null) {
    throw new HowdahError('BAD_INPUT', `The cron expression "${expression}" never comes: no month has such a day.`, { hint });
  }
  if (everyDay) return (day) => day;
  // For each day that was asked for: the answer, and with it the answer of all days between.
  const answers = new Map<number, number | null>();
  return (day) => {
    let answer = answers.get(day);
    if (answer === undefined) {
      if (answers.size > 20_000) answers.clear();
      answer = ask(day);
      for (let each = day; each <= Math.min(answer ?? day, day + 400); each++) answers.set(each, answer);
    }
    return answer;
  };
}

/** Read as UTC, where every wall time comes once. */
function croner(pattern: string, expression: string): Cron {
  try {
    return new Cron(pattern, { utcOffset: 0, mode: '5-part' });
  } catch (thrown) {
    const said = (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^CronPattern: /, '');
    throw new HowdahError('BAD_INPUT', `"${expression}" is not a cron expression.`, { hint, detail: said, cause: thrown });
  }
}

function kept<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) {
    if (known.size > 10_000) known.clear();
    value = make();
    known.set(key, value);
  }
  return value;
}
