// Files and folders that a user pointed at in this process. The page sends their ids, never a path it made up.
import { access, constants } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { OpenedFile } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { newId } from '../ids.ts';
import { folderBytes } from './folder-bytes.ts';
import { notReadable, statOf } from './open-read.ts';

const opened = new Map<string, OpenedFile>();

/** Registers a file or folder. The same path keeps its id. Errors: FILE_NOT_READABLE. */
export async function openFile(path: string): Promise<OpenedFile> {
  const absolute = resolve(path);
  const stats = await statOf(absolute);
  try {
    await access(absolute, stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
  } catch (thrown) {
    throw notReadable(absolute, thrown);
  }
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new HowdahError('FILE_NOT_READABLE', `${absolute} is neither a file nor a folder.`, { hint: 'Choose a dump file or folder.' });
  }
  const known = [...opened.values()].find((file) => file.path === absolute);
  const file: OpenedFile = {
    id: known?.id ?? newId('fil'),
    name: basename(absolute),
    path: absolute,
    sizeBytes: stats.isDirectory() ? await folderBytes(absolute) : stats.size,
  };
  opened.set(file.id, file);
  return file;
}

/** The absolute path of an opened file. Errors: NOT_FOUND. */
export function pathOf(id: string): string {
  const file = opened.get(id);
  if (file === undefined) {
    throw new HowdahError('NOT_FOUND', 'That file was not opened in this program, or before it was restarted.', { hint: 'Open the file again.' });
  }
  return file.path;
}
