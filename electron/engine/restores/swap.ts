// The one step in which a restored database takes the live one's name. Both renames are one transaction of the
// server: whoever looks sees the old database or the new one under the name, never neither, except clients that try
// to connect in the moment between.
import { setTimeout as after } from 'node:timers/promises';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { quoteIdentifier as name, type Session } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';
import { withOtherDatabase } from './sessions.ts';

export type Swap = {
  profileId: string;
  restoreId: string;
  /** The name that clients use. */
  live: string;
  /** The database that takes it. */
  fresh: string;
  /** The name that the old one is given. Empty: there is no old one. */
  aside: string;
};

/** Looks at the live database once nobody else can change it. */
export type SwapWatch = {
  /** Its session's process, which is not ended with the others. */
  pid: number;
  /** Throws where the swap must not take place. Its session is gone afterwards, in any case. */
  lastLook: () => Promise<void>;
};

const objectInUse = '55006';
const patienceMs = 30_000;
const everyMs = 30;

/** Swaps, or leaves everything as it was. Sessions in either database are ended. `committed` runs as soon as the
 * names have changed. Gives what crosses out the note about the swap: to be called once all is on record.
 * Errors: PERMISSION_DENIED, SERVER_ERROR (others keep connecting), CANCELLED, CONNECTION_LOST. */
export async function swapNames(
  job: JobRun,
  target: Target,
  swap: Swap,
  committed: () => void,
  watch: SwapWatch | null = null,
): Promise<() => void> {
  const settled = job.note({ kind: 'swap', ...swap });
  try {
    await withOtherDatabase(
      target,
      [swap.live, swap.fresh, swap.aside],
      (session) => swapIn(session, job, swap, watch),
      job.applicationName,
    );
  } catch (thrown) {
    // A line that breaks at COMMIT leaves open which it was: the server knows.
    const swapped = await untilAnswered(() => wasSwapped(target, swap));
    if (!swapped) {
      await untilAnswered(() => reopen(target, swap.live));
      settled();
      throw thrown;
    }
    job.log('warning', 'The connection broke as the names were swapped; the server says that they are.');
  }
  committed();
  return settled;
}

async function swapIn(session: Session, job: JobRun, swap: Swap, watch: SwapWatch | null): Promise<void> {
  const deadline = performance.now() + patienceMs;
  // No new sessions into the old one while it is renamed; the transaction below lets them in again.
  if (swap.aside !== '') await session.query(`alter database ${name(swap.live)} allow_connections false`);
  let looked = false;
  for (;;) {
    job.signal.throwIfAborted();
    await session.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname in ($1, $2) and pid <> pg_backend_pid() and pid <> $3',
      [swap.live, swap.fresh, watch?.pid ?? 0],
    );
    if (watch !== null && !looked) {
      await othersGone(session, swap.live, watch.pid, deadline);
      await watch.lastLook();
      looked = true;
    }
    try {
      await session.query('begin');
      if (swap.aside !== '') {
        await session.query(`alter database ${name(swap.live)} rename to ${name(swap.aside)}`);
        await session.query(`alter database ${name(swap.aside)} allow_connections true`);
      }
      await session.query(`alter database ${name(swap.fresh)} rename to ${name(swap.live)}`);
      await session.query('commit');
      return;
    } catch (thrown) {
      const code = (thrown as { code?: unknown }).code;
      if (code !== objectInUse) throw thrown;
      await session.query('rollback');
      if (performance.now() > deadline) {
        throw stillInUse(thrown);
      }
      await after(everyMs);
    }
  }
}

/** Waits until no client but ours is left in the database. Errors: SERVER_ERROR. */
async function othersGone(session: Session, database: string, except: number, deadline: number): Promise<void> {
  for (;;) {
    const { rowCount } = await session.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> $2 and pid <> pg_backend_pid() and backend_type = 'client backend'",
      [database, except],
    );
    if (rowCount === 0) return;
    if (performance.now() > deadline) throw stillInUse();
    await after(everyMs);
  }
}

const stillInUse = (cause?: unknown): HowdahError =>
  new HowdahError('SERVER_ERROR', `Sessions keep the databases in use; the names were not swapped.`, {
    hint: 'Stop the applications that use the database for a moment, then restore again.',
    cause,
  });

/** A server that just went away often comes back: the live database must not stay closed because of that. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      const gone = thrown instanceof HowdahError && (thrown.code === 'CONNECTION_FAILED' || thrown.code === 'CONNECTION_LOST');
      if (!gone || performance.now() > deadline) throw thrown;
      await after(10 * everyMs);
    }
  }
}

/** Whether the renames took place: then nothing carries the fresh name any more. */
export async function wasSwapped(target: Target, swap: Pick<Swap, 'live' | 'fresh' | 'aside'>): Promise<boolean> {
  return withOtherDatabase(target, [swap.live, swap.fresh, swap.aside], async (session) => {
    const { rows } = await session.query<{ datname: string }>('select datname from pg_database where datname = any ($1)', [
      [swap.live, swap.fresh, swap.aside],
    ]);
    const there = new Set(rows.map((row) => row.datname));
    return !there.has(swap.fresh) && there.has(swap.live) && (swap.aside === '' || there.has(swap.aside));
  });
}

/** Lets clients into the live database again after a swap that did not take place. */
export async function reopen(target: Target, live: string): Promise<void> {
  await withOtherDatabase(target, [live], async (session) => {
    const { rowCount } = await session.query('select from pg_database where datname = $1 and not datallowconn', [live]);
    if (rowCount !== 0) await session.query(`alter database ${name(live)} allow_connections true`);
  });
}
