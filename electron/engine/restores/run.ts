// A restore from start to end: plan again, prove the source, back up what is there, restore, record.
import { backupOptions } from '../../../shared/contract/backups.ts';
import type { Restore, RestoreRequest } from '../../../shared/contract/restores.ts';
import { assertNever, HowdahError, reportOf } from '../../../shared/errors.ts';
import { runBackupWithin } from '../backups/start.ts';
import type { EngineContext } from '../context.ts';
import { pathOfSource } from '../dumps/source.ts';
import { isOwnError, type JobRun } from '../jobs/jobs.ts';
import { withSession } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import { plainToArchive } from './plain-to-archive.ts';
import { prepareRestore, type PreparedRestore } from './plan.ts';
import { hindrancesToSwap } from './plan-rights.ts';
import { runBeside, type Done } from './run-beside.ts';
import { runInPlace, runTables } from './run-in-place.ts';
import { runRows } from './rows/run-rows.ts';
import { assertUnmoved, stale } from './rows/unmoved.ts';
import { seePreview, type SeenBefore } from './rows/with-preview.ts';
import { restoreStore, type RestoreStore } from './store.ts';
import { choiceOf, hasStrategy, isWholeReplace, previewRequestOf, type StrategyRequest } from './strategy.ts';
import { proveSource } from './verify-source.ts';

/** A prepared restore with the row that it is recorded in. */
export type Restoring = PreparedRestore & {
  id: string;
  request: RestoreRequest;
  /** Replace of the whole by strategy: what the preview said of the live database. */
  seen: SeenBefore | null;
};

/** Runs it and ends its row. Throws what ended it, after the row says so. */
export async function runRestore(
  context: EngineContext,
  job: JobRun,
  id: string,
  request: RestoreRequest & { fingerprint?: string | undefined },
): Promise<Restore> {
  const store = restoreStore(context);
  try {
    const { rowsRestored, rows, warnings, recorded } = await perform(context, job, store, id, request);
    for (const warning of warnings) job.log('warning', warning);
    const restore = store.finish(id, { status: 'succeeded', rowsRestored, rows, warnings });
    recorded();
    return restore;
  } catch (thrown) {
    const error = asOwn(job, thrown, store.get(id).database);
    store.finish(id, { status: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error: error.report() });
    throw error;
  }
}

/** What a job that never began leaves in its row. */
export function neverRan(context: EngineContext, id: string, error: HowdahError): void {
  restoreStore(context).finish(id, { status: 'cancelled', error: error.report() });
}

async function perform(
  context: EngineContext,
  job: JobRun,
  store: RestoreStore,
  id: string,
  request: RestoreRequest & { fingerprint?: string | undefined },
): Promise<Done> {
  if (hasStrategy(request) && !isWholeReplace(request)) return byRows(context, job, store, id, request);
  job.progress({ phase: 'Looking at dump and target' });
  const prepared = await prepareRestore(context, request);
  // With a strategy the fingerprint is the preview's, which is compared below.
  if (!hasStrategy(request) && request.fingerprint !== undefined && request.fingerprint !== prepared.plan.fingerprint) {
    throw new HowdahError('PLAN_STALE', 'Source or target have changed since the plan was made; nothing was touched.', {
      hint: 'Look at the new plan, then start again.',
    });
  }
  // What bars a restore of everything in place does not bar rows.
  if (hasStrategy(request) && prepared.plan.mode === 'replaceInPlace') {
    job.log(
      'warning',
      `The names of databases cannot be swapped here, so rows are replaced one by one: ${hindrancesToSwap(prepared.facts).join(' and ')}.`,
    );
    store.change(id, { mode: 'replace' });
    return byRows(context, job, store, id, request);
  }
  const first = prepared.plan.blockers[0];
  if (first !== undefined) throw new HowdahError(first.code, first.message, first);
  store.change(id, { mode: prepared.plan.mode });
  for (const step of prepared.plan.steps) job.log('info', `Plan: ${step}`);
  for (const warning of prepared.plan.warnings) job.log('warning', warning.message);
  job.signal.throwIfAborted();

  await proveSource(job, request.source, prepared.path);
  const seen = hasStrategy(request) ? await seenBefore(context, job, request, prepared) : null;
  if (seen !== null && !seen.compared.whole && swapsNames(prepared)) {
    throw stale('The preview is of a restore row by row, and now the whole database would be replaced.');
  }
  const restoring: Restoring = { ...prepared, id, request, seen };
  await backUpFirst(context, job, store, restoring);
  const own = prepared.plan.warnings.map((warning) => warning.message);
  if (prepared.dump.format === 'plain' && request.tables.length > 0) {
    return plainToArchive(context, job, restoring, async (archive) =>
      withWarnings(await place(context, job, { ...archive, id, request, seen }, store), own),
    );
  }
  return withWarnings(await place(context, job, restoring, store), own);
}

/** Whether a database that is there gives way to one that is restored beside it. */
const swapsNames = ({ plan, facts }: PreparedRestore): boolean =>
  plan.mode === 'replace' || (plan.mode === 'new' && facts.database !== null && hindrancesToSwap(facts).length === 0);

/** Null: there is nothing yet to compare with. */
async function seenBefore(
  context: EngineContext,
  job: JobRun,
  request: RestoreRequest & { fingerprint?: string | undefined },
  { facts, target, plan }: PreparedRestore,
): Promise<SeenBefore | null> {
  if (facts.database === null) {
    if ((request.fingerprint === undefined || request.fingerprint === plan.fingerprint) && request.previewId === undefined) return null;
    throw stale(`The database "${target.database}" is gone.`);
  }
  // Who has only seen the plan has not seen rows.
  const fingerprint = request.fingerprint === plan.fingerprint ? undefined : request.fingerprint;
  const seen = await seePreview(context, job, { ...request, fingerprint, request: previewRequestOf(request) });
  await withSession(target, (session) => assertUnmoved(session, seen.compared.tables));
  return seen;
}

/** Every strategy but a replace of the whole. */
async function byRows(
  context: EngineContext,
  job: JobRun,
  store: RestoreStore,
  id: string,
  request: StrategyRequest & { fingerprint?: string | undefined },
): Promise<Done> {
  await proveSource(job, request.source, pathOfSource(context, request.source));
  let undoable = false;
  const done = await runRows(context, job, {
    restoreId: id,
    request: previewRequestOf(request),
    choice: choiceOf(request),
    previewId: request.previewId,
    fingerprint: request.fingerprint,
    dryRun: request.dryRun,
    safetyBackup: request.safetyBackup,
    label: `before restore ${id}`,
    onPrepared({ changed, safetyBackupId }) {
      undoable = safetyBackupId !== null;
      store.change(id, { safetyBackupId }, { changedTables: changed });
    },
  });
  if (undoable) store.change(id, { undo: 'possible' });
  return { rowsRestored: null, rows: done.effects, warnings: done.warnings, recorded: done.recorded };
}

const withWarnings = (done: Done, more: string[]): Done => ({ ...done, warnings: [...more, ...done.warnings] });

async function backUpFirst(
  context: EngineContext,
  job: JobRun,
  store: RestoreStore,
  { plan, target, profile, request, way, id }: Restoring,
): Promise<void> {
  if (!plan.safetyBackup) return;
  job.progress({ phase: 'Safety backup', fraction: null });
  const backup = await runBackupWithin(context, job, {
    profileId: profile.id,
    options: backupOptions.parse({
      database: target.database,
      label: `before restore ${id}`,
      tables: request.tables.length === 0 ? [] : (way?.existing ?? []),
    }),
    origin: 'safety',
  });
  job.log('info', `Safety backup: ${backup.id}`);
  store.change(id, { safetyBackupId: backup.id });
  job.progress({
    phase: 'Restoring',
    fraction: null,
    bytesDone: 0,
    bytesTotal: null,
    bytesPerSecond: null,
    secondsLeft: null,
    current: null,
  });
}

async function place(context: EngineContext, job: JobRun, restoring: Restoring, store: RestoreStore): Promise<Done> {
  const { plan, facts, request, way, chosen } = restoring;
  switch (plan.mode) {
    case 'replace':
      return runBeside(context, job, restoring, store);
    case 'new':
      if (facts.database === null || hindrancesToSwap(facts).length === 0) return runBeside(context, job, restoring, store);
      return runInPlace(context, job, restoring);
    case 'replaceInPlace': {
      const done = await runInPlace(context, job, restoring);
      if (plan.safetyBackup && !request.dryRun) store.change(restoring.id, { undo: 'possible' });
      return done;
    }
    case 'tables': {
      const existing = new Set((way?.existing ?? []).map((table) => JSON.stringify([table.schema, table.table])));
      const created = (chosen?.tables ?? request.tables).filter((table) => !existing.has(JSON.stringify([table.schema, table.table])));
      store.change(restoring.id, {}, { createdTables: created });
      const done = await runTables(context, job, restoring);
      if (!request.dryRun && (plan.safetyBackup || existing.size === 0)) store.change(restoring.id, { undo: 'possible' });
      return done;
    }
    case 'merge':
    case 'skip':
      throw new Error(`a restore by ${plan.mode} is carried out row by row`);
    default:
      return assertNever(plan.mode);
  }
}

/** A cancel is a cancel, a server's complaint one of our codes. */
export function asOwn(job: JobRun, thrown: unknown, database: string): HowdahError {
  if (job.signal.aborted && !(isOwnError(thrown) && thrown.code !== 'CANCELLED')) {
    return new HowdahError('CANCELLED', 'The restore was cancelled.', {
      hint: 'The target is as it was. Start it again when you want to.',
      cause: thrown,
    });
  }
  if (thrown instanceof HowdahError) return thrown;
  if (thrown instanceof Error && 'severity' in thrown) return serverError(thrown, { host: 'the server', port: 0, user: '', database });
  const report = reportOf(thrown);
  return new HowdahError(report.code, report.message, { hint: report.hint, cause: thrown });
}
