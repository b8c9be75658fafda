// Clocks that go back, wander, leap by years, or change for summer; and slots of one instant.
import { expect, test } from 'vitest';
import { moveOne, skipOne } from '../../../../electron/engine/schedules/views/move.ts';
import { instant, makeWorld } from './world.ts';

const never = { missed: { kind: 'skip' } };

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

test('a slot moved past its own time, then skipped, stays on record when the clock goes back (stand-in for the backup)', async () => {
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
