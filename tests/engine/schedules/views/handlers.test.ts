import { createRouterClient } from '@orpc/server';
import { beforeEach, expect, it } from 'vitest';
import { implementer } from '../../../../electron/engine/implementer.ts';
import { dropLostChanges } from '../../../../electron/engine/schedules/edit.ts';
import { describeSchedule } from '../../../../electron/engine/schedules/views/describe.ts';
import { scheduleViews } from '../../../../electron/engine/schedules/views/index.ts';
import { makeDesk, type Desk } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await makeDesk('2026-11-10T12:00:00Z');
});

/** Through the contract: what comes back has its shape. */
const client = () => {
  const views = scheduleViews(implementer, desk.context, (id, fields) => {
    desk.schedules.update(id, fields, desk.now());
    dropLostChanges(desk.schedules, id);
    return describeSchedule(desk.context, desk.get(id));
  });
  return createRouterClient(views, { context: { caller: 'command-line' } });
};

it('gives a run, its calendar, and says which is not there', async () => {
  const nightly = desk.addSchedule('nightly', 'daily 02:00');
  const run = desk.addRun(nightly, '2026-11-11T02:00:00Z', 'failed', {
    error: { code: 'DISK_FULL', message: 'The disk is full.', hint: 'Make room.' },
  });
  expect(await client().getRun({ id: run })).toMatchObject({ id: run, state: 'failed', error: { code: 'DISK_FULL' } });
  await expect(client().getRun({ id: 'run_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const calendar = await client().calendar({ from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', timeZone: 'UTC' });
  // The clock went back since: a slot that has its record is not planned again.
  expect([calendar.runs.length, calendar.planned.length]).toEqual([1, 19]);
  expect((await client().year({ year: 2026, timeZone: 'Europe/Berlin' })).days).toHaveLength(365);
  expect((await client().load({ timeZone: 'UTC' })).days).toHaveLength(30);
  expect((await client().history({})).total).toBe(1);
});

it('moves and skips, wakes the scheduler, and shows the schedule as it is then', async () => {
  const nightly = desk.addSchedule('nightly', 'daily 02:00');
  const moved = await client().moveSlot({ id: nightly, at: '2026-11-11T02:00:00Z', to: '2026-11-10T20:00:00Z', which: 'one' });
  expect(moved).toMatchObject({ nextAt: '2026-11-10T20:00:00.000Z', words: 'every day at 02:00 (UTC)', health: 'new' });
  const all = await client().moveSlot({ id: nightly, at: '2026-11-12T02:00:00Z', to: '2026-11-12T03:00:00Z', which: 'all' });
  expect(all).toMatchObject({ nextAt: '2026-11-11T03:00:00.000Z', when: { kind: 'daily', time: '03:00' } });
  const skipped = await client().skipSlot({ id: nightly, at: '2026-11-11T03:00:00Z', skip: true });
  expect(skipped.id).toBe(nightly);
  expect((await client().next({ scheduleId: nightly, limit: 1 })).runs[0]?.at).toBe('2026-11-12T03:00:00.000Z');
  expect(desk.woken.times).toBe(3);
});

it.each([
  ['a time that is none', { from: 'yesterday', to: '2026-12-01T00:00:00Z' }],
  ['an end before the start', { from: '2026-12-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }],
  ['a century', { from: '2026-12-01T00:00:00Z', to: '2126-11-01T00:00:00Z' }],
])('refuses %s', async (_what, span) => {
  await expect(client().calendar({ ...span, timeZone: 'UTC' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

it('knows no schedule that is not there, and refuses a cron expression with a way out', async () => {
  await expect(client().next({ scheduleId: 'sch_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(client().tryWhen({ when: { kind: 'cron', expression: '61 * * * *' }, timeZone: 'UTC' })).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
});
