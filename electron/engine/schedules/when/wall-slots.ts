// A rule on the wall clock alone, as if there were no zones: which days, and which times of each.
import { weekdays, type Weekday, type When } from '../../../../shared/contract/schedules.ts';
import { assertNever } from '../../../../shared/errors.ts';
import { wallCron } from './cron.ts';

/** What of a day a rule names. */
type DayRule = {
  /** Minutes after midnight, ascending. */
  times: number[];
  /** The first day at or after `day` that has them (days since 1970-01-01); null: none. */
  dayFrom: (day: number) => number | null;
};

const minuteLength = 60_000;
const dayLength = 86_400_000;
const rules = new WeakMap<When, DayRule>();

/** Wall times (as milliseconds of the same digits in UTC) with after < wall <= upTo, ascending. Errors: BAD_INPUT (cron). */
export function wallSlots(when: When, after: number, upTo: number): number[] {
  const { times, dayFrom } = dayRule(when);
  const slots: number[] = [];
  for (let day = dayFrom(Math.floor(after / dayLength)); day !== null; day = dayFrom(day + 1)) {
    const midnight = day * dayLength;
    if (midnight > upTo) break;
    for (const time of times) {
      const wall = midnight + time * minuteLength;
      if (wall > upTo) break;
      if (wall > after) slots.push(wall);
    }
  }
  return slots;
}

/** The first wall time after `after`; null: none. Errors: BAD_INPUT (cron). */
export function nextWall(when: When, after: number): number | null {
  const { times, dayFrom } = dayRule(when);
  for (let day = dayFrom(Math.floor(after / dayLength)); day !== null; day = dayFrom(day + 1)) {
    for (const time of times) {
      const wall = day * dayLength + time * minuteLength;
      if (wall > after) return wall;
    }
  }
  return null;
}

/** The minutes after midnight at which the rule has slots on its days. Errors: BAD_INPUT (cron). */
export const timesOfDay = (when: When): number[] => dayRule(when).times;

export const weekdayOf = (day: number): Weekday => weekdays[(((day + 3) % 7) + 7) % 7] as Weekday;

function dayRule(when: When): DayRule {
  let rule = rules.get(when);
  if (rule === undefined) {
    rule = makeRule(when);
    rules.set(when, rule);
  }
  return rule;
}

function makeRule(when: When): DayRule {
  switch (when.kind) {
    case 'hourly':
      return { times: hoursOf(when.fromHour, when.toHour).map((hour) => hour * 60 + when.minute), dayFrom: onDays(when.days) };
    case 'daily':
      return { times: [minutesOf(when.time)], dayFrom: onDays([]) };
    case 'weekly':
      return { times: [minutesOf(when.time)], dayFrom: onDays(when.days) };
    case 'monthly':
      return { times: [minutesOf(when.time)], dayFrom: onDayOfMonth(when.day) };
    case 'cron':
      return wallCron(when.expression);
    default:
      return assertNever(when);
  }
}

function hoursOf(from: number, to: number): number[] {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return hours.filter((hour) => (from <= to ? hour >= from && hour <= to : hour >= from || hour <= to));
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

function onDays(days: readonly Weekday[]): DayRule['dayFrom'] {
  if (days.length === 0) return (day) => day;
  return (day) => {
    let found = day;
    while (!days.includes(weekdayOf(found))) found += 1;
    return found;
  };
}

function onDayOfMonth(wanted: number | 'last'): DayRule['dayFrom'] {
  return (day) => {
    const date = new Date(day * dayLength);
    const inMonth = (months: number): number => {
      const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0) / dayLength;
      const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / dayLength;
      return wanted === 'last' ? last : Math.min(first + wanted - 1, last);
    };
    const here = inMonth(0);
    return here >= day ? here : inMonth(1);
  };
}
