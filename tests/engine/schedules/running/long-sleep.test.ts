// Very many slots came while nobody was awake: they are settled in pieces.
import { expect, test } from 'vitest';
import { until } from '../../../support/wait.ts';
import { makeWorld } from './world.ts';

const minutes = (from: string, to: string): number => (Date.parse(`2026-${to}Z`) - Date.parse(`2026-${from}Z`)) / 60_000;

test('what is to run goes first, the others follow in pieces, and policy is decided once', async () => {
  const w = await makeWorld();
  const id = w.add('cron * * * * *', { overlap: 'queue' });
  w.hold();
  await w.at('03-22 00:00:30');
  // The catch-up works before all is on record.
  expect(w.rows(id).length).toBeLessThan(15_000);
  expect(w.history(id).slice(-2)).toEqual(['03-21 23:59 running working not-running (catch-up)', '03-22 00:00 running waiting']);
  await until('all slots are on record', () => w.rows(id).length === minutes('03-10T00:00', '03-22T00:00'));
  const rows = w.rows(id);
  expect(new Set(rows.map((row) => row.planned_at)).size).toBe(rows.length);
  const catchUp = rows.at(-2);
  expect(rows.slice(0, -2).every((row) => row.state === 'missed' && row.reason === 'covered' && row.covered_by === catchUp?.id)).toBe(true);
  expect(w.tries).toHaveLength(1);
  await w.work().end();
  await w.at('03-22 00:00:40');
  expect(w.history(id).slice(-2)).toEqual(['03-21 23:59 caught-up not-running (catch-up)', '03-22 00:00 running working']);
});

test('the program dies between two pieces: the next goes on with what was decided', async () => {
  const w = await makeWorld();
  const id = w.add('cron * * * * *', { missed: { kind: 'grace', seconds: 60 } });
  await w.at('03-22 00:00:30');
  w.host().kill();
  const before = w.rows(id).length;
  expect(before).toBeLessThan(15_000);
  await w.next('03-22 00:00:50');
  await until('all slots are on record', () => w.rows(id).length === minutes('03-10T00:00', '03-22T00:00'));
  const late = w.rows(id).slice(0, -1);
  expect(late.filter((row) => row.state !== 'missed' || row.reason !== 'too-late')).toEqual([]);
});
