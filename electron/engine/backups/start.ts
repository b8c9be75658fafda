// Makes a backup's row and its job, or a backup inside another job.
import type { BackupOptions, SucceededBackup } from '../../../shared/contract/backups.ts';
import { reportOf, type HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../ids.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase } from '../postgres/connection.ts';
import { serverKey } from '../postgres/target.ts';
import { cleanAfterBackup } from '../retention/clean.ts';
import { requireFolderThere } from './folder-there.ts';
import { makeBackup } from './run.ts';
import { backupStore } from './store.ts';

export type BackupRequest = {
  profileId: string;
  options: BackupOptions;
  origin: 'manual' | 'safety' | 'schedule';
  scheduleId?: string;
  /** Its place in the queue; absent: that of one that somebody waits for. */
  priority?: 0 | 1;
};

/** Queues a backup. What goes wrong later stands in the job and in the backup's row.
 * Errors: NOT_FOUND (profile), BAD_INPUT (service not defined), SECRET_STORE_FAILED. */
export async function startBackup(context: EngineContext, request: BackupRequest): Promise<{ jobId: string; backupId: string }> {
  const { jobs, catalog } = context;
  const profile = context.profiles.get(request.profileId);
  const profileTarget = await context.profiles.target(request.profileId);
  const target = onDatabase(profileTarget, request.options.database ?? profileTarget.database);
  const store = backupStore(catalog);
  const backupId = newId('bak');
  const jobId = newId('job');
  const begun = performance.now();
  jobs.start({
    id: jobId,
    kind: 'backup',
    title: `Backup of ${target.database} on ${profile.name}`,
    profile: profile.name,
    profileId: profile.id,
    database: target.database,
    subjectId: backupId,
    serverKey: serverKey(target),
    priority: request.priority ?? 0,
    record: () => store.insert(newRow(context, request, backupId, jobId, target.database)),
    async run(job) {
      const made = await recorded(context, backupId, begun, () => {
        requireFolderThere(context, job, profile.id, request.origin === 'schedule');
        return makeBackup(context, job, { ...request, backupId, target });
      });
      if (!job.signal.aborted) cleanAfterBackup(context, job, profile.id);
      return made;
    },
    neverRan: (error) => recordFailure(context, backupId, begun, error),
  });
  context.events.emit({ kind: 'catalogChanged' });
  return { jobId, backupId };
}

/** Makes a backup as a part of another job (the safety backup before a restore), with a row of its own.
 * Errors: those of a backup, CANCELLED. */
export async function runBackupWithin(context: EngineContext, job: JobRun, request: BackupRequest): Promise<SucceededBackup> {
  const profileTarget = await context.profiles.target(request.profileId);
  const target = onDatabase(profileTarget, request.options.database ?? profileTarget.database);
  const backupId = newId('bak');
  const begun = performance.now();
  backupStore(context.catalog).insert(newRow(context, request, backupId, job.id, target.database));
  context.events.emit({ kind: 'catalogChanged' });
  return await recorded(context, backupId, begun, () => makeBackup(context, job, { ...request, backupId, target }));
}

function newRow(context: EngineContext, request: BackupRequest, id: string, jobId: string, database: string) {
  const profile = context.profiles.get(request.profileId);
  return {
    id,
    jobId,
    database,
    profile: profile.name,
    profileId: profile.id,
    origin: request.origin,
    label: request.options.label,
    startedAt: new Date(context.ports.clock()).toISOString(),
    scheduleId: request.scheduleId ?? null,
  };
}

/** Success is recorded by the work itself, in the same transaction that keeps its folder; everything else here. */
async function recorded(
  context: EngineContext,
  backupId: string,
  begun: number,
  work: () => Promise<SucceededBackup>,
): Promise<SucceededBackup> {
  try {
    return await work();
  } catch (thrown) {
    recordFailure(context, backupId, begun, thrown);
    throw thrown;
  } finally {
    context.events.emit({ kind: 'catalogChanged' });
  }
}

function recordFailure(context: EngineContext, backupId: string, begun: number, thrown: unknown): void {
  const report = reportOf(thrown as HowdahError);
  backupStore(context.catalog).fail(
    backupId,
    report.code === 'CANCELLED' ? 'cancelled' : 'failed',
    report,
    new Date(context.ports.clock()).toISOString(),
    Math.round(performance.now() - begun),
  );
}
