import { expect, test } from 'vitest';
import { unprivilegedUser } from '../../../electron/engine/sample/server-programs.ts';
import { makeEngine } from '../../support/engine.ts';

test('the sample is made, used, started again, and removed without a trace', async () => {
  const first = await makeEngine();
  expect(await first.client.sample.state()).toEqual({ status: 'absent' });
  const { jobId } = await first.client.sample.start();
  const job = await first.ended(jobId);
  expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded' });
  const state = await first.client.sample.state();
  if (state.status !== 'running') throw new Error(`the sample is ${state.status}`);
  const { tables } = await first.client.profiles.tables({ id: state.profileId });
  expect(tables.map((table) => table.table).sort()).toEqual([
    'audit_log',
    'categories',
    'customers',
    'order_items',
    'orders',
    'payments',
    'products',
  ]);
  expect(tables.filter((table) => table.suggestExclude).map((table) => table.table)).toEqual(['audit_log']);
  expect((await first.client.profiles.test({ id: state.profileId })).rights.superuser).toBe(true);

  // A second start finds it running; it outlives a command and is found by the next.
  await first.ended((await first.client.sample.start()).jobId);
  await first.close();
  const second = await makeEngine({ home: first.home });
  expect(await second.client.sample.state()).toEqual(state);
  expect(await second.client.sample.remove()).toEqual({ status: 'absent' });
  expect(await second.client.profiles.list()).toEqual([]);
  await second.close();
});

test('a server never runs as root', () => {
  const user = unprivilegedUser();
  expect(user === null).toBe(process.getuid?.() !== 0);
  expect(user?.uid).not.toBe(0);
});
