// Which process still lives? Each holds an exclusive SQLite lock on a file of its own for as long as it runs.
// The operating system lets go of it at any death, and neither a re-used process id nor a sleeping laptop can fool it.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export type HostLock = { release(): void };

/** Held here, because a connection that nobody refers to is collected, and its lock with it. */
const held = new Set<Database.Database>();

const fileOf = (homeDirectory: string, hostId: string): string => join(homeDirectory, 'hosts', `${hostId}.lock`);

/** Takes this process's own lock. */
export function holdHostLock(homeDirectory: string, hostId: string): HostLock {
  mkdirSync(join(homeDirectory, 'hosts'), { recursive: true, mode: 0o700 });
  const file = fileOf(homeDirectory, hostId);
  const db = new Database(file);
  db.pragma('journal_mode = delete');
  db.exec('begin exclusive');
  held.add(db);
  return {
    release() {
      held.delete(db);
      if (db.open) db.close();
      removeFiles(file);
    },
  };
}

/** Whether another process's lock is held. Never call it for one's own id. */
export function hostIsAlive(homeDirectory: string, hostId: string): boolean {
  const file = fileOf(homeDirectory, hostId);
  if (!existsSync(file)) return false;
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('begin exclusive; rollback');
    return false;
  } catch (thrown) {
    if ((thrown as { code?: string }).code?.startsWith('SQLITE_BUSY')) return true;
    throw thrown;
  } finally {
    db.close();
  }
}

/** Removes the lock files of processes that are gone. */
export function forgetDeadHosts(homeDirectory: string, ownId: string): void {
  const folder = join(homeDirectory, 'hosts');
  for (const name of readdirSync(folder)) {
    const hostId = name.replace(/\.lock(-journal)?$/, '');
    if (hostId !== ownId && !hostIsAlive(homeDirectory, hostId)) removeFiles(fileOf(homeDirectory, hostId));
  }
}

function removeFiles(file: string): void {
  for (const path of [file, `${file}-journal`]) rmSync(path, { force: true });
}
