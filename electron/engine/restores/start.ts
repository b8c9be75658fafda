// Queues a restore, an undo or a discard: each only after its target was named.
import type { RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { pathOfSource } from '../dumps/source.ts';
import { newId } from '../ids.ts';
import type { JobKind } from '../../../shared/contract/jobs.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase } from '../postgres/connection.ts';
import { serverKey } from '../postgres/target.ts';
import { discardPrevious } from './discard.ts';
import { neverRan, runRestore } from './run.ts';
import { restoreStore } from './store.ts';
import { firstMode, requireConsistent, tablesOf } from './strategy.ts';
import { undoRestore } from './undo.ts';

export type RestoreOrder = RestoreRequest & { confirm: string; fingerprint?: string | undefined };

/** Errors: CONFIRMATION_NEEDED, NOT_FOUND, BAD_INPUT. Whatever else stands in the way ends the job. */
export async function startRestore(context: EngineContext, order: RestoreOrder): Promise<{ jobId: string; restoreId: string }> {
  const { confirm, fingerprint, ...rest } = order;
  // A plan by rows has none of its own.
  const request = { ...rest, fingerprint: fingerprint === '' ? undefined : fingerprint };
  requireConsistent(request);
  const profile = context.profiles.get(request.profileId);
  const own = await context.profiles.target(profile.id);
  const target = request.database === undefined ? own : onDatabase(own, request.database);
  requireConfirmed(confirm, target.database, 'the database that is restored into');
  const source = request.source.kind === 'backup' ? request.source.id : pathOfSource(context, request.source);
  pathOfSource(context, request.source);
  const store = restoreStore(context);
  const restoreId = newId('res');
  const jobId = newId('job');
  context.jobs.start({
    id: jobId,
    kind: 'restore',
    title: `Restore of ${target.database} on ${profile.name}`,
    profile: profile.name,
    profileId: profile.id,
    database: target.database,
    subjectId: restoreId,
    serverKey: serverKey(target),
    record: () =>
      store.insert({
        id: restoreId,
        jobId,
        mode: firstMode(request),
        strategy: request.strategy ?? null,
        dryRun: request.dryRun,
        profile: profile.name,
        profileId: profile.id,
        database: target.database,
        source: request.source.kind === 'backup' ? source : (source.split(/[\\/]/).at(-1) ?? source),
        tables: tablesOf(request),
        startedAt: new Date(context.ports.clock()).toISOString(),
        safetyBackupId: null,
        previousDatabase: null,
        undo: 'none',
      }),
    run: (job) => runRestore(context, job, restoreId, request),
    neverRan: (error) => neverRan(context, restoreId, error),
  });
  return { jobId, restoreId };
}

/** Errors: NOT_FOUND, CONFIRMATION_NEEDED, UNDO_NOT_POSSIBLE. */
export async function startUndo(context: EngineContext, id: string, confirm: string): Promise<{ jobId: string }> {
  const restore = restoreStore(context).get(id);
  requireConfirmed(confirm, restore.database, 'the database that goes back');
  if (restore.undo !== 'possible') {
    const why = {
      done: 'it was undone already',
      discarded: 'the old database was discarded',
      none: 'nothing of what was there before was kept',
    }[restore.undo];
    throw new HowdahError('UNDO_NOT_POSSIBLE', `The restore ${id} cannot be undone: ${why}.`, { hint: 'Restore from a backup instead.' });
  }
  return startAbout(context, id, 'undo', `Undo the restore of ${restore.database}`, restore.database, (job) =>
    undoRestore(context, job, id),
  );
}

/** Errors: NOT_FOUND, CONFIRMATION_NEEDED, UNDO_NOT_POSSIBLE (nothing is kept aside). */
export async function startDiscard(context: EngineContext, id: string, confirm: string): Promise<{ jobId: string }> {
  const restore = restoreStore(context).get(id);
  const previous = restore.previousDatabase;
  if (previous === null)
    throw new HowdahError('UNDO_NOT_POSSIBLE', `The restore ${id} keeps no database aside.`, { hint: 'There is nothing to discard.' });
  requireConfirmed(confirm, previous, 'the database that is dropped');
  return startAbout(context, id, 'discard', `Discard ${previous}`, restore.database, (job) => discardPrevious(context, job, id));
}

async function startAbout(
  context: EngineContext,
  id: string,
  kind: JobKind,
  title: string,
  database: string,
  run: (job: JobRun) => Promise<unknown>,
): Promise<{ jobId: string }> {
  const { profileId } = restoreStore(context).get(id);
  if (profileId === null)
    throw new HowdahError('UNDO_NOT_POSSIBLE', 'The profile of this restore is gone.', { hint: 'Rename the databases by hand.' });
  const profile = context.profiles.get(profileId);
  const target = await context.profiles.target(profileId);
  const job = context.jobs.start({
    kind,
    title: `${title} on ${profile.name}`,
    profile: profile.name,
    profileId,
    database,
    subjectId: id,
    serverKey: serverKey(target),
    run,
  });
  return { jobId: job.id };
}

function requireConfirmed(given: string, name: string, what: string): void {
  if (given === name) return;
  throw new HowdahError('CONFIRMATION_NEEDED', `Confirm by repeating the name of ${what}: ${name}`, {
    hint: `Send "confirm": ${JSON.stringify(name)}, or --yes on the command line.`,
  });
}
