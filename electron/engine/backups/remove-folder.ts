// Takes a backup's folder away in two steps: renamed to `….deleted`, which is all or nothing, then removed at leisure.
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import { fileError } from './durable.ts';
import { manifestFileName } from './manifest.ts';

/** Where a folder waits for its removal. */
export const asidePath = (directory: string): string => `${directory}.deleted`;

/** Renames it, durably. Synchronous, so that it can stand inside the transaction that has looked whether it may go.
 * Errors: FOLDER_NOT_WRITABLE, FILE_NOT_READABLE. */
export function putAside(directory: string): void {
  move(directory, asidePath(directory));
}

/** Takes `putAside` back. */
export function putBack(directory: string): void {
  move(asidePath(directory), directory);
}

/** The same where it really stands aside, and nothing in its place. */
export function putBackIfAside(directory: string): void {
  if (standsAt(directory) === 'nothing' && standsAt(asidePath(directory)) === 'folder') putBack(directory);
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
    if (process.platform === 'win32') return;
    const folder = openSync(dirname(to), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (thrown) {
    throw fileError(thrown, from);
  }
}

/** Removes what was put aside; nothing there is no error. Links inside are removed, not followed. The manifest goes last,
 * so that a folder half removed still says whose it is. Errors: FOLDER_NOT_WRITABLE. */
export async function removeAside(directory: string): Promise<void> {
  const aside = asidePath(directory);
  try {
    // A link: it goes, and what it leads to stays.
    if (standsAt(aside) !== 'folder') return await rm(aside, { force: true });
    for (const name of await readdir(aside)) {
      if (name !== manifestFileName) await rm(join(aside, name), { recursive: true, force: true, maxRetries: 3 });
    }
    await rm(join(aside, manifestFileName), { force: true, maxRetries: 3 });
    await rmdir(aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(thrown, aside);
  }
}

/** What stands at a path, links not followed. */
export function standsAt(path: string): 'nothing' | 'folder' | 'other' {
  try {
    return lstatSync(path).isDirectory() ? 'folder' : 'other';
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing';
    throw fileError(thrown, path);
  }
}

/** Refuses what is not surely the folder of that very backup: a link on the way below `root`, or another manifest.
 * `emptyToo`: an empty folder will do, the last that is left of a removal.
 * Errors: FORBIDDEN (a link), MANIFEST_INVALID. */
export function requireFolderOf(root: string, path: string, id: string, emptyToo = false): void {
  const below = relative(root, path);
  const base = below === '' || below.startsWith('..') || isAbsolute(below) ? dirname(path) : root;
  const real = realOf(path);
  const expected = join(realOf(base), relative(base, path));
  if (real !== expected || standsAt(path) !== 'folder') {
    throw new HowdahError('FORBIDDEN', `${path} is reached over a link and leads to ${real}; nothing was deleted there.`, {
      hint: `Look at it yourself. Then delete it by hand, or put the folder itself back in its place.`,
    });
  }
  if (emptyToo && readdirSync(path).length === 0) return;
  const found = manifestIdOf(path);
  if (found === id) return;
  throw new HowdahError(
    'MANIFEST_INVALID',
    found === null
      ? `${path} has no ${manifestFileName} that says whose backup it is, so it was not deleted.`
      : `${path} holds the backup ${found} and not ${id}, so it was not deleted.`,
    { hint: `Look into the folder. "howdah backups delete ${id}" deletes it all the same.` },
  );
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    throw fileError(thrown, path);
  }
}

/** Null: none, or one that cannot be read as JSON. */
function manifestIdOf(folder: string): string | null {
  const path = join(folder, manifestFileName);
  try {
    if (!lstatSync(path).isFile()) return null;
    const found = (JSON.parse(readFileSync(path, 'utf8')) as { id?: unknown } | null)?.id;
    return typeof found === 'string' ? found : null;
  } catch {
    return null;
  }
}
