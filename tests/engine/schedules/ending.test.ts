// The program ends as planned while a run is at work: nobody cancelled it, and it says that it waits.
import { expect, test } from 'vitest';
import { holdHostLock } from '../../../electron/engine/catalog/host-lock.ts';
import { failedWith, good, makeStage } from './stage.ts';

const runOnce = { missed: { kind: 'runOnce' } };

test('a run at work is left to the next leader, and does not look as if somebody worked on it', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  const id = stage.addSchedule('n', 'daily 02:00', runOnce);
  const first = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  first.scheduler.start();
  expect(stage.works).toHaveLength(1);
  await first.scheduler.close();
  expect(stage.history(id)).toMatchObject([
    { state: 'running', phase: 'waiting', reason: null, detail: expect.stringContaining('waits for another') },
  ]);
  expect(stage.runs.open(id)[0]?.owner).toBeNull();

  stage.setNow('2026-03-10T02:10:00Z');
  const second = stage.host('hos_second');
  second.scheduler.start();
  expect(stage.history(id)).toMatchObject([{ state: 'running', phase: 'working', reason: 'interrupted', trigger: 'catch-up', detail: '' }]);
  stage.works[1]?.end(good);
  await expect.poll(() => stage.history(id)[0]?.state).toBe('caught-up');
  expect(stage.faults).toEqual([]);
  await second.scheduler.close();
});

test('a run that succeeds while the program quits has succeeded', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  const id = stage.addSchedule('n', 'daily 02:00', runOnce);
  const first = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  first.scheduler.start();
  const closed = first.scheduler.close();
  stage.works[0]?.end(good);
  await closed;
  expect(stage.history(id)).toMatchObject([{ state: 'succeeded', reason: null, phase: null, detail: '' }]);
});

test('agent --once that is told to end returns, and leaves its run', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  const id = stage.addSchedule('n', 'daily 02:00', runOnce);
  const { scheduler } = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  const led = scheduler.once();
  await expect.poll(() => stage.works.length).toBe(1);
  await scheduler.close();
  expect(await led).toBe(true);
  expect(stage.history(id)).toMatchObject([{ state: 'running', phase: 'waiting', reason: null }]);
});

test('a run that was cancelled by hand just before stays cancelled', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  const id = stage.addSchedule('n', 'daily 02:00', runOnce);
  const first = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  first.scheduler.start();
  first.scheduler.cancelRun(stage.history(id)[0]?.id ?? '');
  await first.scheduler.close();
  const second = stage.host('hos_second');
  second.scheduler.start();
  expect(stage.history(id)).toMatchObject([{ state: 'cancelled', reason: 'by-user' }]);
  await second.scheduler.close();
});

test('only databases whose fault may pass are tried again; the others have failed', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  const id = stage.addSchedule('n', 'daily 02:00', { retries: 2 });
  const { scheduler } = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  scheduler.start();
  stage.works[0]?.end(failedWith(['away', 'CONNECTION_FAILED'], ['refused', 'AUTHENTICATION_FAILED']));
  await expect.poll(() => stage.history(id)[0]?.phase).toBe('pausing');
  stage.setNow('2026-03-10T02:01:02Z');
  scheduler.step();
  expect(stage.works[1]?.order).toMatchObject({ attempt: 2, only: ['away'] });
  stage.works[1]?.end(good);
  await expect.poll(() => stage.history(id)[0]?.state).toBe('failed');
  expect(stage.history(id)[0]).toMatchObject({ error: { code: 'AUTHENTICATION_FAILED' } });
  await scheduler.close();
});

test('agent --once with a long run keeps no other from leading', async () => {
  const stage = await makeStage('2026-03-10T01:59:00Z');
  stage.addSchedule('long', 'daily 02:00', runOnce);
  const other = stage.addSchedule('other', 'daily 02:10', { missed: { kind: 'skip' } });
  const first = stage.host('hos_first');
  stage.setNow('2026-03-10T02:00:01Z');
  const long = first.scheduler.once();
  await expect.poll(() => stage.works.length).toBe(1);
  // That process lives: its lock is not held here, so its runs must not be taken for orphans by this test's second one.
  holdHostLock(first.context.ports.homeDirectory, 'hos_first');
  stage.setNow('2026-03-10T02:10:01Z');
  const second = stage.host('hos_second');
  const short = second.scheduler.once();
  await expect.poll(() => stage.works.length).toBe(2);
  stage.works[1]?.end(good);
  expect(await short).toBe(true);
  expect(stage.history(other)).toMatchObject([{ state: 'succeeded', trigger: 'slot' }]);
  stage.works[0]?.end(good);
  first.scheduler.step();
  expect(await long).toBe(true);
});
