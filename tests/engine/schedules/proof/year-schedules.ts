// The schedules that live through the year, and their slots by the oracle.
import { scheduleFields, type ScheduleFields } from '../../../../shared/contract/schedules.ts';
import { onTheWall } from './rules.ts';
import { day, slotsOnWalk, walk, type Walk } from './wall.ts';

/** Slots with after < at <= upTo, ascending. */
export type Slots = (after: number, upTo: number) => number[];

const walks = new Map<string, Walk>();
/** The oracle's slots of a rule over the simulated year, found once. */
export function slotsOf(fields: ScheduleFields, start: number, end: number): Slots {
  const from = start - 4 * day;
  const to = end + 12 * day;
  let over = walks.get(fields.timeZone);
  if (over === undefined) walks.set(fields.timeZone, (over = walk(fields.timeZone, from, to)));
  const all = slotsOnWalk(onTheWall(fields.when), over, from + 2 * day, to - 2 * day);
  return (after, upTo) => {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (let n = low; n < all.length && (all[n] ?? Infinity) <= upTo; n++) found.push(all[n] ?? 0);
    return found;
  };
}

/** One of every kind, zone, policy and overlap. */
export const schedulesOfTheYear = (profileId: string): ScheduleFields[] => {
  const backup = { kind: 'backup' as const, profileId };
  const make = (name: string, timeZone: string, more: object): ScheduleFields =>
    scheduleFields.parse({ name, timeZone, task: backup, ...more });
  return [
    make('hourly', 'Europe/Berlin', {
      when: { kind: 'hourly', fromHour: 9, toHour: 17 },
      overlap: 'skip',
      missed: { kind: 'runOnce' },
      retries: 1,
    }),
    make('night hours', 'America/New_York', {
      when: { kind: 'hourly', fromHour: 22, toHour: 3, minute: 30, days: ['sat', 'sun', 'mon'] },
      overlap: 'queue',
      missed: { kind: 'grace', seconds: 7200 },
      windowEnd: '04:15',
    }),
    make('nightly', 'America/New_York', {
      when: { kind: 'daily', time: '02:30' },
      overlap: 'skip',
      missed: { kind: 'grace', seconds: 10_800 },
      retries: 3,
    }),
    make('nightly too', 'Europe/Berlin', {
      when: { kind: 'daily', time: '02:30' },
      overlap: 'cancel',
      missed: { kind: 'runOnce' },
      retries: 0,
    }),
    make('weekly', 'Australia/Lord_Howe', {
      when: { kind: 'weekly', days: ['mon', 'thu', 'sun'], time: '02:15' },
      overlap: 'queue',
      missed: { kind: 'runOnce' },
    }),
    make('monthly', 'UTC', { when: { kind: 'monthly', day: 'last', time: '23:59' }, missed: { kind: 'skip' } }),
    make('six a day', 'UTC', {
      when: { kind: 'cron', expression: '0 */4 * * *' },
      overlap: 'cancel',
      missed: { kind: 'skip' },
      retries: 5,
    }),
    make('office', 'Europe/Berlin', {
      when: { kind: 'cron', expression: '15,45 8-11 * * MON-FRI' },
      overlap: 'queue',
      missed: { kind: 'runOnce' },
      retries: 2,
    }),
  ];
};
