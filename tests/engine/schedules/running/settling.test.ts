// Slots that came while nobody was awake, by policy; and pauses.
import { expect, test } from 'vitest';
import { makeWorld } from './world.ts';

const once = { missed: { kind: 'runOnce' } };
const never = { missed: { kind: 'skip' } };
const grace = (seconds: number) => ({ missed: { kind: 'grace', seconds } });
const ranLate = (slot: string): string => `${slot} caught-up not-running (catch-up)`;

type Case = { what: string; every?: string; rule: Record<string, unknown>; wakes: string; then: string[] };
const oneAsleep: Case[] = [
  ...['02:00:00', '02:00:59', '02:01:00'].map((time) => ({
    what: `on time at ${time}, whatever the policy`,
    rule: never,
    wakes: `03-10 ${time}`,
    then: ['03-10 02:00 succeeded'],
  })),
  { what: '61 s late, run-once', rule: once, wakes: '03-10 02:01:01', then: [ranLate('03-10 02:00')] },
  { what: '61 s late, skip', rule: never, wakes: '03-10 02:01:01', then: ['03-10 02:00 missed policy-skip'] },
  { what: '1 ms over 60 s is late', rule: never, wakes: '2026-03-10T02:01:00.001Z', then: ['03-10 02:00 missed policy-skip'] },
  { what: 'before the slot nothing', rule: once, wakes: '03-10 01:59:59', then: [] },
  { what: 'grace, one second within', rule: grace(3600), wakes: '03-10 02:59:59', then: [ranLate('03-10 02:00')] },
  { what: 'grace, on its very end', rule: grace(3600), wakes: '03-10 03:00:00', then: [ranLate('03-10 02:00')] },
  { what: 'grace, one second over', rule: grace(3600), wakes: '03-10 03:00:01', then: ['03-10 02:00 missed too-late'] },
  {
    what: 'three late, run-once: one run, the others covered',
    rule: once,
    wakes: '03-12 09:00',
    then: ['03-10 02:00 missed covered by 03-12 02:00', '03-11 02:00 missed covered by 03-12 02:00', ranLate('03-12 02:00')],
  },
  {
    what: 'three late, the newest within grace: older ones are covered whatever their age',
    rule: grace(7200),
    wakes: '03-12 03:00',
    then: ['03-10 02:00 missed covered by 03-12 02:00', '03-11 02:00 missed covered by 03-12 02:00', ranLate('03-12 02:00')],
  },
  {
    what: 'two late, the newest over grace: none',
    rule: grace(7200),
    wakes: '03-11 04:01',
    then: ['03-10 02:00 missed too-late', '03-11 02:00 missed too-late'],
  },
  {
    what: 'two late, skip: each',
    rule: never,
    wakes: '03-11 04:01',
    then: ['03-10 02:00 missed policy-skip', '03-11 02:00 missed policy-skip'],
  },
  {
    what: 'late and on time together, run-once',
    every: 'hourly 2-8',
    rule: once,
    wakes: '03-10 04:00:30',
    then: ['03-10 02:00 missed covered by 03-10 03:00', ranLate('03-10 03:00'), '03-10 04:00 succeeded'],
  },
  {
    what: 'late and on time together, over grace',
    every: 'hourly 2-8',
    rule: grace(3600),
    wakes: '03-10 04:00:30',
    then: ['03-10 02:00 missed too-late', '03-10 03:00 missed too-late', '03-10 04:00 succeeded'],
  },
  {
    what: 'late and on time together, skip',
    every: 'hourly 2-8',
    rule: never,
    wakes: '03-10 03:01',
    then: ['03-10 02:00 missed policy-skip', '03-10 03:00 succeeded'],
  },
  {
    what: 'before startsAt there are no slots, on it there is one',
    rule: { ...never, startsAt: '2026-03-11T02:00:00Z' },
    wakes: '03-12 01:00',
    then: ['03-11 02:00 missed policy-skip'],
  },
  {
    what: 'from endsAt on there are no slots',
    rule: { ...once, endsAt: '2026-03-11T02:00:00Z' },
    wakes: '03-13 01:00',
    then: [ranLate('03-10 02:00')],
  },
  { what: 'one that is off has none', rule: { enabled: false }, wakes: '03-12 09:00', then: [] },
];

test.each(oneAsleep)('asleep from 00:00, with a stand-in for the backup: $what', async ({ every, rule, wakes, then }) => {
  const w = await makeWorld();
  const id = w.add(every ?? 'daily 02:00', rule);
  await w.at(wakes);
  expect(w.history(id)).toEqual(then);
  await w.at(wakes);
  expect(w.history(id)).toEqual(then);
});

test.each(['skip', 'queue', 'cancel'])(
  'a catch-up goes first, the regular slot of the same settling waits for it (overlap %s, stand-in for the backup)',
  async (overlap) => {
    const w = await makeWorld();
    const id = w.add('hourly 2-8', { overlap });
    w.hold();
    await w.at('03-10 04:00:30');
    expect(w.history(id)).toEqual([
      '03-10 02:00 missed covered by 03-10 03:00',
      '03-10 03:00 running working not-running (catch-up)',
      '03-10 04:00 running waiting',
    ]);
    await w.work().end();
    expect(w.history(id).slice(1)).toEqual([ranLate('03-10 03:00'), '03-10 04:00 running working']);
    await w.work().end();
    expect(w.history(id).at(-1)).toBe('03-10 04:00 succeeded');
    expect(w.tries.map(({ order }) => order.priority)).toEqual([1, 1]);
  },
);

// 02:00 before the pause, 03:00 and 04:00 in it, 05:00 after it.

test.each([
  {
    what: 'settled while it lasts: nothing runs',
    wakes: '03-10 04:10',
    then: ['03-10 02:00 skipped paused', '03-10 03:00 skipped paused', '03-10 04:00 skipped paused'],
  },
  {
    what: 'a slot on time in it',
    wakes: '03-10 03:00',
    then: ['03-10 02:00 skipped paused', '03-10 03:00 skipped paused'],
  },
  {
    what: 'settled after it: those in it stay skipped, the one before is caught up',
    wakes: '03-10 04:40',
    then: [ranLate('03-10 02:00'), '03-10 03:00 skipped paused', '03-10 04:00 skipped paused'],
  },
  {
    what: 'settled after it, on time for the next',
    wakes: '03-10 05:00:10',
    then: [ranLate('03-10 02:00'), '03-10 03:00 skipped paused', '03-10 04:00 skipped paused', '03-10 05:00 succeeded'],
  },
])('a pause from 02:30 to 04:30, asleep (stand-in for the backup): $what', async ({ wakes, then }) => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  w.set('03-10 02:30');
  w.command.editor.pause('2026-03-10T04:30:00.000Z');
  await w.at(wakes);
  expect(w.history(id)).toEqual(then);
});

test('a pause ended early: slots from then on run (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  await w.at('03-10 01:30');
  w.host().editor.pause('2026-03-10T09:30:00.000Z');
  await w.at('03-10 02:00');
  w.set('03-10 02:30');
  w.host().editor.pause(null);
  await w.at('03-10 03:00');
  expect(w.history(id)).toEqual(['03-10 02:00 skipped paused', '03-10 03:00 succeeded']);
});
