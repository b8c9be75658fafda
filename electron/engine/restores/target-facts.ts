// What a restore has to know about its target, asked in one look that changes nothing.
import { HowdahError } from '../../../shared/errors.ts';
import { onDatabase, withSession, type Session } from '../postgres/connection.ts';
import { requireTarget } from '../postgres/server-facts.ts';
import type { Target } from '../postgres/target.ts';
import { withOtherDatabase } from './sessions.ts';

export type LiveDatabase = {
  oid: number;
  owner: string;
  sizeBytes: number | null;
  /** The role may do what an owner may. */
  owned: boolean;
  /** Nothing that a user made is in it. */
  empty: boolean;
  otherSessions: number;
  /** Other sessions that this role may not end. */
  protectedSessions: number;
  /** Logical replication slots: they stay with the old database. */
  slots: number;
};

export type TargetFacts = {
  version: string;
  major: number;
  user: string;
  superuser: boolean;
  createDatabase: boolean;
  /** A standby, or sessions that may only read. */
  readOnly: boolean;
  /** Null where the role may not ask. */
  systemIdentifier: string | null;
  database: LiveDatabase | null;
  roles: Set<string>;
  /** Roles that this role may act as, itself included. */
  memberOf: Set<string>;
  /** By name; `ready`: installed in the target database; `may`: this role may install it. */
  extensions: Map<string, { ready: boolean; may: boolean }>;
};

/** Errors: those of `connect`; SERVER_UNSUPPORTED. */
export async function targetFacts(target: Target): Promise<TargetFacts> {
  const server = await withOtherDatabase(target, [], (session) => serverFacts(session, target.database));
  if (!server.exists) return { ...server, database: null };
  return withSession(onDatabase(target, target.database), async (session) => ({
    ...server,
    extensions: await extensionsOf(session, server.superuser),
    database: await liveDatabase(session, target.database),
  }));
}

type ServerPart = Omit<TargetFacts, 'database'> & { exists: boolean };

async function serverFacts(session: Session, database: string): Promise<ServerPart> {
  const { version, major } = await requireTarget(session);
  const { rows } = await session.query<{
    user: string;
    superuser: boolean;
    createdb: boolean;
    exists: boolean;
    identifies: boolean;
    readOnly: boolean;
  }>(
    `select current_user as user, rolsuper as superuser, rolsuper or rolcreatedb as createdb,
            exists (select from pg_database where datname = $1) as exists,
            has_function_privilege('pg_catalog.pg_control_system()', 'execute') as identifies,
            current_setting('transaction_read_only') = 'on' as "readOnly"
       from pg_roles where rolname = current_user`,
    [database],
  );
  const role = rows[0];
  if (role === undefined)
    throw new HowdahError('SERVER_UNSUPPORTED', 'The server does not describe the role of its own session.', {
      hint: 'Howdah needs a PostgreSQL server.',
    });
  const roles = await session.query<{ name: string; member: boolean }>(
    "select rolname as name, pg_has_role(oid, 'member') as member from pg_roles",
  );
  return {
    version,
    major,
    user: role.user,
    superuser: role.superuser,
    createDatabase: role.createdb,
    readOnly: role.readOnly,
    exists: role.exists,
    systemIdentifier: role.identifies
      ? ((await session.query<{ id: string }>('select system_identifier::text as id from pg_control_system()')).rows[0]?.id ?? null)
      : null,
    roles: new Set(roles.rows.map((row) => row.name)),
    memberOf: new Set(roles.rows.filter((row) => row.member).map((row) => row.name)),
    extensions: await extensionsOf(session, role.superuser),
  };
}

async function extensionsOf(session: Session, superuser: boolean): Promise<TargetFacts['extensions']> {
  // A trusted extension may be installed by whoever may create in the database.
  const may = superuser ? 'true' : 'bool_or(v.trusted or not v.superuser)';
  const { rows } = await session.query<{ name: string; ready: boolean; may: boolean | null }>(
    `select e.name, e.installed_version is not null as ready, ${may} as may
       from pg_available_extensions e left join pg_available_extension_versions v on v.name = e.name group by 1, 2`,
  );
  return new Map(rows.map((row) => [row.name, { ready: row.ready, may: row.may ?? false }]));
}

const madeByUsers = `
  select from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  union all
  select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  union all
  select from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype in ('e', 'i'))
  union all
  select from pg_namespace n where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
     and not exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
  union all
  select from pg_largeobject_metadata`;

/** Whether the session's database holds nothing that a user made. */
export async function isEmpty(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ empty: boolean }>(`select not exists (${madeByUsers}) as empty`);
  return rows[0]?.empty ?? false;
}

async function liveDatabase(session: Session, database: string): Promise<LiveDatabase> {
  const { rows } = await session.query<Omit<LiveDatabase, 'empty'>>(
    `select d.oid::int8::float8 as oid, pg_get_userbyid(datdba) as owner, pg_has_role(datdba, 'usage') as owned,
            pg_database_size(d.oid)::float8 as "sizeBytes",
            (select count(*) from pg_stat_activity a where a.datid = d.oid and a.pid <> pg_backend_pid() and a.backend_type = 'client backend' and a.application_name not like 'howdah%')::int as "otherSessions",
            (select count(*) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid cross join (select rolsuper from pg_roles where rolname = current_user) me
              where a.datid = d.oid and a.pid <> pg_backend_pid() and not me.rolsuper
                and (r.rolsuper or not (pg_has_role(a.usesysid, 'usage') or pg_has_role('pg_signal_backend', 'usage'))))::int as "protectedSessions",
            (select count(*) from pg_replication_slots s where s.database = d.datname)::int as slots
       from pg_database d where d.datname = $1`,
    [database],
  );
  const row = rows[0];
  if (row === undefined)
    throw new HowdahError('DATABASE_NOT_FOUND', `The database "${database}" went away.`, { hint: 'Look at the server, then plan again.' });
  return { ...row, empty: await isEmpty(session) };
}
