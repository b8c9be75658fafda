// What the server says before a backup is planned: version, role, tables with sizes and rights.
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Session } from '../postgres/connection.ts';
import { serverVersion, sizeWithoutWaiting } from '../postgres/server-facts.ts';
import { notStaging } from '../postgres/staging-schemas.ts';

export type SourceTable = TableName & {
  oid: number;
  /** `r` ordinary, `p` partitioned, `m` materialized view, `S` sequence, `v` view, `f` foreign table. */
  kind: string;
  /** Heap and TOAST, without indexes. */
  sizeBytes: number;
  readable: boolean;
  /** Row-level security would hide rows from this role: pg_dump refuses such a table. */
  rowsHidden: boolean;
};

export type ServerFacts = {
  version: string;
  major: number;
  user: string;
  standby: boolean;
  database: {
    name: string;
    encoding: string;
    collate: string;
    ctype: string;
    localeProvider: 'libc' | 'icu' | 'builtin' | 'unknown';
    locale: string | null;
  };
  /** Relations of the database itself: not of the system, not of extensions. */
  relations: SourceTable[];
};

/** Errors: SERVER_UNSUPPORTED. */
export async function gatherServerFacts(session: Session): Promise<ServerFacts> {
  const { version, major } = await serverVersion(session);
  const { rows: databases } = await session.query<{ row: Record<string, unknown>; encoding: string; user: string; standby: boolean }>(
    `select to_jsonb(d) as row, pg_encoding_to_char(d.encoding) as encoding, current_user as "user", pg_is_in_recovery() as standby
       from pg_database d where d.datname = current_database()`,
  );
  const [found] = databases;
  if (found === undefined) {
    throw new HowdahError('SERVER_UNSUPPORTED', 'The server does not describe its own database.', {
      hint: 'Howdah needs a PostgreSQL server.',
    });
  }
  const text = (name: string): string | null => (typeof found.row[name] === 'string' ? (found.row[name] as string) : null);
  const providers: Record<string, ServerFacts['database']['localeProvider']> = { c: 'libc', i: 'icu', b: 'builtin' };
  const { rows: relations } = await session.query<SourceTable>(`
    select c.oid, n.nspname as schema, c.relname as "table", c.relkind as kind,
           case when c.relkind in ('r', 'm') then ${sizeWithoutWaiting('pg_table_size')} else 0 end as "sizeBytes",
           has_schema_privilege(n.oid, 'usage')
             and case c.relkind when 'S' then has_sequence_privilege(c.oid, 'select') when 'v' then true
                                else has_table_privilege(c.oid, 'select') end as readable,
           c.relkind in ('r', 'p') and c.relrowsecurity and row_security_active(c.oid) as "rowsHidden"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm', 'S', 'v', 'f') and c.relpersistence <> 't'
       and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ${notStaging('n')}
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 2, 3`);
  return {
    version,
    major,
    user: found.user,
    standby: found.standby,
    database: {
      name: text('datname') ?? '',
      encoding: found.encoding,
      collate: text('datcollate') ?? '',
      ctype: text('datctype') ?? '',
      localeProvider: providers[text('datlocprovider') ?? 'c'] ?? 'unknown',
      locale: text('datlocale') ?? text('daticulocale'),
    },
    relations,
  };
}
