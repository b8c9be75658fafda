// The slots of a rule against oracles that know nothing of the program: a walk over every minute of real time with Intl, and
// Temporal.
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { slotsBetween } from '../../../../electron/engine/schedules/when/slots.ts';
import { thorough } from '../../../support/thorough.ts';
import { awkwardTimes, fixedRules, onTheWall } from './rules.ts';
import { changesOf, day, slotsOnWalk, walk } from './wall.ts';
import { from, iso, of, oneOfEachKind, to, told, zones } from './zones.ts';

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
  const years = thorough ? 'eleven years' : 'two years';
  it.each(thorough ? zones : oneOfEachKind)(`%s over ${years}: every slot is where a walk over every minute finds it`, (zone) => {
    const changes = changesOf(zone, thorough ? from : Date.UTC(2025, 0, 1), to);
    if (!['UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati'].includes(zone)) expect(changes.length).toBeGreaterThan(0);
    else changes.push({ before: Date.UTC(2020, 1, 28), after: Date.UTC(2020, 1, 29) });
    for (const change of changes) compareAround(zone, change.after);
  });

  it.each(oddDays)(
    '%s around %s, a day that was skipped, doubled or cut at midnight: every slot is where the walk finds it',
    (zone, date) => {
      const at = Date.parse(`${date}T00:00Z`);
      expect(changesOf(zone, at - 2 * day, at + 2 * day)).toHaveLength(1);
      compareAround(zone, at);
    },
  );
});

/** Temporal's answer for one wall time. */
function byTemporal(zone: string, plain: Temporal.PlainDateTime): number {
  const zoned = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (zoned.toPlainDateTime().equals(plain)) return zoned.epochMilliseconds;
  const change = zoned.getTimeZoneTransition('next');
  if (change === null) throw new Error(`no change after ${zoned.toString()}`);
  return change.epochMilliseconds;
}

it.each(thorough ? zones : oneOfEachKind)(
  `%s: daily, every day of ${thorough ? 'eleven years' : 'two years'}, is where Temporal has it`,
  (zone) => {
    for (const time of awkwardTimes) {
      const expected = new Set<number>();
      const begin = thorough ? '2016-01-02' : '2024-12-31';
      let date = Temporal.PlainDate.from(begin);
      for (; date.year < 2026 || date.dayOfYear < 364; date = date.add({ days: 1 }))
        expected.add(byTemporal(zone, date.toPlainDateTime(time)));
      const first = byTemporal(zone, Temporal.PlainDateTime.from(`${begin}T${time}`));
      const last = byTemporal(zone, date.subtract({ days: 1 }).toPlainDateTime(time));
      expect(iso(slotsBetween(of({ kind: 'daily', time }, zone), first - 1, last)), `${time} in ${zone}`).toEqual(iso([...expected]));
    }
  },
);
