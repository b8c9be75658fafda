// Deletes a backup so that a crash at any point leaves either all of it or nothing.
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { fileError, syncFolder } from './durable.ts';
import { folderBytes } from '../dumps/folder-bytes.ts';
import { backupStore } from './store.ts';

/** Errors: NOT_FOUND, CONFIRMATION_NEEDED, BUSY, FOLDER_NOT_WRITABLE. */
export async function removeBackup(context: EngineContext, id: string, confirm: string): Promise<{ removed: string; freedBytes: number }> {
  const store = backupStore(context.catalog);
  const backup = store.get(id);
  if (confirm !== id) {
    throw new HowdahError('CONFIRMATION_NEEDED', `Deleting the backup ${id} of ${backup.database} was not confirmed.`, {
      hint: `Repeat its id: ${id}.`,
    });
  }
  refuseInUse(context, id);
  if (backup.status !== 'succeeded' || !existsSync(backup.directory)) {
    store.remove(id);
    context.events.emit({ kind: 'catalogChanged' });
    return { removed: id, freedBytes: 0 };
  }
  const freedBytes = await folderBytes(backup.directory);
  const doomed = `${backup.directory}.deleted`;
  const gone = context.leftovers.note(id, { kind: 'path', path: doomed });
  try {
    await rename(backup.directory, doomed);
    await syncFolder(dirname(doomed));
  } catch (thrown) {
    gone();
    throw fileError(thrown, backup.directory);
  }
  store.remove(id);
  context.events.emit({ kind: 'catalogChanged' });
  // A file that will not go now goes at the next start: the note stays until then.
  await rm(doomed, { recursive: true, force: true, maxRetries: 3 });
  gone();
  return { removed: id, freedBytes };
}

function refuseInUse(context: EngineContext, id: string): void {
  const job = context.catalog
    .prepare<[string, string, string], { title: string }>(
      `select title from jobs where status in ('queued', 'running')
          and (subject_id = ? or id = (select job_id from backups where id = ? and status = 'running')
            or subject_id in (select id from restores where status = 'running' and json_extract(body, '$.source') = ?))`,
    )
    .get(id, id, id);
  if (job === undefined) return;
  throw new HowdahError('BUSY', `The backup ${id} is in use: ${job.title}.`, { hint: 'Wait for that job, or cancel it first.' });
}
