// A rule that is changed takes along only what belongs to its slots.
import { expect, test } from 'vitest';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine } from '../../support/engine.ts';

test('moves and skips of slots that the new rule does not have are dropped; the others stay', async () => {
  let now = Date.parse('2026-03-10T12:00:00Z');
  const e = await makeEngine({ clock: () => now });
  const fields = scheduleFields.parse({
    name: 'n',
    task: { kind: 'cleanup', profileId: null },
    when: { kind: 'daily', time: '02:00' },
    timeZone: 'UTC',
    missed: { kind: 'skip' },
  });
  const { id } = await e.client.schedules.create({ schedule: fields });
  await e.client.schedules.moveSlot({ id, at: '2026-03-11T02:00:00.000Z', to: '2026-03-11T05:00:00.000Z', which: 'one' });
  await e.client.schedules.skipSlot({ id, at: '2026-03-12T02:00:00.000Z', skip: true });
  await e.client.schedules.skipSlot({ id, at: '2026-03-16T02:00:00.000Z', skip: true });
  // Mondays only: 03-16 is one.
  await e.client.schedules.update({ id, schedule: { ...fields, when: { kind: 'weekly', days: ['mon'], time: '02:00' } } });
  const next = await e.client.schedules.next({ scheduleId: id, limit: 2 });
  expect(next.runs.map((run) => run.at)).toEqual(['2026-03-23T02:00:00.000Z', '2026-03-30T02:00:00.000Z']);
  now = Date.parse('2026-03-20T12:00:00Z');
  await e.engine.scheduler.once();
  const { runs } = await e.client.schedules.history({});
  expect(runs.map((run) => [run.plannedAt, run.state, run.reason])).toEqual([['2026-03-16T02:00:00.000Z', 'skipped', 'by-user']]);
  await e.close();
});
