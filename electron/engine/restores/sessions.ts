// Ending a job's sessions at the server, and being sure that they are gone.
import { setTimeout as after } from 'node:timers/promises';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { connect, onDatabase, withMaintenanceSession, type Session } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import { endSessions } from '../postgres/settle-databases.ts';
import type { Target } from '../postgres/target.ts';

const patienceMs = 15_000;
const everyMs = 50;

/** Ends every session of that name and waits until the server has let go of them. Says how many there were.
 * Errors: SERVER_ERROR where one does not end in time. */
export async function endSessionsForGood(session: Session, applicationName: string): Promise<number> {
  let ended = 0;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = await endSessions(session, applicationName);
    ended = Math.max(ended, left);
    if (left === 0) return ended;
    if (performance.now() > deadline) {
      throw new HowdahError('SERVER_ERROR', `A session of "${applicationName}" does not end.`, {
        hint: 'See pg_stat_activity at the server; it may be waiting for a disk or a network.',
      });
    }
    await after(everyMs);
  }
}

/** Ends whatever sessions the job has at the server. False where the server cannot be asked (any more): it ends sessions
 * itself whose client is gone. */
export async function endOwnSessions(job: JobRun, target: Target): Promise<boolean> {
  try {
    await withMaintenanceSession(target, (session) => endSessionsForGood(session, job.applicationName));
    return true;
  } catch (thrown) {
    job.log('warning', `The sessions at the server could not be ended: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return false;
  }
}

/** Runs `work` in a session on a database that is none of `avoid` (which are about to be renamed or dropped).
 * Errors: those of `connect`, those of `work`. */
export async function withOtherDatabase<T>(
  target: Target,
  avoid: string[],
  work: (session: Session) => Promise<T>,
  applicationName?: string,
): Promise<T> {
  const session = await connectElsewhere(target, avoid, applicationName);
  try {
    return await work(session);
  } catch (thrown) {
    throw thrown instanceof Error && !(thrown instanceof HowdahError) && 'code' in thrown ? serverError(thrown, target) : thrown;
  } finally {
    await session.end().catch(() => {});
  }
}

async function connectElsewhere(target: Target, avoid: string[], applicationName: string | undefined): Promise<Session> {
  let refused: unknown;
  for (const name of new Set(['postgres', 'template1', target.database])) {
    if (avoid.includes(name)) continue;
    try {
      return await connect(onDatabase(target, name), applicationName);
    } catch (thrown) {
      if (!(thrown instanceof HowdahError) || thrown.code === 'CONNECTION_FAILED') throw thrown;
      refused ??= thrown;
    }
  }
  throw refused;
}
