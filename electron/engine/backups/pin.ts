// A pin is an empty file `pinned` in the backup's folder, and a column of its row: the catalog is never the only copy.
import { closeSync, fsyncSync, lstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { requireAnswers } from './disk-answers.ts';
import { fileError } from './durable.ts';
import { asidePath } from './remove-folder.ts';
import { backupStore } from './store.ts';

export const pinFileName = 'pinned';

/** The file first, durably; then the row. In one transaction, so that no cleanup takes the folder in between.
 * Errors: NOT_FOUND, BAD_INPUT (it did not succeed), FILE_NOT_READABLE (its folder is not there now), FOLDER_NOT_WRITABLE. */
export async function setPinned({ catalog }: Pick<EngineContext, 'catalog'>, id: string, pinned: boolean): Promise<Backup> {
  const store = backupStore(catalog);
  const now = store.get(id);
  if (now.status === 'succeeded') await requireAnswers([now.directory]);
  return catalog
    .transaction(() => {
      const backup = store.get(id);
      if (backup.status !== 'succeeded') {
        throw new HowdahError('BAD_INPUT', `The backup ${id} did not succeed (${backup.status}), so there is nothing to keep.`, {
          hint: 'Pin one that succeeded.',
        });
      }
      // A cleanup that died may have put it aside; the next one finds the pin and puts it back.
      const folder = [backup.directory, asidePath(backup.directory)].find(isFolder);
      if (folder === undefined) {
        throw new HowdahError(
          'FILE_NOT_READABLE',
          `${backup.directory} is not there now, so the pin could not be written beside the backup.`,
          {
            hint: 'Connect the disk or share, then try again. Retention deletes no backup whose folder is missing.',
          },
        );
      }
      write(folder, pinned);
      return store.setPinned(id, pinned);
    })
    .immediate();
}

/** Whether a pin stands in the folder. Errors: FILE_NOT_READABLE, FOLDER_NOT_WRITABLE (it cannot be looked at). */
export function hasPin(folder: string): boolean {
  try {
    lstatSync(join(folder, pinFileName));
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fileError(thrown, folder);
  }
}

function write(folder: string, pinned: boolean): void {
  const path = join(folder, pinFileName);
  try {
    if (pinned) synced(openSync(path, 'a', 0o600));
    else rmSync(path, { force: true });
    if (process.platform !== 'win32') synced(openSync(folder, 'r'));
  } catch (thrown) {
    throw new HowdahError('FOLDER_NOT_WRITABLE', `The pin could not be ${pinned ? 'written to' : 'removed from'} ${folder}.`, {
      hint: 'Give your user the right to write there, and see that the disk is not full or read-only.',
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
}

function synced(handle: number): void {
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
