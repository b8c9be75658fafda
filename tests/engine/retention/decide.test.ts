import { describe, expect, test } from 'vitest';
import { decide, type Fact, type Rules } from '../../../electron/engine/retention/decide.ts';
import { ruleWords } from '../../../electron/engine/retention/words.ts';
import { retentionRule, type RetentionRule } from '../../../shared/contract/retention.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-11-20T12:00:00Z');
const rule = (change: Partial<RetentionRule>): RetentionRule => retentionRule.parse(change);
const rulesOf = (change: Partial<RetentionRule>, timeZone = 'UTC'): Rules => new Map([['profile:p', { rule: rule(change), timeZone }]]);

let made = 0;
const backup = (daysAgo: number, change: Partial<Fact> = {}): Fact => ({
  id: `bak_${String(++made).padStart(6, '0')}`,
  profileId: 'p',
  profile: 'P',
  database: 'shop',
  scheduleId: null,
  origin: 'manual',
  at: now - daysAgo * day,
  sizeBytes: 100,
  holds: 'whole',
  selection: '',
  verified: true,
  damaged: false,
  present: true,
  pinned: false,
  inUse: false,
  ...change,
});
const stay = (facts: Fact[], rules: Rules): Fact[] => {
  const kept = new Set(decide(facts, rules, now).flatMap((one) => (one.reason === null ? [one.id] : [])));
  return facts.filter((fact) => kept.has(fact.id));
};
const decisionOf = (fact: Fact, facts: Fact[], rules: Rules) => decide(facts, rules, now).find((one) => one.id === fact.id);

describe('by the rules', () => {
  test('without a rule, with an empty one, and with none but a minimum, everything stays', () => {
    const facts = [backup(1), backup(2), backup(900, { verified: false })];
    for (const rules of [new Map() as Rules, rulesOf({}), rulesOf({ keepAtLeast: 2 })]) {
      expect(stay(facts, rules)).toEqual(facts);
      expect(decide(facts, rules, now).every((one) => one.reasons.includes('no-rule'))).toBe(true);
    }
  });

  test('with a size limit alone nothing goes before it is reached', () => {
    const facts = [backup(1), backup(2), backup(3)];
    expect(stay(facts, rulesOf({ maxBytes: 300 }))).toEqual(facts);
    expect(stay(facts, rulesOf({ maxBytes: 299 }))).toEqual(facts.slice(0, 2));
    expect(stay(facts, rulesOf({ maxBytes: 1 }))).toEqual(facts.slice(0, 1));
  });

  test('the last N good ones stay; failed checks and lost folders take no place', () => {
    const facts = [backup(1, { verified: false }), backup(2), backup(3, { present: false }), backup(4), backup(5)];
    const decisions = decide(facts, rulesOf({ keepLast: 2 }), now);
    expect(decisions.map((one) => [one.reasons.join(), one.reason])).toEqual([
      ['no-newer-good', null],
      ['last-good,min-keep:1,last:2', null],
      ['missing', null],
      ['last:2', null],
      ['', 'not-wanted'],
    ]);
  });

  test('age takes nothing beyond the minimum while new backups fail', () => {
    const old = [backup(100), backup(101), backup(102), backup(103)];
    const bad = Array.from({ length: 30 }, (_, index) => backup(index, { verified: false }));
    expect(stay([...bad, ...old], rulesOf({ keepDays: 7, keepAtLeast: 3 }))).toEqual([...bad, ...old.slice(0, 3)]);
    expect(stay([...bad, ...old], rulesOf({ keepDays: 7 }))).toEqual([...bad, old[0]]);
  });

  test('one that is damaged goes once a newer good one is, unless age, a pin or a reader wants it', () => {
    const [newest, bad, pinned, read, young] = [
      backup(1),
      backup(20, { verified: false, damaged: true }),
      backup(20, { verified: false, pinned: true }),
      backup(20, { verified: false, inUse: true }),
      backup(2, { verified: false }),
    ];
    const facts = [newest, young, bad, pinned, read];
    expect(stay(facts, rulesOf({ keepDays: 7 }))).toEqual([newest, young, pinned, read]);
    expect(decisionOf(bad, facts, rulesOf({ keepDays: 7 }))?.reason).toBe('not-good');
  });

  test('one that failed its verification stays while the rule would want it, until it is surely damaged', () => {
    const [march, january, december] = [backup(1), backup(50, { verified: false }), backup(90)];
    const facts = [march, january, december];
    expect(decisionOf(january, facts, rulesOf({ monthly: 12 }))?.reasons).toEqual(['unproved']);
    expect(decisionOf(january, facts, rulesOf({ keepLast: 2 }))?.reasons).toEqual(['unproved']);
    // It takes no place meanwhile.
    expect(stay(facts, rulesOf({ keepLast: 2 }))).toEqual(facts);
    // Were it good, the rule would not want it either.
    expect(decisionOf(january, facts, rulesOf({ keepLast: 1 }))).toMatchObject({ reason: 'not-wanted', keepers: [march.id] });
    const proved = { ...january, damaged: true };
    expect(decisionOf(proved, [march, proved, december], rulesOf({ monthly: 12 }))).toMatchObject({
      reason: 'not-good',
      keepers: [march.id],
    });
  });

  test('of chosen and quick ones, another choice is another group', () => {
    for (const holds of ['chosen', 'quick'] as const) {
      const customers = backup(2, { holds, selection: 'customers', scheduleId: 'weekly' });
      const orders = Array.from({ length: 20 }, (_, index) => backup(index / 24, { holds, selection: 'orders', scheduleId: 'hourly' }));
      expect(decisionOf(customers, [customers, ...orders], rulesOf({ keepLast: 7, keepAtLeast: 3 }))).toMatchObject({
        reason: null,
        reasons: ['last-good', 'min-keep:3', 'last:7'],
      });
      expect(stay([customers, ...orders], rulesOf({ keepLast: 7, keepAtLeast: 3 }))).toHaveLength(8);
    }
  });

  test('quick backups never push out whole ones, nor one schedule another, nor one database or server another', () => {
    const whole = backup(3);
    const others = [
      backup(1, { holds: 'quick' }),
      backup(1.1, { holds: 'chosen' }),
      backup(1.2, { database: 'other' }),
      backup(1.3, { profileId: 'q' }),
      backup(1.4, { origin: 'safety' }),
    ];
    const rules = rulesOf({ keepLast: 1 });
    rules.set('safety', { rule: rule({ keepLast: 1 }), timeZone: 'UTC' });
    rules.set('profile:q', { rule: rule({ keepLast: 1 }), timeZone: 'UTC' });
    expect(stay([whole, ...others], rules)).toHaveLength(6);
  });

  test("a schedule's rule goes before its profile's, even where it keeps everything", () => {
    const facts = [backup(1), backup(2), backup(3, { scheduleId: 's' }), backup(4, { scheduleId: 's' })];
    const rules = rulesOf({ keepLast: 1 });
    rules.set('schedule:s', { rule: rule({}), timeZone: 'UTC' });
    expect(stay(facts, rules)).toEqual([facts[0], facts[2], facts[3]]);
  });

  test('generations go by the wall clock of the zone', () => {
    const at = (text: string): Partial<Fact> => ({ at: Date.parse(text) });
    const facts = [backup(0, at('2026-11-20T00:30Z')), backup(0, at('2026-11-19T23:30Z')), backup(0, at('2026-11-19T22:30Z'))];
    // In Berlin the first two are of one day.
    expect(stay(facts, rulesOf({ daily: 2 }, 'Europe/Berlin'))).toEqual([facts[0], facts[2]]);
    expect(stay(facts, rulesOf({ daily: 2 }, 'UTC'))).toEqual([facts[0], facts[1]]);
    expect(decide(facts, rulesOf({ weekly: 5, yearly: 1, hourly: 9, monthly: 1 }, 'UTC'), now)[0]?.reasons).toEqual([
      'last-good',
      'min-keep:1',
      'hourly:2026-11-20T00',
      'weekly:2026-W47',
      'monthly:2026-11',
      'yearly:2026',
    ]);
  });

  test('periods without a backup take no place', () => {
    const facts = [backup(0), backup(400), backup(800), backup(1200)];
    expect(stay(facts, rulesOf({ daily: 3 }))).toEqual(facts.slice(0, 3));
  });

  test('a backup that claims to come from the future does not send the new ones away', () => {
    const future = backup(-1000);
    const fresh = [backup(0.1), backup(1), backup(2)];
    expect(stay([future, ...fresh], rulesOf({ keepLast: 1 }))).toEqual([future, fresh[0]]);
    expect(stay([future, ...fresh], rulesOf({ keepLast: 1, keepAtLeast: 2 }))).toEqual([future, fresh[0], fresh[1]]);
  });

  test('the size limit takes the oldest first, and none of the protected', () => {
    const facts = [backup(1), backup(2), backup(3, { pinned: true }), backup(4), backup(5, { inUse: true }), backup(6)];
    const rules = rulesOf({ keepLast: 10, maxBytes: 250 });
    expect(stay(facts, rules)).toEqual([facts[0], facts[2], facts[4]]);
    expect(decisionOf(facts[5] as Fact, facts, rules)?.reason).toBe('over-size');
    expect(stay(facts, rulesOf({ keepLast: 10, maxBytes: 250, keepAtLeast: 2 }))).toEqual([facts[0], facts[1], facts[2], facts[4]]);
  });
});

test('the size limit does not take the newest of those of which none is known to be good', () => {
  const facts = [backup(1, { verified: false }), backup(2, { verified: false })];
  expect(stay(facts, rulesOf({ keepLast: 1, maxBytes: 1 }))).toEqual([facts[0]]);
});

test('rules in words', () => {
  expect(ruleWords(rule({}))).toBe('keeps everything');
  expect(ruleWords(rule({ keepLast: 7, weekly: 4, monthly: 12 }))).toBe('keeps the last 7, 4 weekly, 12 monthly');
  expect(ruleWords(rule({ keepDays: 30, maxBytes: 50e9, keepAtLeast: 3 }))).toBe('keeps 30 days; at most 50.0 GB; at least 3 of each');
});

test('ten times the backups are read about ten times as often, not a hundred times', () => {
  const reads = (count: number): number => {
    let read = 0;
    const facts = Array.from({ length: count }, (_, index) => {
      const { at, ...rest } = backup(index / 24, { database: `db${index % 20}` });
      return Object.defineProperty(rest, 'at', { enumerable: true, get: () => ((read += 1), at) }) as Fact;
    });
    const rules = { keepLast: 7, hourly: 24, daily: 14, weekly: 8, monthly: 24, yearly: 20, maxBytes: 1e9 };
    expect(decide(facts, rulesOf(rules, 'Europe/Berlin'), now)).toHaveLength(count);
    return read;
  };
  expect(reads(5000)).toBeLessThan(20 * reads(500));
});
