// `howdah agent --once` as a process of its own: the real command line, with its clock where the world's is.
import { spawn, type ChildProcess } from 'node:child_process';
import { cliPath } from '../support/run-cli.ts';
import { until } from '../support/wait.ts';
import type { Fate } from './plan.ts';
import { watchArguments } from './secrets.ts';
import { nowOf, type World } from './world.ts';

export type AgentEnd = { code: number | null; signal: NodeJS.Signals | null; said: string };

const limitMs = 240_000;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `cancel`: it is told to end, as by systemd. */
export async function runAgent(world: World, fate: Fate): Promise<AgentEnd> {
  const begun = performance.now();
  const child = spawn(process.execPath, [cliPath, 'agent', '--once', '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...world.env, HOWDAH_HOME: world.home, HOWDAH_NOW: new Date(nowOf(world)).toISOString() },
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stopWatching = watchArguments(world);
  let over = false;
  const ended = new Promise<AgentEnd>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      running.delete(child);
      resolve({ code, signal, said });
    });
  });
  try {
    if (fate.kind === 'none') {
      const end = await ended;
      const took = performance.now() - begun;
      world.typicalMs.set('agent', took);
      return end;
    }
    const at = fate.at * (world.typicalMs.get('agent') ?? 1500);
    await until('the moment', () => over || performance.now() - begun >= at, limitMs);
    if (fate.kind === 'crash') {
      world.server.crash();
      world.figures.crashes += 1;
    } else if (!over) {
      child.kill(fate.kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
      world.figures[fate.kind === 'kill' ? 'kills' : 'cancels'] += 1;
    }
    return await ended;
  } finally {
    stopWatching();
  }
}
