// The work of one try of a run: a backup of each of its databases through the queue, or a cleanup.
import type { BackupOptions } from '../../../shared/contract/backups.ts';
import type { Task } from '../../../shared/contract/schedules.ts';
import { HowdahError, reportOf, type ErrorReport } from '../../../shared/errors.ts';
import { formatBytes, formatNumber } from '../../../shared/format.ts';
import { startBackup } from '../backups/start.ts';
import { backupStore } from '../backups/store.ts';
import type { EngineContext } from '../context.ts';
import { withMaintenanceSession } from '../postgres/connection.ts';
import { listDatabases } from '../postgres/server-facts.ts';
import { throwAwayPrefix } from '../postgres/settle-databases.ts';
import { startCleanup } from '../retention/clean.ts';
import type { RunBackupEntry } from './runs-store.ts';

export type TaskOrder = {
  runId: string;
  scheduleId: string;
  task: Task;
  /** 0: somebody waits for it; 1: scheduled. */
  priority: 0 | 1;
  /** Counted from 1. */
  attempt: number;
  /** A later try: these databases only. Null: all of the task. */
  only: string[] | null;
  /** Aborted when the run is cancelled: the work ends then, with failures of the code CANCELLED. */
  signal: AbortSignal;
  /** To be called once, when all of this try is queued. `error`: something could not even be queued, and the run cannot be good. */
  queued(work: { backups: RunBackupEntry[]; jobId: string | null; error?: ErrorReport | null }): void;
};

/** `database` null: nothing could even be begun. */
export type TaskFailure = { database: string | null; error: ErrorReport };

export type TaskEnd = {
  /** What this try made of each database. */
  backups: RunBackupEntry[];
  jobId: string | null;
  sizeBytes: number | null;
  /** Empty: all went well. */
  failures: TaskFailure[];
  /** One sentence for people, or nothing. */
  detail: string;
};

/** Carries out one try. What goes wrong is a result; whatever is thrown counts as a failure of the whole. */
export type RunTask = (order: TaskOrder) => Promise<TaskEnd>;

/** The real one. */
export const runTaskWith =
  (context: EngineContext): RunTask =>
  (order) =>
    order.task.kind === 'backup' ? backUp(context, order, order.task) : cleanUp(context, order, order.task.profileId);

async function backUp(context: EngineContext, order: TaskOrder, task: Extract<Task, { kind: 'backup' }>): Promise<TaskEnd> {
  const names = order.only ?? (await databasesOf(context, task, order.signal));
  const backups: RunBackupEntry[] = [];
  const failures: TaskFailure[] = [];
  for (const database of names) {
    if (order.signal.aborted) break;
    try {
      const options: BackupOptions = { ...task.options, database };
      const { profileId } = task;
      const request = { profileId, options, origin: 'schedule', scheduleId: order.scheduleId, priority: order.priority } as const;
      const started = await startBackup(context, request);
      backups.push({ backupId: started.backupId, database, status: 'running', jobId: started.jobId });
    } catch (thrown) {
      failures.push({ database, error: reportOf(thrown) });
    }
  }
  if (order.signal.aborted && backups.length + failures.length < names.length)
    failures.push({ database: null, error: cancelled().report() });
  order.queued({ backups, jobId: null, error: failures[0]?.error ?? null });
  const stop = cancelOnAbort(
    context,
    order.signal,
    backups.flatMap((backup) => backup.jobId ?? []),
  );
  const store = backupStore(context.catalog);
  let sizeBytes = 0;
  try {
    for (const entry of backups) {
      const job = await context.jobs.finished(entry.jobId ?? '');
      const backup = store.get(entry.backupId);
      entry.status = backup.status;
      if (job.status !== 'succeeded') failures.push({ database: entry.database, error: job.error });
      else if (backup.status === 'succeeded') sizeBytes += backup.sizeBytes;
    }
  } finally {
    stop();
  }
  return { backups, jobId: null, sizeBytes, failures, detail: '' };
}

/** A server that does not name its databases within this is not there. */
const quietMs = 60_000;

/** As of now. Errors: those of a connection, NOT_FOUND (profile), DATABASE_NOT_FOUND (none is left). */
async function databasesOf(context: EngineContext, task: Extract<Task, { kind: 'backup' }>, signal: AbortSignal): Promise<string[]> {
  const { databases } = task;
  if (databases.kind === 'named') return [...new Set(databases.names)];
  const target = await context.profiles.target(task.profileId);
  if (databases.kind === 'profile') return [target.database];
  const except = new Set(databases.except);
  const there = await withMaintenanceSession(target, listDatabases, { signal, quietMs });
  const names = there.map(({ name }) => name).filter((name) => !except.has(name) && !name.startsWith(throwAwayPrefix));
  if (names.length > 0) return names;
  throw new HowdahError('DATABASE_NOT_FOUND', `${target.host}:${target.port} has no database that this schedule is about.`, {
    hint: 'Look at the databases that the schedule leaves out.',
  });
}

async function cleanUp(context: EngineContext, order: TaskOrder, profileId: string | null): Promise<TaskEnd> {
  const { jobId } = startCleanup(context, { profileId, priority: order.priority, ofRun: true });
  order.queued({ backups: [], jobId });
  const stop = cancelOnAbort(context, order.signal, [jobId]);
  try {
    const job = await context.jobs.finished(jobId);
    const base = { backups: [], jobId, sizeBytes: null };
    if (job.status !== 'succeeded') return { ...base, failures: [{ database: null, error: job.error }], detail: '' };
    const { removed, freedBytes } = job.result as { removed: number; freedBytes: number };
    const detail = removed === 0 ? 'Nothing had to go.' : `${formatNumber(removed, 'backup')} removed, ${formatBytes(freedBytes)} freed.`;
    return { ...base, failures: [], detail };
  } finally {
    stop();
  }
}

function cancelOnAbort(context: EngineContext, signal: AbortSignal, jobIds: string[]): () => void {
  const cancel = (): void => {
    for (const id of jobIds) {
      try {
        const job = context.jobs.store.get(id);
        if (job !== null && !('finishedAt' in job)) context.jobs.cancel(id);
      } catch (thrown) {
        // Thrown in a listener it would end the program, and the others would go on.
        context.ports.log.error(`the job ${id} could not be cancelled`, thrown);
      }
    }
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

const cancelled = (): HowdahError =>
  new HowdahError('CANCELLED', 'The run was cancelled.', { hint: 'Nothing was left behind. Start it again when you want to.' });
