// Decisions over any history and any rules, against a model written from the rules alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type Rules } from '../../../electron/engine/retention/decide.ts';
import { thorough } from '../../support/thorough.ts';
import { model, type ModelRules } from './naive-model.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-11-20T12:00:00Z');

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu'];
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 });
const few = maybe(fc.integer({ min: 1, max: 5 }));
const anyRule = fc.record({
  keepLast: few,
  keepDays: maybe(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 60 }))),
  hourly: few,
  daily: few,
  weekly: few,
  monthly: few,
  yearly: few,
  maxBytes: maybe(fc.integer({ min: 1, max: 2000 })),
  keepAtLeast: fc.integer({ min: 1, max: 3 }),
});
const scopes = ['profile:p', 'profile:q', 'schedule:s', 'schedule:t', 'safety'];
const anyRules = fc
  .array(fc.tuple(fc.constantFrom(...scopes), anyRule, fc.constantFrom(...zones)), { maxLength: 5 })
  .map((list): ModelRules => Object.fromEntries(list.map(([scope, one, timeZone]) => [scope, { rule: one, timeZone }])));
const often = fc.integer({ min: 0, max: 9 });
/** Thick and thin times, a night when the clocks go back, whole years, and the future. */
const anyTime = fc.oneof(
  fc.integer({ min: -3 * 24, max: 5 * 24 }).map((hours) => now - hours * hour + (hours % 3) * 600_000),
  fc.integer({ min: 0, max: 16 }).map((quarters) => Date.parse('2026-10-24T22:00:00Z') + quarters * 900_000),
  fc.integer({ min: 0, max: 1500 }).map((days) => now - days * day),
  fc.integer({ min: 1, max: 6 }).map((days) => now - days * day),
);
const anyHistory = fc
  .array(
    fc.record({
      profileId: fc.constantFrom('p', 'p', 'p', 'q'),
      database: fc.constantFrom('shop', 'shop', 'crm'),
      scheduleId: fc.constantFrom(null, null, 's', 't'),
      origin: fc.constantFrom('manual' as const, 'schedule' as const, 'schedule' as const, 'safety' as const, 'rescan' as const),
      at: anyTime,
      sizeBytes: fc.integer({ min: 1, max: 300 }),
      holds: fc.constantFrom('whole' as const, 'whole' as const, 'quick' as const, 'chosen' as const),
      selection: fc.constantFrom('', '', 'one', '?'),
      verified: often.map((n) => n > 1),
      damaged: fc.boolean(),
      present: often.map((n) => n > 0),
      pinned: often.map((n) => n === 9),
      inUse: often.map((n) => n === 9),
    }),
    { maxLength: 60 },
  )
  .map((list) =>
    list.map((one, index) => ({ ...one, profile: one.profileId.toUpperCase(), id: `bak_${String((index * 7) % 61).padStart(3, '0')}` })),
  );

test('for any history and rules the answer is the one that the rules in docs/schedules.md give', () => {
  fc.assert(
    fc.property(anyHistory, anyRules, (history, rules) => {
      const expected = model(history, rules, now);
      const found = decide(history, new Map(Object.entries(rules)), now);
      expect(found.map((one) => one.id).toSorted()).toEqual(history.map((one) => one.id).toSorted());
      for (const one of found) {
        const verdict = expected.get(one.id);
        expect({ id: one.id, reasons: one.reasons.toSorted(), reason: one.reason }).toEqual({
          id: one.id,
          reasons: verdict?.stays === true ? verdict.reasons.toSorted() : [],
          reason: verdict?.stays === true ? null : verdict?.reason,
        });
      }
    }),
    { numRuns: thorough ? 1500 : 250 },
  );
});

test('for any history and rules the last good whole backup of each database survives, and pinned, missing and used ones; done twice it is as done once', () => {
  fc.assert(
    fc.property(anyHistory, anyRules, (history, rules) => {
      const inForce: Rules = new Map(Object.entries(rules));
      const decisions = decide(history, inForce, now);
      const left = new Set(decisions.flatMap((one) => (one.reason === null ? [one.id] : [])));
      for (const one of history) {
        if (one.pinned || one.inUse || !one.present) expect(left.has(one.id)).toBe(true);
        const whole = history.filter(
          (other) =>
            other.profileId === one.profileId &&
            other.database === one.database &&
            other.holds === 'whole' &&
            other.selection === '' &&
            other.verified &&
            other.present,
        );
        const last = whole.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))[0];
        if (last !== undefined) expect(left.has(last.id)).toBe(true);
      }
      for (const one of decisions) for (const keeper of one.keepers) expect(left.has(keeper)).toBe(true);
      const again = decide(
        history.filter((one) => left.has(one.id)),
        inForce,
        now,
      );
      expect(again.filter((one) => one.reason !== null)).toEqual([]);
    }),
    { numRuns: thorough ? 1500 : 250 },
  );
});

test("one rule more touches no other rule's backups", () => {
  fc.assert(
    fc.property(anyHistory, anyRules, anyRule, (history, rules, one) => {
      const before = decide(history, new Map(Object.entries(rules)), now);
      const after = decide(history, new Map(Object.entries({ ...rules, 'schedule:s': { rule: one, timeZone: 'UTC' } })), now);
      const goes = new Set(before.flatMap((decision) => (decision.reason !== null ? [decision.id] : [])));
      for (const decision of after) {
        const fact = history.find((each) => each.id === decision.id);
        // Where the profile's size counts, what left its scope makes room.
        if (decision.reason === null || fact?.scheduleId === 's') continue;
        expect(goes.has(decision.id)).toBe(true);
      }
    }),
    { numRuns: thorough ? 500 : 150 },
  );
});
