import { createRouterClient } from '@orpc/server';
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../electron/engine/engine.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';

let engine: Engine | null = null;
afterEach(async () => {
  await engine?.close();
  engine = null;
});

test('a host that cannot says what can', async () => {
  const made = await makeEngine();
  engine = made.engine;
  await expect(made.client.settings.set({ startAtLogin: true })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    data: { hint: expect.stringContaining('howdah agent') },
  });
  expect(await made.client.settings.set({ startAtLogin: false, jobsPerServer: 3 })).toMatchObject({
    startAtLogin: false,
    jobsPerServer: 3,
  });
});

test('the truth is what the system says, not what was once set', async () => {
  const { ports, close } = await makeEngine();
  await close();
  let on = false;
  engine = await createEngine({
    ...ports,
    homeDirectory: makeHome(),
    host: { ...ports.host, startAtLogin: { get: () => on, set: (wanted) => Promise.resolve(void (on = wanted)) } },
  });
  const client = createRouterClient(engine.router, { context: { caller: 'command-line' } });
  expect(await client.settings.set({ startAtLogin: true })).toMatchObject({ startAtLogin: true });
  expect(on).toBe(true);
  on = false;
  expect(await client.settings.get()).toMatchObject({ startAtLogin: false });
});
