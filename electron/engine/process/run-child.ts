// The one place that spawns programs: an argument array, no shell, LC_ALL=C, whole lines,
// and an outcome that counts a signal, a watchdog and a failed start as what they are.
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type ChildSpec = {
  program: string;
  args: string[];
  /** Added to the program's environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Runs it as another user (only root may): for PostgreSQL servers, which refuse to run as root. */
  runAs?: { uid: number; gid: number };
  stdin?: 'ignore' | 'pipe';
  /** `lines`: each line goes to `onLine`. `pipe`: the caller reads `stdout`.
   * Another child's `stdin`: it goes there without passing through this process, whose own end of that pipe is closed. */
  stdout?: 'pipe' | 'lines' | 'ignore' | Writable;
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Told once, as soon as the child has a process id. */
  onStart?: (pid: number) => void;
  /** Abort asks the child to end (SIGTERM), then after `graceMs` makes it (SIGKILL). */
  signal?: AbortSignal;
  graceMs?: number;
  /** With `progressOf`: the child is stopped when the number has not changed for so long. */
  stuckAfterMs?: number;
  progressOf?: () => number;
};

/** Only `exited` with code 0 is success. */
export type ChildOutcome =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'cancelled' }
  | { kind: 'stuck' }
  | { kind: 'failedToStart'; cause: Error };

export type RunningChild = {
  pid: number | undefined;
  stdin: Writable | null;
  stdout: Readable | null;
  /** Settles when the child has ended and its pipes are closed; never rejects. */
  outcome: Promise<ChildOutcome>;
  /** The last lines of standard error, at most 16 KiB. */
  stderrTail(): string;
};

const tailLimit = 16 * 1024;
const lineLimit = 64 * 1024;

/** Starts a program. */
export function runChild(spec: ChildSpec): RunningChild {
  const child = spawn(spec.program, spec.args, {
    env: childEnvironment(spec.env),
    cwd: spec.cwd,
    ...spec.runAs,
    stdio: [spec.stdin ?? 'ignore', stdoutOf(spec), 'pipe'],
    // A group of its own, so that workers forked by pg_dump -j end with it and Ctrl-C stays ours to handle.
    detached: process.platform !== 'win32',
    windowsHide: true,
    shell: false,
  });
  if (typeof spec.stdout === 'object') spec.stdout.destroy();
  if (child.pid !== undefined) spec.onStart?.(child.pid);

  let tail = '';
  eachLine(child.stderr as Readable, (line) => {
    tail = `${tail}${line}\n`.slice(-tailLimit);
    spec.onLine?.(line, 'stderr');
  });
  if (spec.stdout === 'lines') eachLine(child.stdout as Readable, (line) => spec.onLine?.(line, 'stdout'));
  // A child that ends early breaks the pipe; its exit says why, so the pipe's own error adds nothing.
  child.stdin?.on('error', () => {});

  let stopping: 'cancelled' | 'stuck' | null = null;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (why: 'cancelled' | 'stuck'): void => {
    if (stopping !== null || child.pid === undefined) return;
    stopping = why;
    signalGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    }, spec.graceMs ?? 5000);
  };
  const onAbort = (): void => stop('cancelled');
  if (spec.signal?.aborted) onAbort();
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  const watchdog = startWatchdog(spec, () => stop('stuck'));

  const outcome = new Promise<ChildOutcome>((resolve) => {
    const end = (value: ChildOutcome): void => {
      clearTimeout(killTimer);
      clearInterval(watchdog);
      spec.signal?.removeEventListener('abort', onAbort);
      resolve(value);
    };
    child.once('error', (cause) => {
      if (child.pid === undefined) end({ kind: 'failedToStart', cause });
    });
    child.once('close', (code, signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL'); // workers that outlive their leader
      if (stopping !== null) end({ kind: stopping });
      else if (code !== null) end({ kind: 'exited', code });
      else end({ kind: 'signalled', signal: signal ?? 'unknown' });
    });
  });

  return { pid: child.pid, stdin: child.stdin, stdout: spec.stdout === 'pipe' ? child.stdout : null, outcome, stderrTail: () => tail };
}

/** A command line for logs and errors: quoted for reading, not for pasting blindly. Arguments never hold secrets. */
export function describeCommand(program: string, args: string[]): string {
  return [program, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** Sends a signal to a child and everything it forked. Says whether anything was there to receive it. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH' || (thrown as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw thrown;
  }
}

function stdoutOf({ stdout }: ChildSpec): 'ignore' | 'pipe' | Writable {
  if (stdout === undefined || stdout === 'ignore') return 'ignore';
  return typeof stdout === 'object' ? stdout : 'pipe';
}

function childEnvironment(added: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C', LANGUAGE: 'C' };
  // What npm and Electron put into our own environment is nobody else's business.
  delete env['ELECTRON_RUN_AS_NODE'];
  delete env['NODE_OPTIONS'];
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

function startWatchdog(spec: ChildSpec, onStuck: () => void): NodeJS.Timeout | undefined {
  const { stuckAfterMs, progressOf } = spec;
  if (stuckAfterMs === undefined || progressOf === undefined) return undefined;
  let last = progressOf();
  let changedAt = performance.now();
  const timer = setInterval(
    () => {
      const now = progressOf();
      if (now !== last) {
        last = now;
        changedAt = performance.now();
      } else if (performance.now() - changedAt >= stuckAfterMs) onStuck();
    },
    Math.max(50, Math.min(1000, stuckAfterMs / 4)),
  );
  timer.unref();
  return timer;
}

/** Splits a stream into lines; a line longer than the limit is cut there, never held without bound. */
function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    if (rest.length > lineLimit) {
      take(rest.slice(0, lineLimit));
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
  stream.on('error', () => {}); // the outcome tells
}
