// A restore from start to end: plan again, prove the source, back up what is there, restore, record.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backupOptions } from '../../../shared/contract/backups.ts';
import type { Restore, RestoreRequest } from '../../../shared/contract/restores.ts';
import { assertNever, HowdahError, reportOf } from '../../../shared/errors.ts';
import { manifestFileName } from '../backups/manifest.ts';
import { runBackupWithin } from '../backups/start.ts';
import type { EngineContext } from '../context.ts';
import { isOwnError, type JobRun } from '../jobs/jobs.ts';
import { serverError } from '../postgres/server-error.ts';
import { plainToArchive } from './plain-to-archive.ts';
import { prepareRestore, type PreparedRestore } from './plan.ts';
import { hindrancesToSwap } from './plan-rights.ts';
import { runBeside, type Done } from './run-beside.ts';
import { runInPlace, runTables } from './run-in-place.ts';
import { restoreStore, type RestoreStore } from './store.ts';
import { verifySource } from './verify-source.ts';

/** A prepared restore with the row that it is recorded in. */
export type Restoring = PreparedRestore & { id: string; request: RestoreRequest };

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
  job.progress({ phase: 'Looking at dump and target' });
  const prepared = await prepareRestore(context, request);
  if (request.fingerprint !== undefined && request.fingerprint !== prepared.plan.fingerprint) {
    throw new HowdahError('PLAN_STALE', 'Source or target have changed since the plan was made; nothing was touched.', {
      hint: 'Look at the new plan, then start again.',
    });
  }
  const first = prepared.plan.blockers[0];
  if (first !== undefined) throw new HowdahError(first.code, first.message, first);
  store.change(id, { mode: prepared.plan.mode });
  for (const step of prepared.plan.steps) job.log('info', `Plan: ${step}`);
  for (const warning of prepared.plan.warnings) job.log('warning', warning.message);
  job.signal.throwIfAborted();

  if (request.source.kind === 'backup' || existsSync(join(prepared.path, manifestFileName))) {
    job.progress({ phase: 'Proving the backup' });
    await verifySource(job, prepared.path);
  }
  await backUpFirst(context, job, store, { ...prepared, id, request });
  const own = prepared.plan.warnings.map((warning) => warning.message);
  if (prepared.dump.format === 'plain' && request.tables.length > 0) {
    return plainToArchive(context, job, { ...prepared, id, request }, async (archive) =>
      withWarnings(await place(context, job, { ...archive, id, request }, store), own),
    );
  }
  return withWarnings(await place(context, job, { ...prepared, id, request }, store), own);
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
      if (plan.safetyBackup) store.change(restoring.id, { undo: 'possible' });
      return done;
    }
    case 'tables': {
      const existing = new Set((way?.existing ?? []).map((table) => JSON.stringify([table.schema, table.table])));
      const created = (chosen?.tables ?? request.tables).filter((table) => !existing.has(JSON.stringify([table.schema, table.table])));
      store.change(restoring.id, {}, { createdTables: created });
      const done = await runTables(context, job, restoring);
      if (plan.safetyBackup || existing.size === 0) store.change(restoring.id, { undo: 'possible' });
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
