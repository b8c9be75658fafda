// The slots of a rule against oracles that know nothing of the program: a walk over every minute of real time with Intl, and
// Temporal. HOWDAH_PROPERTY_SEED repeats a run, HOWDAH_PROPERTY_CASES makes more.
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { When } from '../../../../shared/contract/schedules.ts';
import { nextSlot, requireGoodWhen, slotsBetween, type Recurrence } from '../../../../electron/engine/schedules/when/slots.ts';
import { anyWhen, awkwardTimes, fixedRules, onTheWall } from './rules.ts';
import { changesOf, cronOnTheWall, dateOf, day, minute, slotsOnWalk, walk } from './wall.ts';

const seed = Number(process.env['HOWDAH_PROPERTY_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const cases = Number(process.env['HOWDAH_PROPERTY_CASES'] ?? 400);

const zones = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Asuncion',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Norfolk',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Amman',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'UTC',
];
const from = Date.UTC(2016, 0, 1);
const to = Date.UTC(2027, 0, 1);

/** Days that other years hold: skipped ones, one that came twice, changes at midnight. */
const oddDays: [string, string][] = [
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Fakaofo', '2011-12-30'],
  ['Pacific/Kiritimati', '1994-12-31'],
  ['Pacific/Kwajalein', '1993-08-21'],
  ['America/Sao_Paulo', '2013-10-20'],
  ['Asia/Amman', '2014-03-28'],
  ['Asia/Kathmandu', '1986-01-01'],
  ['America/Caracas', '2016-05-01'],
  ['Asia/Pyongyang', '2018-05-04'],
];

const of = (when: When, timeZone: string, more: Partial<Recurrence> = {}): Recurrence => ({
  when,
  timeZone,
  startsAt: null,
  endsAt: null,
  ...more,
});
const iso = (instants: number[]): string[] => instants.map((at) => new Date(at).toISOString());
const told = (when: When, zone: string, at: number): string => `${JSON.stringify(when)} in ${zone} around ${new Date(at).toISOString()}`;

/** Compares all rules around one change, two days to each side. */
function compareAround(zone: string, change: number): void {
  const over = walk(zone, change - 3.5 * day, change + 3.5 * day);
  const after = change - 2 * day;
  const upTo = change + 2 * day;
  for (const when of fixedRules) {
    const expected = slotsOnWalk(onTheWall(when), over, after, upTo);
    expect(iso(slotsBetween(of(when, zone), after, upTo)), told(when, zone, change)).toEqual(iso(expected));
  }
}

describe('the days on which clocks change, against every minute of real time', () => {
  it.each(zones)('%s over eleven years', (zone) => {
    const changes = changesOf(zone, from, to);
    if (!['UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati'].includes(zone)) expect(changes.length).toBeGreaterThan(0);
    else changes.push({ before: Date.UTC(2020, 1, 28), after: Date.UTC(2020, 1, 29) });
    for (const change of changes) compareAround(zone, change.after);
  });

  it.each(oddDays)('%s around %s', (zone, date) => {
    const at = Date.parse(`${date}T00:00Z`);
    expect(changesOf(zone, at - 2 * day, at + 2 * day)).toHaveLength(1);
    compareAround(zone, at);
  });
});

/** Temporal's answer for one wall time. */
function byTemporal(zone: string, plain: Temporal.PlainDateTime): number {
  const zoned = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (zoned.toPlainDateTime().equals(plain)) return zoned.epochMilliseconds;
  const change = zoned.getTimeZoneTransition('next');
  if (change === null) throw new Error(`no change after ${zoned.toString()}`);
  return change.epochMilliseconds;
}

it.each(zones)('%s: daily, every day of eleven years, against Temporal', (zone) => {
  for (const time of awkwardTimes) {
    const expected = new Set<number>();
    let date = Temporal.PlainDate.from('2016-01-02');
    for (; date.year < 2026 || date.dayOfYear < 364; date = date.add({ days: 1 }))
      expected.add(byTemporal(zone, date.toPlainDateTime(time)));
    const first = byTemporal(zone, Temporal.PlainDateTime.from(`2016-01-02T${time}`));
    const last = byTemporal(zone, date.subtract({ days: 1 }).toPlainDateTime(time));
    expect(iso(slotsBetween(of({ kind: 'daily', time }, zone), first - 1, last)), `${time} in ${zone}`).toEqual(iso([...expected]));
  }
});

describe('by hand', () => {
  const next = (when: When, zone: string, after: string, count: number): string[] => {
    const found: string[] = [];
    let at: number | null = Date.parse(after);
    while (found.length < count) {
      at = nextSlot(of(when, zone), at);
      if (at === null) break;
      found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
    }
    return found;
  };
  const cron = (expression: string): When => ({ kind: 'cron', expression });

  it('a 02:30 that does not exist runs once, right after the gap', () => {
    expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-03-27T12:00Z', 3)).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
  });
  it('a 02:30 that comes twice runs once, the first time', () => {
    expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-10-23T12:00Z', 3)).toEqual([
      '2026-10-24T00:30Z',
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });
  it('asked in the second of the two hours, the first is over', () => {
    expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-10-25T00:45Z', 1)).toEqual(['2026-10-26T01:30Z']);
  });
  it('Lord Howe goes forward by half an hour', () => {
    expect(next({ kind: 'daily', time: '02:15' }, 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2)).toEqual([
      '2026-10-03T15:30Z',
      '2026-10-04T15:15Z',
    ]);
  });
  it('a day that never was has its slots at the first instant after it, once', () => {
    expect(next({ kind: 'daily', time: '12:00' }, 'Pacific/Apia', '2011-12-29T00:00Z', 3)).toEqual([
      '2011-12-29T22:00Z',
      '2011-12-30T10:00Z',
      '2011-12-30T22:00Z',
    ]);
    expect(next({ kind: 'hourly', fromHour: 0, toHour: 23, minute: 0, days: [] }, 'Pacific/Apia', '2011-12-30T08:30Z', 3)).toEqual([
      '2011-12-30T09:00Z',
      '2011-12-30T10:00Z',
      '2011-12-30T11:00Z',
    ]);
  });
  it('hourly past midnight: the day is that of the slot', () => {
    expect(next({ kind: 'hourly', fromHour: 22, toHour: 1, minute: 0, days: ['sat'] }, 'UTC', '2026-11-20T12:00Z', 5)).toEqual([
      '2026-11-21T00:00Z',
      '2026-11-21T01:00Z',
      '2026-11-21T22:00Z',
      '2026-11-21T23:00Z',
      '2026-11-28T00:00Z',
    ]);
  });
  it('the 31st of a shorter month is its last day', () => {
    expect(next({ kind: 'monthly', day: 31, time: '02:00' }, 'UTC', '2028-01-31T12:00Z', 3)).toEqual([
      '2028-02-29T02:00Z',
      '2028-03-31T02:00Z',
      '2028-04-30T02:00Z',
    ]);
  });
  it.each<[string, string, string[]]>([
    [
      '0 2 13 * FRI',
      '2026-11-07T00:00Z',
      ['2026-11-13T02:00Z', '2026-11-20T02:00Z', '2026-11-27T02:00Z', '2026-12-04T02:00Z', '2026-12-11T02:00Z', '2026-12-13T02:00Z'],
    ],
    ['0 2 L * *', '2027-01-31T03:00Z', ['2027-02-28T02:00Z', '2027-03-31T02:00Z']],
    ['0 2 * * MON#1', '2026-11-21T00:00Z', ['2026-12-07T02:00Z', '2027-01-04T02:00Z']],
    ['0 2 * * 1#5', '2026-11-21T00:00Z', ['2026-11-30T02:00Z', '2027-03-29T02:00Z']],
    [
      '*/20 8-9 * * *',
      '2026-11-21T08:30Z',
      ['2026-11-21T08:40Z', '2026-11-21T09:00Z', '2026-11-21T09:20Z', '2026-11-21T09:40Z', '2026-11-22T08:00Z'],
    ],
    ['5-59/25 0 1 jan,jul *', '2026-11-21T00:00Z', ['2027-01-01T00:05Z', '2027-01-01T00:30Z', '2027-01-01T00:55Z', '2027-07-01T00:05Z']],
    ['0 0 29 2 *', '2026-11-21T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 * * 7', '2026-11-21T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
    ['0 0 * * Mon-Wed', '2026-11-21T00:00Z', ['2026-11-23T00:00Z', '2026-11-24T00:00Z', '2026-11-25T00:00Z', '2026-11-30T00:00Z']],
    ['@weekly', '2026-11-21T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
    ['@monthly', '2026-11-21T00:00Z', ['2026-12-01T00:00Z']],
    ['@yearly', '2026-11-21T00:00Z', ['2027-01-01T00:00Z']],
  ])('cron %s', (expression, after, expected) => {
    expect(next(cron(expression), 'UTC', after, expected.length)).toEqual(expected);
  });
  it('a 29 February across a century that has none', () => {
    expect(next(cron('0 0 29 2 *'), 'UTC', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-29T00:00Z']);
  });
  it.each([
    '',
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '0 0 32 * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '0 0 * * MON#6',
    '0 0 30 2 *',
    '0 0 31 4,6 *',
    '*/0 * * * *',
    'x * * * *',
    '@never',
    '* * * * * *',
    '* * * * * * *',
  ])('refuses cron %j', (expression) => {
    expect(() => requireGoodWhen(cron(expression))).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
  it('takes the good ones', () => {
    for (const when of fixedRules) expect(() => requireGoodWhen(when)).not.toThrow();
  });
});

describe(`properties, seed ${seed}`, () => {
  const options = { seed, numRuns: cases };
  const zone = fc.constantFrom(...zones);
  const anInstant = fc.integer({ min: Date.UTC(2015, 0, 5) / 1000, max: Date.UTC(2027, 0, 1) / 1000 }).map((seconds) => seconds * 1000);
  /** Near a change of clocks, three times in four. */
  const place = zone.chain((name) => {
    const changes = changesCached(name);
    const near =
      changes.length === 0
        ? anInstant
        : fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -2880, max: 2880 })).map(([change, by]) => change.after + by * minute);
    return fc.tuple(fc.constant(name), fc.oneof({ arbitrary: near, weight: 3 }, anInstant));
  });

  it('any rule anywhere: no slot lost, none doubled', () => {
    fc.assert(
      fc.property(anyWhen, place, fc.integer({ min: 1, max: 4 * 1440 }), (when, [name, start], length) => {
        const middle = Math.floor(start / minute) * minute;
        const over = walk(name, middle - 2 * day, middle + length * minute + 2 * day);
        const upTo = start + length * minute;
        expect(iso(slotsBetween(of(when, name), start, upTo)), told(when, name, start)).toEqual(
          iso(slotsOnWalk(onTheWall(when), over, start, upTo)),
        );
      }),
      { ...options, numRuns: Math.ceil(cases / 2) },
    );
  });

  it('an interval cut anywhere gives the same slots; ascending, whole minutes', () => {
    fc.assert(
      fc.property(
        anyWhen,
        place,
        fc.array(fc.integer({ min: 0, max: 40 * day }), { minLength: 2, maxLength: 5 }),
        (when, [name, start], cuts) => {
          const ends = cuts.map((cut) => start + cut).sort((one, other) => one - other);
          const whole = slotsBetween(of(when, name), start, ends.at(-1) ?? start);
          const pieces = ends.flatMap((end, n) => slotsBetween(of(when, name), n === 0 ? start : (ends[n - 1] ?? start), end));
          expect(iso(pieces)).toEqual(iso(whole));
          for (const [n, at] of whole.entries()) {
            expect(at % minute).toBe(0);
            expect(at).toBeGreaterThan(n === 0 ? start : (whole[n - 1] ?? Infinity));
          }
        },
      ),
      options,
    );
  });

  it('cut exactly at a slot: it belongs to the first piece', () => {
    fc.assert(
      fc.property(anyWhen, place, (when, [name, start]) => {
        const [first] = slotsBetween(of(when, name), start, start + 400 * day);
        fc.pre(first !== undefined);
        expect(slotsBetween(of(when, name), start, first)).toEqual([first]);
        expect(slotsBetween(of(when, name), start, first - 1)).toEqual([]);
        expect(slotsBetween(of(when, name), first, first)).toEqual([]);
        expect(slotsBetween(of(when, name), first - 1, first)).toEqual([first]);
      }),
      options,
    );
  });

  it('next is the first of between', () => {
    fc.assert(
      fc.property(anyWhen, place, (when, [name, start]) => {
        const next = nextSlot(of(when, name), start);
        const first = slotsBetween(of(when, name), start, start + 800 * day)[0] ?? null;
        if (first !== null) expect(next).toBe(first);
        else expect(next ?? Infinity).toBeGreaterThan(start + 800 * day);
      }),
      options,
    );
  });

  it('no slot before startsAt, none at or after endsAt, all between', () => {
    fc.assert(
      fc.property(
        anyWhen,
        place,
        fc.tuple(fc.nat(20 * day), fc.nat(20 * day)),
        fc.boolean(),
        (when, [name, start], [one, other], onSlot) => {
          const all = slotsBetween(of(when, name), start, start + 25 * day);
          let low = start + Math.min(one, other);
          let high = start + Math.max(one, other) + 1;
          if (onSlot && all.length > 1) [low, high] = [all[0] ?? low, all.at(-1) ?? high];
          const bounded = of(when, name, { startsAt: new Date(low).toISOString(), endsAt: new Date(high).toISOString() });
          const expected = all.filter((at) => at >= low && at < high);
          expect(iso(slotsBetween(bounded, start, start + 25 * day))).toEqual(iso(expected));
          expect(nextSlot(bounded, start)).toBe(expected[0] ?? null);
          expect(nextSlot(bounded, high)).toBeNull();
        },
      ),
      options,
    );
  });

  it('the oracle itself: a day has its slots where nothing changes', () => {
    const midnight = Date.UTC(2026, 10, 21);
    expect(dateOf(midnight)).toEqual({ year: 2026, month: 11, day: 21, weekday: 6, last: 30 });
    expect(cronOnTheWall('30 2 * * *').times).toEqual([150]);
    const over = walk('Asia/Kathmandu', midnight - day, midnight + day);
    expect(iso(slotsOnWalk(cronOnTheWall('30 2 * * *'), over, midnight - day / 2, midnight + day / 2))).toEqual([
      '2026-11-20T20:45:00.000Z',
    ]);
  });
});

const cached = new Map<string, { before: number; after: number }[]>();
function changesCached(zone: string): { before: number; after: number }[] {
  const known = cached.get(zone) ?? changesOf(zone, from, to);
  cached.set(zone, known);
  return known;
}
