import type { LockWait } from '../../../shared/contract/jobs.ts';
import type { Session } from '../postgres/connection.ts';

/** Who stands in the way of the sessions of that application name. */
export async function readLockWaits(session: Session, applicationName: string): Promise<LockWait[]> {
  const { rows } = await session.query<LockWait>(
    `select coalesce(l.relation::regclass::text, l.locktype) || ' (' || l.mode || ')' as "waitsFor", b.pid as "blockedByPid",
            coalesce(b.usename, '') as "blockedByUser", coalesce(b.application_name, '') as "blockedByApplication",
            left(coalesce(b.query, ''), 500) as "blockedByQuery",
            greatest(0, extract(epoch from clock_timestamp() - coalesce(a.query_start, a.state_change))::float8) as "sinceSeconds"
       from pg_stat_activity a
       join pg_locks l on l.pid = a.pid and not l.granted
       cross join lateral unnest(pg_blocking_pids(a.pid)) as blocker(pid)
       join pg_stat_activity b on b.pid = blocker.pid
      where a.application_name = $1 and a.wait_event_type = 'Lock' and b.application_name is distinct from $1`,
    [applicationName],
  );
  return rows;
}
