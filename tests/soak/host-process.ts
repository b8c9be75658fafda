// The soak's side of host.ts: starts it, asks it, kills it.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { Client } from '../../electron/transport/client.ts';
import type { Answer, Question } from './host.ts';

/** What Howdah answered instead of doing it. */
export class Refused extends Error {
  readonly report: ErrorReport;
  constructor(report: ErrorReport) {
    super(`${report.code}: ${report.message}`);
    this.report = report;
  }
}

/** The process died before it answered. */
export class HostGone extends Error {}

export type Host = {
  pid: number;
  client: Client;
  /** Waits for a job of this process. */
  ended: (jobId: string) => Promise<EndedJob>;
  /** Resolves when whatever a crash left at servers is settled, or was tried. */
  settled: () => Promise<void>;
  setClock: (offset: number) => Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill: () => Promise<void>;
  /** As a program ends that was told to. */
  close: () => Promise<void>;
};

const program = fileURLToPath(new URL('host.ts', import.meta.url));
const running = new Set<ChildProcess>();
// Only where the soak itself dies: a run that ends has closed them.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `faulty` is told of each error that the engine logs. */
export async function startHost(home: string, offset: number, env: NodeJS.ProcessEnv, faulty: (text: string) => void): Promise<Host> {
  const child = spawn(process.execPath, [program, home, String(offset)], {
    // A group of its own: Ctrl-C is the soak's to heed.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...env, HOWDAH_HOME: home },
  });
  running.add(child);
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (thrown: Error) => void }>();
  const gone = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      for (const { reject } of waiting.values()) reject(new HostGone(`the engine's process ended with ${code ?? signal}`));
      waiting.clear();
      resolve();
    });
  });
  let told: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (told = resolve));
  child.on('message', (answer: Answer) => {
    if ('ready' in answer) return told();
    if ('fault' in answer) return faulty(answer.fault);
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('value' in answer) waiter?.resolve(answer.value);
    else waiter?.reject('refused' in answer ? new Refused(answer.refused) : new Error(answer.broken));
  });

  let asked = 0;
  const ask = (call: string, input?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const question: Question = { id: (asked += 1), call, input };
      if (!child.connected) return reject(new HostGone("the engine's process is gone"));
      waiting.set(question.id, { resolve, reject });
      child.send(question, (problem) => {
        if (problem !== null) waiting.get(question.id)?.reject(new HostGone(problem.message));
      });
    });
  await Promise.race([
    ready,
    gone.then(() => {
      throw new HostGone('the engine could not be started');
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    client: clientOver(ask),
    ended: async (jobId) => (await ask('ended', jobId)) as EndedJob,
    settled: async () => void (await ask('settled')),
    setClock: async (milliseconds) => void (await ask('clock', milliseconds)),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      await ask('close');
      await gone;
    },
  };
}

function clientOver(ask: (call: string, input: unknown) => Promise<unknown>): Client {
  const nouns = new Proxy(
    {},
    {
      get: (_, noun: string) => new Proxy({}, { get: (__, verb: string) => (input: unknown) => ask(`${noun}.${verb}`, input) }),
    },
  );
  return nouns as Client;
}
