// What a job makes and must not outlive it: written down before it is made, crossed out after it is gone.
// After a crash the next start reads the list and settles it.
import { rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import { signalGroup } from '../process/run-child.ts';

/** `path`: a file or folder to remove. `process`: a child that must end. `database`: a throw-away database to drop.
 * `schema`: a staging schema to drop.
 * `backend`: sessions to end, by application name. `swap`: names that may be half-swapped. */
export type Leftover =
  | { kind: 'path'; path: string }
  | { kind: 'process'; pid: number }
  | { kind: 'database'; profileId: string; database: string }
  | { kind: 'schema'; profileId: string; database: string; databaseOid: number; schema: string; applicationName: string }
  | { kind: 'backend'; profileId: string; applicationName: string }
  | { kind: 'swap'; profileId: string; restoreId: string; live: string; fresh: string; aside: string };

export type LeftoverKind = Leftover['kind'];
export type StoredLeftover = { id: string; jobId: string; owner: string; body: Leftover };

/** Settles one leftover, says in a sentence what it did; throws where it must be tried again later. */
export type Settler<K extends LeftoverKind> = (body: Extract<Leftover, { kind: K }>, jobId: string) => Promise<string | null>;

export type Leftovers = {
  /** Writes it down. The returned function crosses it out: call it only once the thing is gone (or kept on purpose). */
  note(jobId: string, body: Leftover): () => void;
  /** Registers how a kind is settled. */
  settleWith<K extends LeftoverKind>(kind: K, settler: Settler<K>): void;
  ofJob(jobId: string): StoredLeftover[];
  /** Settles a dead job's leftovers. Those that cannot be settled now stay on the list.
   * `onlyLocal` leaves out what needs a server. One that takes longer than the limit (a share or a server that hangs)
   * counts as failed, and keeps no other back; it is crossed out where it ends after all. */
  settle(owner: string, onlyLocal: boolean, limitMs?: number): Promise<{ done: string[]; failed: { what: string; thrown: unknown }[] }>;
};

/** In this order: first whoever still works is stopped, then what they made is removed. */
const order: LeftoverKind[] = ['process', 'backend', 'swap', 'schema', 'database', 'path'];
const needsServer: LeftoverKind[] = ['backend', 'swap', 'schema', 'database'];

/** Local ones are settled before the program answers anybody. */
const localLimitMs = 30_000;
const serverLimitMs = 5 * 60_000;

export function createLeftovers(catalog: Sqlite, hostId: string): Leftovers {
  const settlers = new Map<LeftoverKind, (body: Leftover, jobId: string) => Promise<string | null>>();
  const insert = catalog.prepare('insert into leftovers (id, job_id, owner, kind, body) values (?, ?, ?, ?, ?)');
  const remove = catalog.prepare('delete from leftovers where id = ?');
  const read = (where: string, value: string): StoredLeftover[] =>
    catalog
      .prepare<[string], { id: string; job_id: string; owner: string; body: string }>(
        `select id, job_id, owner, body from leftovers where ${where} = ?`,
      )
      .all(value)
      .map((row) => ({ id: row.id, jobId: row.job_id, owner: row.owner, body: JSON.parse(row.body) as Leftover }));

  settlers.set('path', async (body) => {
    if (body.kind !== 'path') return null;
    await rm(body.path, { recursive: true, force: true });
    return `removed ${body.path}`;
  });
  settlers.set('process', async (body, jobId) => {
    if (body.kind !== 'process') return null;
    return isOurs(body.pid, jobId) && signalGroup(body.pid, 'SIGKILL') ? `stopped the orphaned process ${body.pid}` : null;
  });

  const underWay = new Set<string>();
  const settleOne = async ({ id, body, jobId }: StoredLeftover): Promise<string | null> => {
    underWay.add(id);
    try {
      const said = await settlers.get(body.kind)?.(body, jobId);
      remove.run(id);
      return said ?? null;
    } finally {
      underWay.delete(id);
    }
  };

  return {
    note(jobId, body) {
      const id = newId('lef');
      insert.run(id, jobId, hostId, body.kind, JSON.stringify(body));
      return () => void remove.run(id);
    },
    settleWith(kind, settler) {
      settlers.set(kind, settler as (body: Leftover, jobId: string) => Promise<string | null>);
    },
    ofJob: (jobId) => read('job_id', jobId),
    async settle(owner, onlyLocal, limitMs = onlyLocal ? localLimitMs : serverLimitMs) {
      const done: string[] = [];
      const failed: { what: string; thrown: unknown }[] = [];
      const list = read('owner', owner)
        .filter((leftover) => !underWay.has(leftover.id) && (!onlyLocal || !needsServer.includes(leftover.body.kind)))
        .sort((a, b) => order.indexOf(a.body.kind) - order.indexOf(b.body.kind));
      for (const leftover of list) {
        try {
          const said = await within(limitMs, settleOne(leftover));
          if (said !== null) done.push(said);
        } catch (thrown) {
          failed.push({ what: JSON.stringify(leftover.body), thrown });
        }
      }
      return { done, failed };
    },
  };
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${Math.round(limitMs / 1000)} seconds`)), limitMs);
  });
  work.catch(() => {}); // told already where it is late
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A process id may have been given to somebody else by now: only one that carries our job's mark is ours. */
function isOurs(pid: number, jobId: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOWDAH_JOB=${jobId}`);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ESRCH') return false;
    throw thrown;
  }
}
