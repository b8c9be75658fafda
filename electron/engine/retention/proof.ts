// Whether a backup is surely damaged. A verification that said so may have been wrong (another disk in its place, a
// server that could not take the dump): what is deleted cannot be fetched back, so its files are looked at themselves.
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../backups/hashed-file.ts';
import { manifestFileName } from '../backups/manifest.ts';
import { asidePath } from '../backups/remove-folder.ts';
import type { Sqlite } from '../catalog/open.ts';

/** Reading more only to delete it would keep a disk busy at every look. */
const cheapBytes = 16 * 1024 * 1024;

type Recorded = { name: string; sizeBytes: number; sha256: string };

/** True only where the folder is there, its manifest says that it is this backup, and one of the files on record is
 * absent, of another size or (where all together are small) of another hash. Whatever cannot be looked at proves nothing. */
export async function isProvedDamaged(catalog: Sqlite, id: string): Promise<boolean> {
  const row = catalog
    .prepare<[string], { directory: string | null; facts: string }>(
      "select directory, facts from backups where id = ? and status = 'succeeded'",
    )
    .get(id);
  if (row === undefined || row.directory === null) return false;
  const { artifacts = [] } = JSON.parse(row.facts) as { artifacts?: Recorded[] };
  for (const folder of [row.directory, asidePath(row.directory)]) {
    try {
      if (await isFolderOf(folder, id)) return (await isDamaged(folder, artifacts)) && (await isFolderOf(folder, id));
    } catch {
      // Not to be looked at now.
      return false;
    }
  }
  return false;
}

async function isFolderOf(folder: string, id: string): Promise<boolean> {
  const text = await readFile(join(folder, manifestFileName), 'utf8').catch((thrown: unknown) => {
    if (isAbsence(thrown)) return null;
    throw thrown;
  });
  if (text === null) return false;
  return (JSON.parse(text) as { id?: unknown } | null)?.id === id;
}

async function isDamaged(folder: string, artifacts: Recorded[]): Promise<boolean> {
  for (const { name, sizeBytes } of artifacts) {
    try {
      if ((await lstat(join(folder, name))).size !== sizeBytes) return true;
    } catch (thrown) {
      if (isAbsence(thrown)) return true;
      throw thrown;
    }
  }
  if (artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > cheapBytes) return false;
  for (const { name, sha256 } of artifacts) if ((await hashFile(join(folder, name), name)).sha256 !== sha256) return true;
  return false;
}

const isAbsence = (thrown: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '');
