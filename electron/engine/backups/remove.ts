// Deletes a backup so that a crash at any point leaves either all of it or nothing.
import { existsSync } from 'node:fs';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { folderBytes } from '../dumps/folder-bytes.ts';
import { usedByJob } from './in-use.ts';
import { asidePath, putAside, removeAside } from './remove-folder.ts';
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
  const gone = context.leftovers.note(id, { kind: 'path', path: asidePath(backup.directory) });
  try {
    putAside(backup.directory);
  } catch (thrown) {
    gone();
    throw thrown;
  }
  store.remove(id);
  context.events.emit({ kind: 'catalogChanged' });
  // A file that will not go now goes at the next start: the note stays until then.
  await removeAside(backup.directory);
  gone();
  return { removed: id, freedBytes };
}

function refuseInUse(context: EngineContext, id: string): void {
  const title = usedByJob(context.catalog, id);
  if (title === null) return;
  throw new HowdahError('BUSY', `The backup ${id} is in use: ${title}.`, { hint: 'Wait for that job, or cancel it first.' });
}
