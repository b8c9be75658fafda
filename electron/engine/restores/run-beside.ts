// Restores into a fresh database beside, checks it, and gives it the name: what was there before is not touched
// until one step at the very end, and stays afterwards.
import { availableParallelism } from 'node:os';
import type { EngineContext } from '../context.ts';
import type { RowEffects } from '../../../shared/contract/previews.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase, quoteIdentifier, withSession, type Session } from '../postgres/connection.ts';
import { dropThrowAway } from '../postgres/settle-databases.ts';
import type { Target } from '../postgres/target.ts';
import { createDatabaseStatement } from '../postgres/throw-away.ts';
import { checkRestored } from './check-restored.ts';
import { freeName, throwAwayName } from './database-names.ts';
import { createLike, databaseProperties, likeStatements, type DatabaseProperties } from './database-properties.ts';
import { loadDump } from './load.ts';
import { assertUnmoved } from './rows/unmoved.ts';
import { watchUnmoved } from './rows/watch-unmoved.ts';
import { withOtherDatabase } from './sessions.ts';
import type { RestoreStore } from './store.ts';
import { swapNames } from './swap.ts';
import { isEmpty } from './target-facts.ts';
import type { Restoring } from './run.ts';

export type Done = {
  /** Rows found in the restored tables; null where nobody counted. */
  rowsRestored: number | null;
  /** What was done row by row; null for a restore without a strategy. */
  rows: RowEffects | null;
  warnings: string[];
  /** To be called once the row tells of the success: crosses out what a crash before that would have to settle. */
  recorded: () => void;
};

/** Modes `replace`, and `new` where the database does not exist or may be swapped away.
 * Errors: those of `loadDump`, `checkRestored`, `swapNames`; the target is then as it was. */
export async function runBeside(context: EngineContext, job: JobRun, restoring: Restoring, store: RestoreStore): Promise<Done> {
  const { target, facts, plan } = restoring;
  const live = target.database;
  const fresh = throwAwayName();
  const freshGone = job.note({ kind: 'database', profileId: restoring.profile.id, database: fresh });
  let swapped = false;
  try {
    job.progress({ phase: 'Creating a fresh database', fraction: null });
    const old = await withOtherDatabase(target, [], async (session) => {
      const properties = facts.database === null ? null : await databaseProperties(session, live);
      await create(session, fresh, properties, restoring);
      await hurry(session, fresh, isCrowded(restoring));
      return properties;
    });
    const there = onDatabase(target, fresh);
    const loaded = await load(context, job, restoring, there);
    job.progress({ phase: 'Checking tables and rows', fraction: null, current: null });
    // The planner's statistics are gathered meanwhile; they read the same pages.
    const [{ rows }] = await Promise.all([
      checkRestored(there, restoring.dump, restoring.chosen?.tables ?? []),
      withSession(there, (session) => session.query('analyze'), job.applicationName),
    ]);
    job.signal.throwIfAborted();
    await withOtherDatabase(target, [fresh], (session) => session.query(`alter database ${quoteIdentifier(fresh)} reset all`));
    const warnings = [...loaded.warnings, ...(old === null ? [] : await copyProperties(target, fresh, old))];

    job.progress({ phase: 'Swapping names' });
    if (restoring.request.dryRun) {
      if (restoring.seen !== null) await withSession(target, (session) => assertUnmoved(session, restoring.seen?.compared.tables ?? []));
      return { rowsRestored: rows, rows: rowsOf(restoring, rows), warnings, recorded: () => {} };
    }
    const names = await asideName(context, job, restoring);
    await context.previews.closeOn(target);
    const swap = { profileId: restoring.profile.id, restoreId: restoring.id, live, fresh, aside: names.aside };
    const swappedIn = (): void => {
      swapped = true;
      if (plan.mode === 'replace') {
        store.change(restoring.id, { previousDatabase: names.aside, undo: 'possible' }, { previousOid: facts.database?.oid ?? null });
      }
    };
    const watch = restoring.seen === null ? null : await watchUnmoved(job, target, restoring.seen.compared.tables);
    let recorded: () => void;
    try {
      recorded = await swapNames(job, target, swap, swappedIn, watch);
    } finally {
      await watch?.end();
    }
    await names.afterwards();
    return { rowsRestored: rows, rows: rowsOf(restoring, rows), warnings, recorded };
  } finally {
    if (swapped) freshGone();
    else if (await dropped(job, target, fresh)) freshGone();
  }
}

/** What the preview said: the live database was what it saw until the names were swapped. */
function rowsOf({ seen, request }: Restoring, restored: number | null): RowEffects | null {
  if (seen !== null) return seen.preview.strategies.replace;
  return request.strategy === undefined ? null : { created: restored ?? 0, updated: 0, deleted: 0, skipped: 0 };
}

async function create(session: Session, fresh: string, like: DatabaseProperties | null, restoring: Restoring): Promise<void> {
  if (like !== null) {
    await session.query(createLike(fresh, like, restoring.facts.major));
    return;
  }
  const { rows } = await session.query<{ encoding: string }>(
    "select pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'template0'",
  );
  const unlike = restoring.dump.encoding === 'UTF8' && rows[0]?.encoding !== 'UTF8';
  // The server's own locale may not fit UTF-8; C fits every encoding.
  await session.query(createDatabaseStatement(fresh, unlike ? { encoding: 'UTF8', collate: 'C', ctype: 'C' } : {}));
}

const workersOf = (restoring: Restoring): number => restoring.request.jobs ?? Math.max(1, Math.min(availableParallelism(), 8));

/** Whether server and client programs share one machine, with a worker for each of its processors. */
function isCrowded(restoring: Restoring): boolean {
  const { target, dump, plan, facts } = restoring;
  const oneSession =
    dump.format === 'plain' || dump.format === 'tar' || (Number.parseInt(plan.clientVersion, 10) >= 17 && facts.major < 17);
  const oneMachine = /^([/@]|localhost$|127\.|::1$)/.test(target.host);
  return oneMachine && !oneSession && workersOf(restoring) >= availableParallelism();
}

/** For the time of loading: a crash of the server would cost only a database that nobody has yet, and the swap's own
 * commit makes all before it durable. Set on the database, so that every worker has it, whatever the way there. */
async function hurry(session: Session, fresh: string, crowded: boolean): Promise<void> {
  await session.query(`alter database ${quoteIdentifier(fresh)} set synchronous_commit = off`);
  const { rows } = await session.query<{ small: boolean }>(
    "select setting::bigint < 262144 as small from pg_settings where name = 'maintenance_work_mem'",
  );
  if (rows[0]?.small === true) await session.query(`alter database ${quoteIdentifier(fresh)} set maintenance_work_mem = '256MB'`);
  // With a worker for every processor, helpers of each index build only take turns with them.
  if (crowded) await session.query(`alter database ${quoteIdentifier(fresh)} set max_parallel_maintenance_workers = 0`);
}

async function load(context: EngineContext, job: JobRun, restoring: Restoring, target: Target): Promise<{ warnings: string[] }> {
  job.progress({ phase: 'Restoring', fraction: 0 });
  return loadDump(job, context, {
    path: restoring.path,
    dump: restoring.dump,
    target,
    clientDirectory: restoring.profile.clientDirectory,
    noOwner: restoring.request.noOwner,
    entries: restoring.chosen?.entries ?? null,
    oneTransaction: false,
    jobs: workersOf(restoring),
    stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
    onProgress: (fraction) => job.progress({ fraction: Math.min(1, fraction) }),
  });
}

/** Settings of single roles are theirs to have or not; everything else must come over, or the swap would surprise. */
async function copyProperties(target: Target, fresh: string, old: DatabaseProperties): Promise<string[]> {
  const warnings: string[] = [];
  await withOtherDatabase(target, [fresh], async (session) => {
    for (const statement of likeStatements(fresh, old)) {
      try {
        await session.query(statement);
      } catch (thrown) {
        if ((thrown as { code?: unknown }).code !== '42501' || !statement.startsWith('alter role')) throw thrown;
        warnings.push(`A setting of the old database was not copied, because the role may not: ${statement}`);
      }
    }
  });
  return warnings;
}

/** The name for the old database, and what is to be done once it has it. An empty one is not worth keeping: it gets
 * a throw-away name, and goes. */
async function asideName(
  context: EngineContext,
  job: JobRun,
  { target, plan, facts, profile }: Restoring,
): Promise<{ aside: string; afterwards: () => Promise<void> }> {
  if (facts.database === null) return { aside: '', afterwards: () => Promise.resolve() };
  if (plan.mode === 'replace') {
    const aside = await withOtherDatabase(target, [], (session) => freeName(session, target.database, 'before', context.ports.clock()));
    return { aside, afterwards: () => Promise.resolve() };
  }
  if (!(await withSession(target, isEmpty))) {
    throw new HowdahError('PLAN_STALE', `Somebody has begun to fill the database "${target.database}" meanwhile; it was left as it is.`, {
      hint: 'Look at it, then plan again.',
    });
  }
  const aside = throwAwayName();
  const gone = job.note({ kind: 'database', profileId: profile.id, database: aside });
  return {
    aside,
    async afterwards() {
      if (await dropped(job, target, aside)) gone();
    },
  };
}

/** Drops a fresh database; false where the server cannot be asked now: the note makes the next start try again. */
async function dropped(job: JobRun, target: Target, fresh: string): Promise<boolean> {
  try {
    await withOtherDatabase(target, [fresh], (session) => dropThrowAway(session, fresh));
    return true;
  } catch (thrown) {
    job.log(
      'warning',
      `The throw-away database ${fresh} could not be dropped now; it will be at the next start: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
    return false;
  }
}
