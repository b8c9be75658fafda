import { expect, test } from 'vitest';
import { moveOne, skipOne } from '../../../../electron/engine/schedules/views/move.ts';
import { instant, makeWorld } from './world.ts';

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

test('a moved slot is at its new time only; the record says where from (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  moveOne(w.command.context, id, instant('03-10 02:00'), instant('03-10 05:30'));
  await w.at('03-10 02:00');
  expect(w.history(id)).toEqual([]);
  await w.at('03-10 05:30:10');
  expect(w.history(id)).toEqual(['03-10 05:30 succeeded']);
  expect(w.row(id, '03-10 05:30').detail).toContain('2026-03-10T02:00:00.000Z');
  await w.at('03-11 02:00');
  expect(w.history(id)).toEqual(['03-10 05:30 succeeded', '03-11 02:00 succeeded']);
});

test('moved to earlier, and missed there: late like any other (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  moveOne(w.command.context, id, instant('03-10 02:00'), instant('03-10 01:00'));
  await w.at('03-10 02:00');
  expect(w.history(id)).toEqual([ranLate('03-10 01:00')]);
});

test('a slot moved past the next one comes there, though the one between was settled (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  moveOne(w.command.context, id, instant('03-10 02:00'), instant('03-11 05:00'));
  await w.at('03-11 02:00');
  await w.at('03-11 05:00');
  expect(w.history(id)).toEqual(['03-11 02:00 succeeded', '03-11 05:00 succeeded']);
});

test('a skipped slot is on record when its time comes, late or not, and is not caught up (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const [awake, asleep, between] = [w.add('daily 02:00'), w.add('daily 03:00'), w.add('hourly 2-4')];
  skipOne(w.command.context, awake, instant('03-10 02:00'), true);
  skipOne(w.command.context, asleep, instant('03-10 03:00'), true);
  skipOne(w.command.context, between, instant('03-10 04:00'), true);
  await w.at('03-10 01:59');
  expect(w.history(awake)).toEqual([]);
  await w.at('03-10 02:00');
  expect(w.history(awake)).toEqual(['03-10 02:00 skipped by-user']);
  await w.at('03-10 09:00');
  expect(w.history(asleep)).toEqual(['03-10 03:00 skipped by-user']);
  expect(w.history(between)).toEqual(['03-10 02:00 succeeded', ranLate('03-10 03:00'), '03-10 04:00 skipped by-user']);
});

test('the clock goes back: what never ran is taken back and comes again, what ran stays and does not (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8', never);
  await w.at('03-10 02:00');
  await w.at('03-10 03:00');
  await w.at('03-10 05:30');
  expect(w.history(id).slice(2)).toEqual(['03-10 04:00 missed policy-skip', '03-10 05:00 missed policy-skip']);
  await w.at('03-10 02:30');
  expect(w.history(id)).toEqual(['03-10 02:00 succeeded', '03-10 03:00 succeeded']);
  for (const time of ['03:00', '04:00', '05:00']) await w.at(`03-10 ${time}`);
  expect(w.history(id)).toEqual(['02:00', '03:00', '04:00', '05:00'].map((time) => `03-10 ${time} succeeded`));
  expect(w.tries.length).toBe(4);
});

test('moved past its own time, then skipped: stays on record when the clock goes back (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  moveOne(w.command.context, id, instant('03-10 02:00'), instant('03-10 23:00'));
  w.set('03-10 10:10');
  w.command.editor.update(id, w.fields('daily 02:00')); // settles it up to now
  skipOne(w.command.context, id, instant('03-10 23:00'), true);
  await w.at('03-10 10:00');
  await w.at('03-10 23:00');
  expect(w.history(id)).toEqual(['03-10 23:00 skipped by-user']);
});

test('the clock wanders back by no more than a minute: nothing is taken back (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8', never);
  await w.at('03-10 02:01:30');
  await w.at('03-10 02:00:30');
  await w.at('03-10 02:00:40');
  expect(w.history(id)).toEqual(['03-10 02:00 missed policy-skip']);
});

test.each([false, true])(
  'years forward and back again lose no slot and run none twice; another leader in between: %s (stand-in for the backup)',
  async (another) => {
    const w = await makeWorld();
    const id = w.add('daily 02:00');
    await w.at('03-10 02:00');
    await w.at('2029-03-10T12:00:00Z');
    const far = w.history(id);
    expect(far.length).toBe(3 * 365 + 2);
    expect(far.at(-1)).toBe('2029-03-10 02:00 caught-up not-running (catch-up)');
    expect(far.slice(1, -1).every((line) => line.endsWith('missed covered by 2029-03-10 02:00'))).toBe(true);
    if (another) w.host().kill();
    if (another) await w.next('03-10 12:00');
    await w.at('03-10 12:00:05');
    expect(w.history(id)).toEqual(['03-10 02:00 succeeded', '2029-03-10 02:00 caught-up not-running (catch-up)']);
    await w.at('03-11 02:00');
    await w.at('03-12 02:00:10');
    expect(w.history(id).slice(0, 3)).toEqual(['03-10 02:00 succeeded', '03-11 02:00 succeeded', '03-12 02:00 succeeded']);
  },
);

test('the clock goes back while a run works and another waits: both go on, once (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8', { overlap: 'queue' });
  w.hold();
  await w.at('03-10 02:00');
  await w.at('03-10 03:00');
  await w.at('03-10 01:00');
  expect(w.history(id)).toEqual(['03-10 02:00 running working', '03-10 03:00 running waiting']);
  await w.work().end();
  await w.work().end();
  w.hold(false);
  for (const time of ['02:00', '03:00', '04:00']) await w.at(`03-10 ${time}`);
  expect(w.history(id)).toEqual(['02:00', '03:00', '04:00'].map((time) => `03-10 ${time} succeeded`));
  expect(w.tries.length).toBe(3);
});

test('created, switched on or changed now: no slot before this moment (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const off = w.add('daily 02:00', { enabled: false });
  const other = w.add('daily 05:00');
  await w.at('03-10 02:00:30');
  const made = w.host().editor.create(w.fields('daily 02:00')).id;
  w.host().editor.setEnabled(off, true);
  w.host().editor.update(other, w.fields('daily 02:00'));
  await w.at('03-10 09:00');
  expect([made, off, other].map((id) => w.history(id))).toEqual([[], [], []]);
  await w.at('03-11 02:00');
  expect([made, off, other].map((id) => w.history(id))).toEqual([1, 2, 3].map(() => ['03-11 02:00 succeeded']));
});

test('off over its slots and on again: none of them is on record (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  w.set('03-10 01:30');
  w.command.editor.setEnabled(id, false);
  w.set('03-10 04:30');
  w.command.editor.setEnabled(id, true);
  await w.at('03-10 05:00');
  expect(w.history(id)).toEqual(['03-10 05:00 succeeded']);
});

test.each(['off', 'removed'] as const)(
  '%s by a command with late slots that nobody had settled: they are on record, none runs',
  async (how) => {
    const w = await makeWorld();
    const [catches, skips] = [w.add('daily 02:00', once), w.add('daily 02:00', never)];
    w.set('03-11 09:00');
    for (const id of [catches, skips]) {
      if (how === 'off') w.command.editor.setEnabled(id, false);
      else w.command.editor.remove(id);
    }
    await w.at('03-11 09:00:05');
    expect(w.history(catches)).toEqual(['03-10 02:00 missed covered by 03-11 02:00', '03-11 02:00 skipped removed (catch-up)']);
    expect(w.history(skips)).toEqual(['03-10 02:00 missed policy-skip', '03-11 02:00 missed policy-skip']);
    expect(w.tries).toEqual([]);
  },
);

test('changed by a command with slots that nobody had settled: settled by the old rule, then the leader runs them (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const [late, onTime] = [w.add('daily 02:00'), w.add('daily 09:00')];
  w.set('03-10 09:00:20');
  for (const id of [late, onTime]) w.command.editor.update(id, w.fields('daily 04:00'));
  await w.at('03-10 09:00:30');
  expect(w.history(late)).toEqual([ranLate('03-10 02:00')]);
  expect(w.history(onTime)).toEqual(['03-10 09:00 succeeded']);
  await w.at('03-11 04:00');
  expect(w.history(late).at(-1)).toBe('03-11 04:00 succeeded');
});

test('slots of one schedule on one instant are one (stand-in for the backup)', async () => {
  const w = await makeWorld('2026-03-29T00:00:00Z');
  const id = w.add('hourly 2-3', { timeZone: 'Europe/Berlin' });
  await w.at('2026-03-29T01:00:10Z');
  await w.at('2026-03-29T02:00:10Z');
  expect(w.history(id)).toEqual(['03-29 01:00 succeeded']);
  const back = await makeWorld('2026-10-24T23:00:00Z');
  const twice = back.add('daily 02:30', { timeZone: 'Europe/Berlin' });
  await back.at('2026-10-25T00:30:00Z');
  await back.at('2026-10-25T01:30:00Z');
  expect(back.history(twice)).toEqual(['10-25 00:30 succeeded']);
});

test('two schedules with slots on one instant both run (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const ids = [w.add('daily 02:00'), w.add('daily 02:00')];
  await w.at('03-10 02:00');
  expect(ids.map((id) => w.history(id))).toEqual([['03-10 02:00 succeeded'], ['03-10 02:00 succeeded']]);
});
