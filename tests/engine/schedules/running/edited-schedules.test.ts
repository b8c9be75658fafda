// Schedules that are created, switched, changed or removed around their slots.
import { expect, test } from 'vitest';
import { makeWorld } from './world.ts';

const once = { missed: { kind: 'runOnce' } };
const never = { missed: { kind: 'skip' } };
const ranLate = (slot: string): string => `${slot} caught-up not-running (catch-up)`;

test('a schedule created, switched on or changed now: no slot before this moment (stand-in for the backup)', async () => {
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

test('a schedule off over its slots and on again: none of them is on record (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  w.set('03-10 01:30');
  w.command.editor.setEnabled(id, false);
  w.set('03-10 04:30');
  w.command.editor.setEnabled(id, true);
  await w.at('03-10 05:00');
  expect(w.history(id)).toEqual(['03-10 05:00 succeeded']);
});

test('a schedule changed by a command with slots that nobody had settled: settled by the old rule, then the leader runs them (stand-in for the backup)', async () => {
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

test.each(['off', 'removed'] as const)(
  'a schedule is %s by a command with late slots that nobody had settled: they are on record, none runs',
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
