// The command line: inside the test's own process where the question is what a command does (`runCli`), and as a process
// of its own, as a shell would start it, where the question is about the process (`startCli`): its start costs a second.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../electron/command-line/run.ts';

export type CliRun = {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Standard output parsed; undefined where it is not one JSON document. */
  json: unknown;
};

export type CliOptions = {
  home: string;
  stdin?: string;
  env?: Record<string, string | undefined>;
  /** Aborting sends SIGTERM. */
  signal?: AbortSignal;
};

/** The built program where a run has built it (HOWDAH_TEST_CLI): it starts in half the time. */
export const cliPath = process.env['HOWDAH_TEST_CLI'] ?? fileURLToPath(new URL('../../electron/cli.ts', import.meta.url));

/** Runs a command to its end in this process: the program's own entry, with streams, environment and signals of its own.
 * Of the environment the command line reads what is called HOWDAH_…; a test of anything else needs `startCli`. */
export async function runCli(args: string[], options: CliOptions): Promise<CliRun> {
  const foreign = Object.keys(options.env ?? {}).filter((name) => !name.startsWith('HOWDAH_'));
  if (foreign.length > 0) throw new Error(`the engine reads ${foreign.join(', ')} from the process: use startCli`);
  const shell = makeShell(options);
  const { signal } = options;
  const terminate = (): void => void shell.emit('SIGTERM');
  signal?.addEventListener('abort', terminate, { once: true });
  try {
    const ended = runCommandLine(args, shell);
    if (signal?.aborted) terminate();
    const code = await ended;
    const { stdout, stderr } = shell.said();
    return { code, signal: null, stdout, stderr, json: parsed(stdout) };
  } finally {
    signal?.removeEventListener('abort', terminate);
  }
}

/** What `runCli` runs a command in. `onNote`: told of each text on standard error as it comes. */
export function makeShell(options: CliOptions, onNote: (text: string) => void = () => undefined) {
  let stdout = '';
  let stderr = '';
  const shell = new EventEmitter();
  return Object.assign(shell, {
    env: { ...process.env, HOWDAH_HOME: options.home, ...options.env },
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)], { objectMode: false }),
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: {
      write: (text: string) => {
        stderr += text;
        onNote(text);
      },
    },
    said: () => ({ stdout, stderr }),
  });
}

/** Starts a real process without waiting, for tests that interrupt or watch it; `ended` gives what `runCli` would. */
export function startCli(args: string[], options: CliOptions) {
  const child = spawn(process.execPath, [cliPath, ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, HOWDAH_HOME: options.home, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr, json: parsed(stdout) }));
  });
  return { child, ended, output: () => ({ stdout, stderr }) };
}

/** What the first process has compiled, the next need not. */
const compileCache = process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'howdah-compiled');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
