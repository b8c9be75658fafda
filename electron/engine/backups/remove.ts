// Deletes a backup so that a crash at any point leaves either all of it or nothing.
import { existsSync } from 'node:fs';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { folderBytes } from '../dumps/folder-bytes.ts';
import { requireAnswers } from './disk-answers.ts';
import { usedByJob } from './in-use.ts';
import { asidePath, putAside, putBackIfAside, removeAside } from './remove-folder.ts';
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
    context.catalog
      .transaction(() => {
        refuseInUse(context, id);
        store.remove(id);
      })
      .immediate();
    context.events.emit({ kind: 'catalogChanged' });
    return { removed: id, freedBytes: 0 };
  }
  await requireAnswers([backup.directory]);
  const freedBytes = await folderBytes(backup.directory);
  const gone = context.leftovers.note(id, { kind: 'path', path: asidePath(backup.directory) });
  try {
    context.catalog.transaction(() => takeAway(context, id, backup.directory)).immediate();
  } catch (thrown) {
    // Not recorded, so not done.
    putBackIfAside(backup.directory);
    gone();
    throw thrown;
  }
  context.events.emit({ kind: 'catalogChanged' });
  // A file that will not go now goes at the next start: the note stays until then.
  await removeAside(backup.directory);
  gone();
  return { removed: id, freedBytes };
}

/** The last look, the new name and the row's end in one transaction: nobody can begin to read it in between. */
function takeAway(context: EngineContext, id: string, directory: string): void {
  const store = backupStore(context.catalog);
  const backup = store.get(id);
  refuseInUse(context, id);
  if (backup.status !== 'succeeded' || backup.directory !== directory) {
    throw new HowdahError('BUSY', `The folder of the backup ${id} was moved meanwhile.`, { hint: 'Try again.' });
  }
  putAside(directory);
  store.remove(id);
}

function refuseInUse(context: EngineContext, id: string): void {
  const title = usedByJob(context.catalog, id);
  if (title === null) return;
  throw new HowdahError('BUSY', `The backup ${id} is in use: ${title}.`, { hint: 'Wait for that job, or cancel it first.' });
}
