// What retention goes by: a light row for each backup that succeeded. Large catalogs are the normal case: the wide rows
// are never read, and one look into each folder of backups says which of them are there.
import { statSync, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Sqlite } from '../catalog/open.ts';
import { backupsNeeded } from '../backups/in-use.ts';
import { asidePath } from '../backups/remove-folder.ts';
import type { Fact } from './decide.ts';

export type FoundBackup = Fact & {
  startedAt: string;
  directory: string;
  /** Its folder was put aside by a deletion that did not get further; it is whole, and can be put back. */
  aside: boolean;
};

type Row = {
  id: string;
  profile_id: string | null;
  profile: string;
  database: string;
  schedule_id: string | null;
  origin: string;
  holds: Fact['holds'];
  selection: string;
  started_at: string;
  size_bytes: number | null;
  pinned: number;
  directory: string;
  ok: number | null;
};

/** Every backup that succeeded and can be in one rule's scope with one of this profile; null: every one.
 * Asks disks: a slow one delays the answer, not the program. */
export async function readFacts(catalog: Sqlite, profileId: string | null): Promise<FoundBackup[]> {
  const rows = catalog
    .prepare<{ profileId: string | null }, Row>(
      `select b.id, b.profile_id, b.profile, b.database, b.schedule_id, b.origin, b.holds, b.selection, b.started_at, b.size_bytes,
              b.pinned, b.directory,
              (select v.ok from verifications v where v.backup_id = b.id order by v.id desc limit 1) as ok
         from backups b
        where b.status = 'succeeded' and b.directory is not null
          and (@profileId is null or b.profile_id = @profileId or b.origin = 'safety'
            or b.schedule_id in (select substr(scope, 10) from retention where scope like 'schedule:%'))`,
    )
    .all({ profileId });
  const needed = backupsNeeded(catalog);
  const open = new Set(
    catalog
      .prepare<[], { backup_id: string }>("select backup_id from deletions where state <> 'removed'")
      .all()
      .map((row) => row.backup_id),
  );
  const parents = new Map<string, Set<string>>();
  for (const { directory } of rows) parents.set(dirname(directory), new Set());
  for (const [parent, names] of parents) for (const name of await foldersIn(parent)) names.add(name);
  return rows.map((row): FoundBackup => {
    const names = parents.get(dirname(row.directory));
    const there = names?.has(basename(row.directory)) ?? false;
    const aside = !there && open.has(row.id) && (names?.has(basename(asidePath(row.directory))) ?? false);
    return {
      id: row.id,
      profileId: row.profile_id,
      profile: row.profile,
      database: row.database,
      scheduleId: row.schedule_id,
      origin: row.origin,
      at: Date.parse(row.started_at),
      startedAt: row.started_at,
      sizeBytes: row.size_bytes ?? 0,
      holds: row.holds,
      selection: row.selection,
      verified: row.ok === 1,
      damaged: false,
      present: there || aside,
      pinned: row.pinned === 1,
      inUse: needed.has(row.id),
      directory: row.directory,
      aside,
    };
  });
}

/** A folder that cannot be read has none: its backups are missing, and stay. */
async function foldersIn(parent: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(parent, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(parent, entry.name))))
    .map((entry) => entry.name);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
