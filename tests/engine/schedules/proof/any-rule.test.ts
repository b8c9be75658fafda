// Any rule at any moment, most of them near a change of clocks. HOWDAH_PROPERTY_SEED repeats a run,
// HOWDAH_PROPERTY_CASES makes more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSlot, slotsBetween } from '../../../../electron/engine/schedules/when/slots.ts';
import { thorough } from '../../../support/thorough.ts';
import { anyWhen, onTheWall } from './rules.ts';
import { changesOf, cronOnTheWall, dateOf, day, minute, slotsOnWalk, walk } from './wall.ts';
import { from, iso, of, to, told, zones } from './zones.ts';

const seed = Number(process.env['HOWDAH_PROPERTY_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const cases = Number(process.env['HOWDAH_PROPERTY_CASES'] ?? (thorough ? 400 : 60));

describe(`any rule, seed ${seed}`, () => {
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

  it('any rule: an interval cut anywhere gives the same slots; ascending, whole minutes', () => {
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

  it('any rule: an interval cut exactly at a slot gives it to the first piece', () => {
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

  it('any rule: the next slot is the first of those between', () => {
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

  it('any rule: no slot before startsAt, none at or after endsAt, all between', () => {
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
