// Runs the real command line as a child process, as a shell would.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
  cwd?: string;
  /** Aborting sends SIGTERM. */
  signal?: AbortSignal;
};

export const cliPath = fileURLToPath(new URL('../../electron/cli.ts', import.meta.url));

/** Starts it without waiting, for tests that interrupt or watch it. */
export function startCli(args: string[], options: CliOptions) {
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, HOWDAH_HOME: options.home, ...options.env },
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

/** Runs it to its end. */
export async function runCli(args: string[], options: CliOptions): Promise<CliRun> {
  return await startCli(args, options).ended;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
