// `npm start` without a display serves the page: that program looks after the schedules, too, until it ends.
import { afterEach, expect, test } from 'vitest';
import type { SchedulerStatus } from '../../shared/contract/schedules.ts';
import { makeHome } from '../support/home.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { until } from '../support/wait.ts';

const atEnd: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

test('the page server leads; a command and `agent --once` leave the work to it; an agent takes over', async () => {
  const home = makeHome();
  const start = (...args: string[]) => {
    const cli = startCli([...args, '--json'], { home, env: { HOWDAH_SECRETS: 'file' } });
    atEnd.push(() => {
      cli.child.kill('SIGKILL');
      return cli.ended;
    });
    return cli;
  };
  const leader = async (): Promise<SchedulerStatus['leader']> =>
    ((await runCli(['schedule', 'status', '--json'], { home })).json as { status: SchedulerStatus }).status.leader;

  const server = start('serve', '--no-open');
  await until('the page server', () => server.output().stdout !== '');
  expect(await leader()).toMatchObject({ host: 'browser', pid: server.child.pid, here: false });
  expect((await runCli(['agent', '--once', '--json'], { home })).json).toEqual({ leader: false, runs: [] });

  const agent = start('agent');
  await until('the agent to wait', () => agent.output().stderr.includes('this one waits'));
  server.child.kill('SIGTERM');
  await server.ended;
  await until('the agent to lead', () => agent.output().stderr.includes('This agent looks after the schedules.'));
  expect(await leader()).toMatchObject({ host: 'agent', pid: agent.child.pid });
  agent.child.kill('SIGTERM');
  await agent.ended;
  expect(await leader()).toBeNull();
});
