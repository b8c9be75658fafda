// Files and folders that stay where they were put, also when the power goes.
import { constants } from 'node:fs';
import { chmod, open, readdir, statfs } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import { makeFolders } from '../make-folders.ts';

/** Makes a folder and what is missing above it, each mode 0700. Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export function makePrivateFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (thrown) {
    const known = fileError(thrown, folder);
    throw known instanceof HowdahError && known.code === 'DISK_FULL' ? known : notWritable(folder, thrown);
  }
}

/** Makes a folder's entries durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a whole small file, mode 0600, synced. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw fileError(thrown, path);
  }
}

/** Every file of a folder and below, as names with `/`, in order; and every folder below. */
export async function listFiles(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .split(sep)
      .join('/');
    (entry.isDirectory() ? folders : files).push(path);
  }
  return { files: files.sort(), folders: folders.sort() };
}

/** Makes a file readable by its owner only (pg_dump goes by the umask). */
export const makePrivate = (path: string): Promise<void> => chmod(path, 0o600);

/** Bytes that may still be written below the nearest folder that exists; null where the system does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(at) === at) return null;
    }
  }
}

/** An errno of our own reading and writing as one of our codes; anything else comes back as it is. */
export function fileError(thrown: unknown, path: string): unknown {
  if (thrown instanceof HowdahError) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, detail, thrown);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return notWritable(path, thrown);
    case 'ENOENT':
    case 'EIO':
    case 'ESTALE':
      return new HowdahError('FILE_NOT_READABLE', `${path} is gone or cannot be read.`, {
        hint: 'See that the disk or share is connected and healthy.',
        detail,
        cause: thrown,
      });
    case undefined:
    default:
      return thrown;
  }
}

const notWritable = (path: string, thrown: unknown): HowdahError =>
  new HowdahError('FOLDER_NOT_WRITABLE', `${path} cannot be written.`, {
    hint: 'Give your user the right to write there, mount the share, or choose another folder in the settings.',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    cause: thrown,
  });

export const diskFull = (path: string, detail?: string, cause?: unknown): HowdahError =>
  new HowdahError('DISK_FULL', `The disk is full: ${path} could not be written to its end.`, {
    hint: 'Make room, or choose another folder in the settings; then start the backup again. What had been written was removed.',
    detail,
    cause,
  });
