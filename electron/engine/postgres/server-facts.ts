// What is asked of a server before anything is done with it.
import { HowdahError } from '../../../shared/errors.ts';
import type { TableSummary } from '../../../shared/contract/profiles.ts';
import type { Session } from './connection.ts';
import { notStaging } from './staging-schemas.ts';

/** Servers from here on are backed up. See docs/decisions/0015-which-servers.md. */
const oldestSource = 10;
/** Servers from here on are restored into, and compared with. */
const oldestTarget = 14;

/** `server_version_num` to the major version. Errors: SERVER_UNSUPPORTED. */
export function requireSupported(versionNumber: string, version: string): number {
  const major = Math.floor(Number(versionNumber) / 10_000);
  if (major >= oldestSource) return major;
  throw new HowdahError(
    'SERVER_UNSUPPORTED',
    `The server is version ${version}; Howdah backs up servers from version ${oldestSource} on.`,
    {
      hint: 'Make a dump with the pg_dump of its own version: Howdah restores the file into a newer server.',
    },
  );
}

/** For what is to be restored into, or compared with. Errors: SERVER_UNSUPPORTED. */
export async function requireTarget(session: Session): Promise<{ version: string; major: number }> {
  const found = await serverVersion(session);
  if (found.major >= oldestTarget) return found;
  throw new HowdahError(
    'SERVER_UNSUPPORTED',
    `The server is version ${found.version}; Howdah restores into servers from version ${oldestTarget} on, and compares rows with those.`,
    { hint: `It can be backed up, and the backup restored into a newer server. Into this one the tools of its own version restore it.` },
  );
}

/** Version text (`15.18 (Debian …)`) and major version of the session's server. Errors: SERVER_UNSUPPORTED. */
export async function serverVersion(session: Session): Promise<{ version: string; major: number }> {
  const { rows } = await session.query<{ version: string; number: string }>(
    "select current_setting('server_version') as version, current_setting('server_version_num') as number",
  );
  const row = rows[0] ?? { version: 'unknown', number: '0' };
  return { version: row.version, major: requireSupported(row.number, row.version) };
}

/** Databases that one may connect to, but not templates. */
export async function listDatabases(session: Session): Promise<{ name: string; sizeBytes: number | null; owner: string }[]> {
  const { rows } = await session.query<{ name: string; sizeBytes: number | null; owner: string }>(`
    select datname as name, pg_get_userbyid(datdba) as owner,
           case when has_database_privilege(datname, 'connect') then pg_database_size(oid)::float8 end as "sizeBytes"
      from pg_database where datallowconn and not datistemplate order by datname`);
  return rows;
}

const smallTable = 1024 * 1024;
const logLike =
  /(^|_)(logs?|audit|audits|audit_?trail|history|events?|sessions?|cache|caches|tmp|temp|reports?|metrics|notifications?|jobs?|queue|django_session|traces?|visits?|clicks?)(_|$)/i;

/** SQL for a size in bytes of `pg_class c`. The size functions take a lock, and would wait behind whoever holds a table
 * exclusively (or waits to): for such a table the planner's own number of pages stands in. */
export const sizeWithoutWaiting = (sizeFunction: 'pg_total_relation_size' | 'pg_table_size' | 'pg_relation_size'): string => `
  case when exists (
         select from pg_locks l
          where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.database = (select oid from pg_database where datname = current_database())
            and (l.relation = c.oid or l.relation in (select indexrelid from pg_index where indrelid = c.oid)))
       then greatest(c.relpages, 0)::float8 * current_setting('block_size')::int
       else ${sizeFunction}(c.oid)::float8 end`;

/** Ordinary and partitioned tables and materialized views of the session's database, largest first. */
export async function listTables(session: Session): Promise<TableSummary[]> {
  const { rows } = await session.query<{ schema: string; table: string; sizeBytes: number; rowEstimate: number | null }>(`
    select n.nspname as schema, c.relname as table, ${sizeWithoutWaiting('pg_total_relation_size')} as "sizeBytes",
           case when c.reltuples >= 0 then c.reltuples::float8 end as "rowEstimate"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ${notStaging('n')}
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 3 desc, 1, 2`);
  return rows.map((row) => ({ ...row, suggestExclude: logLike.test(row.table) && row.sizeBytes >= smallTable }));
}
