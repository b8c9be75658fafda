// Makes data folders and runs the server's own programs on them, as another user where we are root.
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { describeCommand, runChild } from '../process/run-child.ts';
import { findServerPrograms, unprivilegedUser } from './server-programs.ts';

/** Makes the folder where it is missing, and a data folder `data` in it with the one role `howdah`.
 * Errors: SAMPLE_UNAVAILABLE, CLIENT_TOOL_FAILED. */
export async function initialiseServer(folder: string, password: string, job: JobRun): Promise<void> {
  const user = unprivilegedUser();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== null) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  await runServerProgram(folder, job, 'initdb', [
    '-D',
    join(folder, 'data'),
    '-U',
    'howdah',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ]);
  rmSync(passwordFile);
}

/** What every server of ours is started with. */
export const serverOptions = (port: number): string[] => [
  '-p',
  String(port),
  '-c',
  'listen_addresses=127.0.0.1',
  '-c',
  'unix_socket_directories=',
  '-c',
  'fsync=off',
  '-c',
  'max_connections=30',
  '-c',
  'shared_buffers=32MB',
];

/** How to spawn one of the server's programs. Errors: SAMPLE_UNAVAILABLE. */
export function serverProgram(
  folder: string,
  name: string,
): { program: string; cwd: string; runAs?: { uid: number; gid: number }; env?: Record<string, string> } {
  const programs = findServerPrograms();
  if (programs === null)
    throw new HowdahError('SAMPLE_UNAVAILABLE', 'No PostgreSQL server programs were found on this machine.', {
      hint: 'Install PostgreSQL and try again.',
    });
  const user = unprivilegedUser();
  return { program: join(programs, name), cwd: folder, ...(user === null ? {} : { runAs: user, env: { HOME: folder } }) };
}

/** Runs one to its end. Errors: SAMPLE_UNAVAILABLE, CLIENT_TOOL_FAILED. */
export async function runServerProgram(folder: string, job: JobRun | null, name: string, args: string[]): Promise<void> {
  const spec = {
    ...serverProgram(folder, name),
    args,
    stdout: 'lines' as const,
    onLine: (line: string) => job?.log('info', line),
  };
  const child = job === null ? runChild(spec) : job.spawn(spec);
  const outcome = await child.outcome;
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  job?.signal.throwIfAborted();
  throw new HowdahError(
    'CLIENT_TOOL_FAILED',
    `${name} did not succeed (${outcome.kind === 'exited' ? `exit code ${outcome.code}` : outcome.kind}).`,
    {
      hint: `See ${join(folder, 'server.log')}, then try again.`,
      detail: child.stderrTail(),
      command: describeCommand(spec.program, args),
    },
  );
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
