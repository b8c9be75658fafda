// Opens the catalog: an index of backup folders that can be rebuilt from them, never the only copy of anything.
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HowdahError } from '../../../shared/errors.ts';
import { makeFolders } from '../make-folders.ts';
import { first } from './migrations/0001-first.ts';
import { unattended } from './migrations/0002-unattended.ts';

export type Sqlite = Database.Database;

/** In order; the position is the schema version (`user_version`). Landed ones are never edited. */
const migrations = [first, unattended];

export const catalogFileName = 'catalog.sqlite';

/** Opens or creates the catalog below the home folder, mode 0600.
 * Errors: CATALOG_CORRUPT, CATALOG_TOO_NEW, FOLDER_NOT_WRITABLE. */
export function openCatalog(homeDirectory: string): Sqlite {
  const file = join(homeDirectory, catalogFileName);
  try {
    makeFolders(homeDirectory);
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (thrown) {
    throw new HowdahError('FOLDER_NOT_WRITABLE', `The data folder ${homeDirectory} cannot be written.`, {
      hint: 'Give your user the right to write there, or set HOWDAH_HOME to another folder.',
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
  let db: Sqlite | undefined;
  try {
    db = new Database(file, { timeout: 15_000 });
    db.pragma('journal_mode = wal');
    db.pragma('synchronous = full');
    db.pragma('foreign_keys = on');
    migrate(db, file);
    const check = db.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok') throw corrupt(file, String(check));
    return db;
  } catch (thrown) {
    db?.close();
    if (thrown instanceof HowdahError) throw thrown;
    const code = (thrown as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
      throw corrupt(file, thrown instanceof Error ? thrown.message : code);
    }
    throw thrown;
  }
}

function migrate(db: Sqlite, file: string): void {
  db.transaction(() => {
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > migrations.length) {
      throw new HowdahError(
        'CATALOG_TOO_NEW',
        `The catalog ${file} was written by a newer version of Howdah (format ${version}, this one knows ${migrations.length}).`,
        {
          hint: 'Install the newer version again. The file was left as it is.',
        },
      );
    }
    for (const sql of migrations.slice(version)) db.exec(sql);
    if (version < migrations.length) db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

function corrupt(file: string, detail: string): HowdahError {
  return new HowdahError('CATALOG_CORRUPT', `The catalog ${file} is damaged.`, {
    hint: 'Your backups are not affected: they are folders of their own. Move the file (and its -wal and -shm) aside, start again, and run "howdah backups rescan" on your backup folder to rebuild it.',
    detail,
  });
}
