// Goes back to what was there before a restore: by swapping names again, or from the safety backup.
import { previewRequest, strategyChoice, type RowEffects } from '../../../shared/contract/previews.ts';
import type { Restore } from '../../../shared/contract/restores.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatCount } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import { pathOfSource } from '../dumps/source.ts';
import { newId } from '../ids.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase, withSession } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import { freeName } from './database-names.ts';
import { lookAside, notTheOne } from './kept-aside.ts';
import { runRows } from './rows/run-rows.ts';
import { asOwn, runRestore } from './run.ts';
import { withOtherDatabase } from './sessions.ts';
import { restoreStore, type RestoreStore } from './store.ts';
import { swapNames } from './swap.ts';
import { proveSource } from './verify-source.ts';

/** Errors: UNDO_NOT_POSSIBLE, those of `swapNames` and of a restore. */
export async function undoRestore(context: EngineContext, job: JobRun, id: string): Promise<Restore> {
  const store = restoreStore(context);
  const restore = store.get(id);
  try {
    if (restore.undo !== 'possible')
      throw new HowdahError('UNDO_NOT_POSSIBLE', `The restore ${id} was undone or discarded meanwhile.`, {
        hint: 'Look at the list of restores.',
      });
    if (restore.previousDatabase === null && store.notes(id).changedTables !== null) await rowsBack(context, job, store, restore);
    else if (restore.previousDatabase === null) await fromSafetyBackup(context, job, store, restore);
    else await swapBack(context, job, store, restore, restore.previousDatabase);
    return store.get(id);
  } catch (thrown) {
    throw asOwn(job, thrown, restore.database);
  }
}

async function swapBack(context: EngineContext, job: JobRun, store: RestoreStore, restore: Restore, previous: string): Promise<void> {
  const profileId = restore.profileId ?? '';
  const target = await context.profiles.target(profileId);
  const live = restore.database;
  const notes = store.notes(restore.id);
  await context.previews.closeOn(onDatabase(target, live));
  job.progress({ phase: 'Swapping names back' });
  const found = await withOtherDatabase(target, [live, previous], async (session) => ({
    previous: await lookAside(session, previous, notes.previousOid),
    live: await lookAside(session, live, null),
    aside: await freeName(session, live, 'undone', context.ports.clock()),
    oid:
      (await session.query<{ oid: number }>('select oid::int8::float8 as oid from pg_database where datname = $1', [live])).rows[0]?.oid ??
      null,
  }));
  if (found.previous === 'another') throw notTheOne(previous);
  if (found.previous === 'gone') {
    store.change(restore.id, { undo: 'none', previousDatabase: null });
    throw new HowdahError('UNDO_NOT_POSSIBLE', `The old database "${previous}" is gone from the server.`, {
      hint:
        restore.safetyBackupId === null ? 'Restore from a backup instead.' : `Restore the safety backup ${restore.safetyBackupId} instead.`,
    });
  }
  // Somebody may have dropped the restored one: then only one name changes.
  const aside = found.live === 'gone' ? '' : found.aside;
  const recorded = await swapNames(job, target, { profileId, restoreId: restore.id, live, fresh: previous, aside }, () => {
    store.change(restore.id, { undo: 'done', previousDatabase: aside === '' ? null : aside }, { previousOid: found.oid });
  });
  recorded();
  if (aside !== '') job.log('info', `The restored database is kept as "${aside}" until it is discarded.`);
}

/** The rows of the changed tables as the safety backup has them: new rows go, deleted ones come back. Sequences stay
 * where they are. A safety backup of its own comes first. */
async function rowsBack(context: EngineContext, job: JobRun, store: RestoreStore, restore: Restore): Promise<void> {
  const changed = store.notes(restore.id).changedTables ?? [];
  const source = restore.safetyBackupId;
  if (source === null || changed.length === 0) {
    throw new HowdahError('UNDO_NOT_POSSIBLE', `The restore ${restore.id} has no safety backup.`, {
      hint: 'Restore from a backup instead.',
    });
  }
  await proveSource(job, { kind: 'backup', id: source }, pathOfSource(context, { kind: 'backup', id: source }));
  const done = await runRows(context, job, {
    restoreId: restore.id,
    request: previewRequest.parse({
      source: { kind: 'backup', id: source },
      profileId: restore.profileId,
      database: restore.database,
      tables: changed,
      sample: 0,
    }),
    choice: strategyChoice.parse({ strategy: 'replace' }),
    dryRun: false,
    safetyBackup: true,
    label: `before the undo of ${restore.id}`,
    onPrepared: () => {},
  });
  for (const warning of done.warnings) job.log('warning', warning);
  const beyond = restore.status === 'succeeded' && restore.rows !== null ? moreThanExpected(restore.rows, done.effects) : null;
  if (beyond !== null) job.log('warning', beyond);
  store.change(restore.id, { undo: 'done' });
  done.recorded();
}

/** Rows that others have changed since the restore go back as well: said aloud. */
function moreThanExpected(restored: RowEffects, undone: RowEffects): string | null {
  const more = [
    ['deleted', undone.deleted, restored.created],
    ['changed', undone.updated, restored.updated],
    ['brought back', undone.created, restored.deleted],
  ] as const;
  const said = more
    .filter(([, found, expected]) => found !== expected)
    .map(([what, found, expected]) => `${formatCount(found)} ${what} instead of ${formatCount(expected)}`);
  return said.length === 0
    ? null
    : `Rows were changed after the restore, and the undo put these back as well: ${said.join(', ')}. The undo's own safety backup has them.`;
}

/** A restore of its own, on record like any other, in the mode that fits. */
async function fromSafetyBackup(context: EngineContext, job: JobRun, store: RestoreStore, restore: Restore): Promise<void> {
  const profileId = restore.profileId ?? '';
  const { createdTables } = store.notes(restore.id);
  const created = new Set(createdTables.map((table) => JSON.stringify([table.schema, table.table])));
  const changed = restore.tables.filter((table) => !created.has(JSON.stringify([table.schema, table.table])));
  if (restore.safetyBackupId !== null) {
    const backRestore = newId('res');
    const request = restoreRequest.parse({
      source: { kind: 'backup', id: restore.safetyBackupId },
      profileId,
      database: restore.database,
      tables: restore.mode === 'tables' ? changed : [],
    });
    store.insert({
      id: backRestore,
      jobId: job.id,
      mode: restore.mode,
      strategy: null,
      dryRun: false,
      profile: restore.profile,
      profileId,
      database: restore.database,
      source: restore.safetyBackupId,
      tables: request.tables,
      startedAt: new Date(context.ports.clock()).toISOString(),
      safetyBackupId: null,
      previousDatabase: null,
      undo: 'none',
    });
    await runRestore(context, job, backRestore, request);
  }
  if (createdTables.length > 0) {
    const target = onDatabase(await context.profiles.target(profileId), restore.database);
    await withSession(
      target,
      (session) => session.query(`drop table if exists ${createdTables.map(quoteTable).join(', ')}`),
      job.applicationName,
    );
  }
  store.change(restore.id, { undo: 'done' });
}
