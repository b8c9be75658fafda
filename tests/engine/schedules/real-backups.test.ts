// One schedule over real backups: on time, missed while nobody was awake, by hand.
import { expect, test } from 'vitest';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine } from '../../support/engine.ts';
import { createDatabase } from '../../support/server.ts';
test('a slot runs on time; missed ones give one catch-up; a run by hand goes beside', async () => {
  let now = Date.parse('2026-03-10T01:59:00Z');
  const e = await makeEngine({ clock: () => now });
  const database = await createDatabase('create table t (a int primary key); insert into t select generate_series(1,10)');
  const profile = await e.addProfile({ database });
  const schedule = await e.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'n',
      task: { kind: 'backup', profileId: profile.id },
      when: { kind: 'daily', time: '02:00' },
      timeZone: 'UTC',
    }),
  });
  expect(schedule.nextAt).toBe('2026-03-10T02:00:00.000Z');
  expect(await e.engine.scheduler.once()).toBe(true);
  now += 90_000 - 20_000;
  expect(await e.engine.scheduler.once()).toBe(true);
  let h = await e.client.schedules.history({});
  expect(h.runs).toMatchObject([{ state: 'succeeded', trigger: 'slot', attempts: 1, backups: [{ database, status: 'succeeded' }] }]);
  now += 3 * 86_400_000 + 600_000;
  expect(await e.engine.scheduler.once()).toBe(true);
  h = await e.client.schedules.history({});
  expect(h.runs.map((r) => [r.plannedAt, r.state, r.reason])).toEqual([
    ['2026-03-13T02:00:00.000Z', 'caught-up', 'not-running'],
    ['2026-03-12T02:00:00.000Z', 'missed', 'covered'],
    ['2026-03-11T02:00:00.000Z', 'missed', 'covered'],
    ['2026-03-10T02:00:00.000Z', 'succeeded', null],
  ]);
  const run = await e.client.schedules.run({ id: schedule.id });
  expect(run.state).toBe('running');
  await e.close();
  expect(e.faults).toEqual([]);
});
