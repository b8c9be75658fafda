// Who runs what is due: whoever holds an exclusive lock on `leader.lock`. The system lets go of it when its holder dies.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SchedulerStatus } from '../../../shared/contract/schedules.ts';
import { hostIsAlive } from '../catalog/host-lock.ts';
import type { EngineContext } from '../context.ts';
import { iso } from './store.ts';

type HostRow = { id: string; pid: number; kind: NonNullable<SchedulerStatus['leader']>['host']; started_at: string };

export type Lead = {
  /** Tries to take the lock, once, without waiting. */
  take(): boolean;
  leading(): boolean;
  release(): void;
  /** For tests: lets go of the lock as a dying process does. */
  abandon(): void;
  /** Who leads, here or in another process; null: nobody. */
  leader(): SchedulerStatus['leader'];
};

export function createLead(context: EngineContext): Lead {
  const { catalog, hostId, ports } = context;
  const file = join(ports.homeDirectory, 'leader.lock');
  let lock: Database.Database | null = null;
  let held = false;
  const row = catalog.prepare<[], HostRow>('select * from hosts limit 1');

  return {
    take() {
      if (held) return true;
      if (lock === null) {
        closeSync(openSync(file, 'a', 0o600));
        lock = new Database(file, { timeout: 0 });
      }
      try {
        // It too is refused while another holds the lock.
        lock.pragma('journal_mode = delete');
        lock.exec('begin exclusive');
      } catch (thrown) {
        if ((thrown as { code?: string }).code?.startsWith('SQLITE_BUSY')) return false;
        throw thrown;
      }
      try {
        catalog
          .transaction(() => {
            catalog.prepare('delete from hosts').run();
            catalog
              .prepare('insert into hosts (id, pid, kind, started_at) values (?, ?, ?, ?)')
              .run(hostId, process.pid, ports.host.kind, iso(ports.clock()));
          })
          .immediate();
      } catch (thrown) {
        // Nobody must think that another leads; the next try is whole again.
        lock.exec('rollback');
        throw thrown;
      }
      held = true;
      return true;
    },
    leading: () => held,
    release() {
      if (held) catalog.prepare('delete from hosts where id = ?').run(hostId);
      held = false;
      lock?.close();
      lock = null;
    },
    abandon() {
      held = false;
      lock?.close();
      lock = null;
    },
    leader() {
      const found = row.get();
      if (found === undefined) return null;
      const here = found.id === hostId;
      if (here ? !held : !hostIsAlive(ports.homeDirectory, found.id)) return null;
      return { host: found.kind, pid: found.pid, since: found.started_at, here };
    },
  };
}
