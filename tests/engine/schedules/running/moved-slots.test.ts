// Slots that somebody moved or skipped.
import { expect, test } from 'vitest';
import { moveOne, skipOne } from '../../../../electron/engine/schedules/views/move.ts';
import { instant, makeWorld } from './world.ts';

const ranLate = (slot: string): string => `${slot} caught-up not-running (catch-up)`;

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

test('a slot moved to earlier, and missed there, is late like any other (stand-in for the backup)', async () => {
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
