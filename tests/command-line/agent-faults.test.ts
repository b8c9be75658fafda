// The agent in the night when something is wrong: its log cannot be written, and its looks fail.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { makeHome } from '../support/home.ts';
import { startCli } from '../support/run-cli.ts';
import { until } from '../support/wait.ts';

const started: ReturnType<typeof startCli>[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) {
    if (one.child.exitCode === null && one.child.signalCode === null) one.child.kill('SIGKILL');
    await one.ended;
  }
});

test('an agent whose log cannot be written lives on through faults, and goes on when they are over', async () => {
  const home = makeHome();
  const agent = startCli(['agent'], { home });
  started.push(agent);
  await until('it leads', () => agent.output().stderr.includes('looks after the schedules'));
  rmSync(join(home, 'logs'), { recursive: true, force: true });
  writeFileSync(join(home, 'logs'), '');
  const catalog = new Database(join(home, 'catalog.sqlite'));
  catalog.exec('alter table schedules rename to gone');
  await until('a look failed', () => agent.output().stderr.includes('cannot be written') || agent.child.exitCode !== null);
  expect(agent.child.exitCode, agent.output().stderr).toBeNull();
  catalog.exec('alter table gone rename to schedules');
  rmSync(join(home, 'logs'));
  mkdirSync(join(home, 'logs'));
  catalog.close();
  agent.child.kill('SIGTERM');
  const end = await agent.ended;
  expect(end, end.stderr).toMatchObject({ signal: null, code: 0 });
});
