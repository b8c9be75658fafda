// A PostgreSQL server for one job: its own folder, port and password; stopped and removed whatever happens. After a
// crash of this program the job's leftovers (its process, its folder) are settled like any other.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { resolveTarget, type Target } from '../postgres/target.ts';
import { signalGroup, type RunningChild } from '../process/run-child.ts';
import { freePort, initialiseServer, serverOptions, serverProgram } from './server-folder.ts';
import { unprivilegedUser } from './server-programs.ts';

const startWithinMs = 60_000;
const stopWithinMs = 10_000;
const lookEveryMs = 30;

/** Hands `work` the database `postgres` of an empty server, as its superuser.
 * Errors: SAMPLE_UNAVAILABLE (no server programs), CLIENT_TOOL_FAILED, those of `work`. */
export async function withPrivateServer<T>(context: EngineContext, job: JobRun, work: (target: Target) => Promise<T>): Promise<T> {
  const folder = join(parentFolder(context), `howdah-server-${job.id}`);
  const password = randomBytes(18).toString('base64url');
  const removed = job.note({ kind: 'path', path: folder });
  let server: RunningChild | null = null;
  const stop = new AbortController();
  try {
    job.progress({ phase: 'Creating a PostgreSQL server' });
    await initialiseServer(folder, password, job);
    const port = await freePort();
    server = job.spawn({
      ...serverProgram(folder, 'postgres'),
      args: ['-D', join(folder, 'data'), ...serverOptions(port), '-c', 'logging_collector=off'],
      stdout: 'lines',
      onLine: (line) => job.log('info', line),
      signal: stop.signal,
      graceMs: 1000,
    });
    await ready(server, join(folder, 'data'), job);
    const fields = profileFields.parse({
      name: 'throw-away',
      host: '127.0.0.1',
      port,
      user: 'howdah',
      database: 'postgres',
      sslMode: 'disable',
    });
    return await work(resolveTarget(fields, password, {}));
  } finally {
    if (server !== null) await stopServer(server, stop);
    rmSync(folder, { recursive: true, force: true });
    removed();
  }
}

/** Below the home folder; where we are root, in a place that the unprivileged server can reach. */
function parentFolder(context: EngineContext): string {
  if (unprivilegedUser() !== null) return tmpdir();
  const parent = join(context.ports.homeDirectory, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return parent;
}

/** As pg_ctl does: the eighth line of postmaster.pid tells. */
async function ready(server: RunningChild, data: string, job: JobRun): Promise<void> {
  let ended = false;
  void server.outcome.then(() => (ended = true));
  const file = join(data, 'postmaster.pid');
  const deadline = performance.now() + startWithinMs;
  for (;;) {
    job.signal.throwIfAborted();
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready') return;
    if (ended || performance.now() > deadline) {
      throw new HowdahError('CLIENT_TOOL_FAILED', 'The throw-away PostgreSQL server did not start.', {
        hint: "Its own words say why. Free memory and disk space, or use a server of yours (the profile's).",
        detail: server.stderrTail(),
      });
    }
    await after(lookEveryMs);
  }
}

/** A fast shutdown (SIGINT); what does not heed it is ended. */
async function stopServer(server: RunningChild, stop: AbortController): Promise<void> {
  if (server.pid !== undefined && process.platform !== 'win32') signalGroup(server.pid, 'SIGINT');
  else stop.abort();
  const timer = setTimeout(() => stop.abort(), stopWithinMs);
  await server.outcome;
  clearTimeout(timer);
}
