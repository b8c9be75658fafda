// Keeps writers out of the tables of a restore, without keeping everybody waiting behind us for long.
// https://www.postgresql.org/docs/current/explicit-locking.html
import { HowdahError } from '../../../../shared/errors.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import type { Session } from '../../postgres/connection.ts';
import type { LiveTable } from '../../previews/compared.ts';
import { from } from '../../previews/seen.ts';

/** Whoever comes after a waiting lock waits as well: better to step back and try again. */
const waitSeconds = 3;
const attempts = 6;

export const sqlState = (thrown: unknown): string | null => {
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
};

/** lock_not_available, deadlock_detected */
export const isLockTrouble = (thrown: unknown): boolean => ['55P03', '40P01'].includes(sqlState(thrown) ?? '');

/** In the session's open transaction: SHARE ROW EXCLUSIVE on each, always in the same order; readers go on.
 * Errors: BUSY, which says who stands in the way; PERMISSION_DENIED and others of the server as they come. */
export async function lockTables(
  job: Pick<JobRun, 'signal' | 'log'>,
  session: Session,
  tables: LiveTable[],
  tries = attempts,
): Promise<void> {
  if (tables.length === 0) return;
  const ordered = tables.toSorted((a, b) => a.oid - b.oid);
  await session.query(`set local lock_timeout = '${waitSeconds}s'`);
  for (let attempt = 1; ; attempt++) {
    job.signal.throwIfAborted();
    await session.query('savepoint locking');
    try {
      await session.query(`lock table ${ordered.map(from).join(', ')} in share row exclusive mode`);
      await session.query('release savepoint locking');
      return;
    } catch (thrown) {
      if (!isLockTrouble(thrown)) throw thrown;
      await session.query('rollback to savepoint locking');
      const holders = await holdersOf(session, ordered);
      if (attempt >= tries) throw busy(holders, thrown);
      job.log('info', `The tables are in use; trying again. ${holders.join('; ')}`);
    }
  }
}

export const busy = (holders: string[], cause: unknown): HowdahError =>
  new HowdahError('BUSY', `Others are changing the tables: ${holders.join('; ') || 'they were gone as they were looked for'}.`, {
    hint: 'Nothing was touched. Wait for them, or end those sessions (pg_terminate_backend), then start again.',
    cause,
  });

/** Who holds locks that keep ours away: also prepared transactions, which have no process. */
export async function holdersOf(session: Session, tables: LiveTable[]): Promise<string[]> {
  const { rows } = await session.query<{
    pid: number | null;
    user: string;
    application: string;
    table: string;
    since: number;
  }>(
    `select l.pid, coalesce(a.usename, '') as "user", coalesce(a.application_name, '') as application,
            min(l.relation::regclass::text) as "table", coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8 as since
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.granted and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        and l.pid is distinct from pg_backend_pid()
        and l.mode not in ('AccessShareLock', 'RowShareLock')
        and l.relation in (select t.oid from unnest($1::oid[]) as t (oid) union select p.relid from unnest($1::oid[]) as t (oid), pg_partition_tree(t.oid) p)
      group by l.pid, a.usename, a.application_name, a.xact_start`,
    [tables.map((table) => table.oid)],
  );
  return rows.map((row) =>
    row.pid === null
      ? `a prepared transaction holds ${row.table}`
      : `pid ${row.pid} (${row.user}${row.application === '' ? '' : `, ${row.application}`}) holds ${row.table} for ${Math.round(row.since)} s`,
  );
}
