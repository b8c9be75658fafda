// Looks once more at the backups in whose place others go. What is deleted cannot be fetched back: their word on paper
// is not enough.
import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestFileName } from '../backups/manifest.ts';
import { asidePath } from '../backups/remove-folder.ts';
import type { Sqlite } from '../catalog/open.ts';

type Row = { directory: string; facts: string };

/** Its row, where its newest verification is ok. */
const goodRow = (catalog: Sqlite, id: string): Row | undefined =>
  catalog
    .prepare<[string], Row>(
      `select directory, facts from backups b where id = ? and status = 'succeeded' and directory is not null
          and (select ok from verifications where backup_id = b.id order by id desc limit 1) = 1`,
    )
    .get(id);

/** Whether its newest verification is ok, and its folder (or that which was put aside, and can be put back) holds its
 * manifest and files of the sizes on record. */
export async function isWhole(catalog: Sqlite, id: string): Promise<boolean> {
  const row = goodRow(catalog, id);
  if (row === undefined) return false;
  const { artifacts = [] } = JSON.parse(row.facts) as { artifacts?: { name: string; sizeBytes: number }[] };
  for (const folder of [row.directory, asidePath(row.directory)]) {
    try {
      if (!(await lstat(join(folder, manifestFileName))).isFile()) continue;
      let whole = true;
      for (const { name, sizeBytes } of artifacts) whole &&= (await lstat(join(folder, name))).size === sizeBytes;
      if (whole) return true;
    } catch {
      // Gone, or not to be looked at: not whole as far as anybody can tell.
    }
  }
  return false;
}

/** The same, as much of it as can be asked in a moment. */
export function isStillGood(catalog: Sqlite, id: string): boolean {
  const row = goodRow(catalog, id);
  if (row === undefined) return false;
  try {
    return lstatSync(join(row.directory, manifestFileName)).isFile();
  } catch {
    return false;
  }
}
