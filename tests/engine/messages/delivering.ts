// A process that adds a channel, is told of a failure and sends it: to be killed in the middle.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/wait.ts';

export async function startDelivering(home: string, url: string) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), home, url], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  await once(child, 'spawn');
  return {
    reached: (what: () => boolean) => until('the message to arrive', what),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { makeEngine } = await import('../../support/engine.ts');
  const { channel, run } = await import('./told.ts');
  const [, , home = '', url = ''] = process.argv;
  const engine = await makeEngine({ home });
  await engine.client.messages.addChannel({ channel: channel({ name: 'hook', target: { kind: 'webhook' } }), secret: { url } });
  engine.engine.messages.tell({ kind: 'run-ended', run: run() });
  await engine.engine.messages.deliver();
}
