// Looks once more at the backups in whose place others go. What is deleted cannot be fetched back: their word on paper
// is not enough.
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFileName } from '../backups/manifest.ts';
import { asidePath } from '../backups/remove-folder.ts';
import type { Sqlite } from '../catalog/open.ts';

/** Whether its row is there, its newest verification ok, and its folder (or that which was put aside, and can be put back)
 * holds its manifest and files of the sizes on record. */
export function isStillGood(catalog: Sqlite, id: string): boolean {
  const row = catalog
    .prepare<[string], { directory: string; facts: string; ok: number | null }>(
      `select directory, facts, (select ok from verifications where backup_id = b.id order by id desc limit 1) as ok
         from backups b where id = ? and status = 'succeeded' and directory is not null`,
    )
    .get(id);
  return row !== undefined && row.ok === 1 && [row.directory, asidePath(row.directory)].some((path) => holdsItsFiles(path, row.facts));
}

function holdsItsFiles(directory: string, facts: string): boolean {
  const { artifacts = [] } = JSON.parse(facts) as { artifacts?: { name: string; sizeBytes: number }[] };
  try {
    if (!lstatSync(join(directory, manifestFileName)).isFile()) return false;
    return artifacts.every(({ name, sizeBytes }) => lstatSync(join(directory, name)).size === sizeBytes);
  } catch {
    return false;
  }
}
