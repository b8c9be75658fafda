import type { ConnectionTest } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { chooseForBackup } from '../postgres/client-tools.ts';
import { withSession } from '../postgres/connection.ts';
import { requireSupported } from '../postgres/server-facts.ts';
import type { Target } from '../postgres/target.ts';
import { notStaging } from '../postgres/staging-schemas.ts';

type Facts = {
  version: string;
  version_num: string;
  database: string;
  size: number | null;
  user: string;
  superuser: boolean;
  createdb: boolean;
  createrole: boolean;
  bypassrls: boolean;
  owns: boolean;
  encrypted: boolean | null;
};

/** Connects, and tells what a DBA wants to know before trusting the profile. Errors: those of `connect`. */
export async function testConnection(target: Target, clientDirectory: string): Promise<ConnectionTest> {
  return withSession(target, async (session) => {
    const { rows } = await session.query<Facts>(`
      select current_setting('server_version') as version, current_setting('server_version_num') as version_num,
             current_database() as database,
             case when has_database_privilege(current_database(), 'connect') then pg_database_size(current_database())::float8 end as size,
             current_user as user, r.rolsuper as superuser, r.rolcreatedb as createdb, r.rolcreaterole as createrole,
             r.rolbypassrls as bypassrls, pg_has_role(d.datdba, 'usage') as owns,
             (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted
        from pg_roles r, pg_database d
       where r.rolname = current_user and d.datname = current_database()`);
    const facts = rows[0];
    if (facts === undefined)
      throw new HowdahError('SERVER_UNSUPPORTED', 'The server does not describe its own session.', {
        hint: 'Howdah needs a PostgreSQL server.',
      });
    const major = requireSupported(facts.version_num, facts.version);
    const began = performance.now();
    await session.query('select 1');
    const latencyMs = performance.now() - began;
    const unreadable = await session.query<{ schema: string; table: string }>(`
      select n.nspname as schema, c.relname as table
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'm', 'S') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ${notStaging('n')}
         and not (has_schema_privilege(n.oid, 'usage') and case c.relkind when 'S' then has_sequence_privilege(c.oid, 'select') else has_table_privilege(c.oid, 'select') end)
       order by 1, 2`);
    const choice = await chooseForBackup(major, clientDirectory).then(
      (client) => ({ client, clientProblem: null }),
      (thrown: unknown) => {
        if (!(thrown instanceof HowdahError)) throw thrown;
        return { client: null, clientProblem: `${thrown.message} ${thrown.hint}` };
      },
    );
    return {
      serverVersion: facts.version,
      serverMajor: major,
      database: facts.database,
      databaseSizeBytes: facts.size ?? 0,
      user: facts.user,
      rights: {
        superuser: facts.superuser,
        createDatabase: facts.superuser || facts.createdb,
        createRole: facts.superuser || facts.createrole,
        bypassRowSecurity: facts.superuser || facts.bypassrls,
        ownsDatabase: facts.owns,
        unreadableTables: unreadable.rows,
      },
      latencyMs: Math.round(latencyMs * 100) / 100,
      encrypted: facts.encrypted ?? false,
      ...choice,
    };
  });
}
