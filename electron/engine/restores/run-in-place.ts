// Restores inside the live database in one transaction: the whole of it where its name cannot be swapped, or chosen tables.
import type { EngineContext } from '../context.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import { checkTables, expectedTables, type Checked } from './check-restored.ts';
import { emptyDatabase } from './empty-database.ts';
import { clearingStatements, closingStatements, sameTables, whatIsInTheWay, type InTheWay } from './in-the-way.ts';
import { loadDump } from './load.ts';
import type { Restoring } from './run.ts';
import type { Done } from './run-beside.ts';
import { transactionName } from './settle-swap.ts';

/** Modes `replaceInPlace`, and `new` where the empty database cannot be swapped away. An error takes everything back.
 * Errors: those of `loadDump`; VERIFICATION_FAILED; PERMISSION_DENIED; PLAN_STALE. */
export async function runInPlace(context: EngineContext, job: JobRun, restoring: Restoring): Promise<Done> {
  return inOneTransaction(context, job, restoring, {
    before: (session) => emptyDatabase(session),
    after: () => Promise.resolve(),
  });
}

/** Mode `tables`. */
export async function runTables(context: EngineContext, job: JobRun, restoring: Restoring): Promise<Done> {
  let way: InTheWay = { existing: [], dependents: [], foreignKeys: [] };
  return inOneTransaction(context, job, restoring, {
    async before(session) {
      // Definitions are read with every name qualified, whatever search_path will be in force later.
      await session.query("set search_path to ''");
      way = await whatIsInTheWay(session, restoring.chosen?.tables ?? restoring.request.tables);
      if (!sameTables(way.existing, restoring.way?.existing ?? [])) {
        throw new HowdahError('PLAN_STALE', 'Tables were made or dropped since the restore was planned.', { hint: 'Plan again.' });
      }
      for (const statement of clearingStatements(way, restoring.chosen?.sequences ?? [])) await clear(session, statement);
    },
    async after(session) {
      for (const statement of closingStatements(way)) await close(session, statement);
    },
  });
}

type Around = { before: (session: Session) => Promise<void>; after: (session: Session) => Promise<void> };

async function inOneTransaction(context: EngineContext, job: JobRun, restoring: Restoring, around: Around): Promise<Done> {
  const { target, request, dump } = restoring;
  let checked: Checked = { rows: null };
  let recorded: () => void = () => {};
  job.progress({ phase: 'Restoring', fraction: 0 });
  const { warnings } = await loadDump(job, context, {
    path: restoring.path,
    dump,
    target,
    clientDirectory: restoring.profile.clientDirectory,
    noOwner: request.noOwner,
    entries: restoring.chosen?.entries ?? null,
    oneTransaction: true,
    dryRun: request.dryRun,
    jobs: 1,
    before: around.before,
    async after(session) {
      job.progress({ phase: 'Checking tables and rows', fraction: null, current: null });
      await session.query('reset session authorization');
      await around.after(session);
      checked = await checkTables(session, expectedTables(dump, restoring.chosen?.tables ?? []));
      job.progress({ phase: 'Committing' });
    },
    committing(transaction) {
      recorded = job.note({
        kind: 'swap',
        profileId: restoring.profile.id,
        restoreId: restoring.id,
        live: target.database,
        fresh: transactionName(transaction),
        aside: '',
      });
    },
    stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
    onProgress: (fraction) => job.progress({ fraction: Math.min(1, fraction) }),
  });
  if (request.dryRun) return { rowsRestored: checked.rows, rows: null, warnings, recorded };
  // From here on it is done; statistics are a courtesy to the planner.
  job.progress({ phase: 'Gathering statistics' });
  await withSession(target, (session) => session.query('analyze'));
  return { rowsRestored: checked.rows, rows: null, warnings, recorded };
}

async function clear(session: Session, statement: string): Promise<void> {
  try {
    await session.query(statement);
  } catch (thrown) {
    // dependent_objects_still_exist
    if ((thrown as { code?: unknown }).code !== '2BP01') throw thrown;
    throw new HowdahError('TABLE_IN_THE_WAY', 'Others depend on the chosen tables, so they cannot be replaced.', {
      hint: 'Choose those tables as well, drop what depends on them, or restore into a new database.',
      detail: `${(thrown as Error).message}\n${(thrown as { detail?: string }).detail ?? ''}`,
      cause: thrown,
    });
  }
}

async function close(session: Session, statement: string): Promise<void> {
  try {
    await session.query(statement);
  } catch (thrown) {
    const more = thrown as { code?: unknown; detail?: string };
    if (more.code !== '23503') throw thrown;
    throw new HowdahError(
      'RESTORE_HAD_ERRORS',
      `Rows of another table point to rows that the dump does not hold: ${(thrown as Error).message}`,
      {
        hint: 'Everything is as it was. Choose that table as well, or restore into a new database and compare.',
        detail: `${more.detail ?? ''}\n${statement}`.trim(),
        cause: thrown,
      },
    );
  }
}
