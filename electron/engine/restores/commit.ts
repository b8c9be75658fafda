// A COMMIT whose answer may be lost on the way.
import { setTimeout as after } from 'node:timers/promises';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';
import { endSessionsForGood } from './sessions.ts';

const patienceMs = 30_000;
const everyMs = 300;

/** Commits the session's transaction. A line that breaks at COMMIT leaves open whether it took place: the server is
 * asked, as soon as it answers again. `committing` is told the transaction's id just before, to be looked up after a
 * crash (`txid_status`).
 * Errors: those of the server, where the transaction did not take place; CONNECTION_LOST where nobody could say. */
export async function commit(job: JobRun, session: Session, target: Target, committing?: (transaction: string) => void): Promise<void> {
  const { rows } = await session.query<{ id: string }>('select txid_current()::text as id');
  const id = rows[0]?.id ?? '';
  committing?.(id);
  try {
    await session.query('commit');
  } catch (thrown) {
    const status = await statusOf(job, target, id);
    if (status === 'committed') {
      job.log('warning', 'The connection broke at COMMIT; the server says that it took place.');
      return;
    }
    if (status === 'aborted') throw serverError(thrown, target);
    throw new HowdahError('CONNECTION_LOST', 'The connection broke at COMMIT, and the server could not be asked whether it took place.', {
      hint: 'See that the server runs. At its next start Howdah asks the server and corrects the history; until then look at the data.',
      cause: thrown,
    });
  }
}

/** Null: the server does not answer, or has forgotten the transaction. */
async function statusOf(job: JobRun, target: Target, id: string): Promise<string | null> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await withSession(target, async (session) => {
        // The broken session may still be in the middle of it.
        await endSessionsForGood(session, job.applicationName);
        const { rows } = await session.query<{ status: string | null }>('select txid_status($1::bigint) as status', [id]);
        return rows[0]?.status ?? null;
      });
    } catch (thrown) {
      if (!(thrown instanceof HowdahError) || performance.now() > deadline) return null;
      await after(everyMs);
    }
  }
}
