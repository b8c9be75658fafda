// Files and folders that a user pointed at in this process. The page sends their ids, never a path it made up.
import { access, constants } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { OpenedFile } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { newId } from '../ids.ts';
import { folderBytes } from './folder-bytes.ts';
import { notReadable, statOf } from './open-read.ts';

export type OpenedFiles = {
  /** Registers a file or folder; the same path keeps its id. Errors: FILE_NOT_READABLE. */
  open(path: string): Promise<OpenedFile>;
  /** The absolute path of an opened file. Errors: NOT_FOUND. */
  pathOf(id: string): string;
};

/** Lives as long as the program; nothing of it is kept. */
export function createOpenedFiles(): OpenedFiles {
  const opened = new Map<string, OpenedFile>();
  return {
    async open(path) {
      const absolute = resolve(path);
      const stats = await statOf(absolute);
      try {
        await access(absolute, stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
      } catch (thrown) {
        throw notReadable(absolute, thrown);
      }
      if (!stats.isFile() && !stats.isDirectory()) {
        throw new HowdahError('FILE_NOT_READABLE', `${absolute} is neither a file nor a folder.`, {
          hint: 'Choose a dump file or folder.',
        });
      }
      const sizeBytes = stats.isDirectory() ? await folderBytes(absolute) : stats.size;
      const known = [...opened.values()].find((file) => file.path === absolute);
      const file: OpenedFile = { id: known?.id ?? newId('fil'), name: basename(absolute), path: absolute, sizeBytes };
      opened.set(file.id, file);
      return file;
    },
    pathOf(id) {
      const file = opened.get(id);
      if (file !== undefined) return file.path;
      throw new HowdahError('NOT_FOUND', 'That file was not opened in this program, or before it was restarted.', {
        hint: 'Open the file again.',
      });
    },
  };
}
