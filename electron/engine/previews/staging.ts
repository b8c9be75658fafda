// The schema that holds the rows to compare: ours alone, written down before it is made, gone when it is done with.
import { randomBytes } from 'node:crypto';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { onDatabase, quoteIdentifier, withMaintenanceSession, withSession, type Session } from '../postgres/connection.ts';
import { requireTarget } from '../postgres/server-facts.ts';
import { endSessions, givenUp } from '../postgres/settle-databases.ts';
import { stagingPrefix } from '../postgres/staging-schemas.ts';
import type { Target } from '../postgres/target.ts';

export type Staging = { name: string; drop: () => Promise<void> };

/** Errors: STAGING_NOT_ALLOWED. `applicationName`: whose sessions may still work in it after a crash. */
export async function makeStaging(
  context: EngineContext,
  session: Session,
  where: { jobId: string; profileId: string; target: Target; applicationName: string },
): Promise<Staging> {
  await requireRoomForStaging(session);
  const name = `${stagingPrefix}${randomBytes(6).toString('hex')}`;
  const { profileId, target, applicationName } = where;
  const { rows } = await session.query<{ oid: number }>(
    'select oid::int8::float8 as oid from pg_catalog.pg_database where datname = pg_catalog.current_database()',
  );
  const databaseOid = rows[0]?.oid ?? 0;
  const gone = context.leftovers.note(where.jobId, {
    kind: 'schema',
    profileId,
    database: target.database,
    databaseOid,
    schema: name,
    applicationName,
  });
  await session.query(`create schema ${quoteIdentifier(name)}`);
  await closeToOthers(session, name);
  return {
    name,
    async drop() {
      await inDatabase(target, databaseOid, (other) => dropStaging(other, name));
      gone();
    },
  };
}

/** Default privileges may have opened the schema, and it holds what the live tables hold: without USAGE nobody gets at
 * the tables in it, whatever was granted on them. */
async function closeToOthers(session: Session, name: string): Promise<void> {
  const { rows } = await session.query<{ grantee: string }>(
    `select distinct case when a.grantee = 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end as grantee
       from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a where n.nspname = $1 and a.grantee <> n.nspowner`,
    [name],
  );
  for (const { grantee } of rows) await session.query(`revoke all on schema ${quoteIdentifier(name)} from ${grantee} cascade`);
}

/** Runs `work` in the database of that oid, whatever it is called by now; gives null where it is gone. */
async function inDatabase<T>(target: Target, oid: number, work: (session: Session) => Promise<T>): Promise<T | null> {
  type Found = { here: true; result: T } | { here: false; name: string | null };
  const nameOf = async (session: Session): Promise<string | null> => {
    const { rows } = await session.query<{ name: string }>('select datname as name from pg_catalog.pg_database where oid = $1', [oid]);
    return rows[0]?.name ?? null;
  };
  let found: Found;
  try {
    // Its own name first: a role need not be let into any other database.
    found = await withSession<Found>(target, async (session) => {
      const name = await nameOf(session);
      return name === target.database ? { here: true, result: await work(session) } : { here: false, name };
    });
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || thrown.code !== 'DATABASE_NOT_FOUND') throw thrown;
    found = { here: false, name: await withMaintenanceSession(target, nameOf) };
  }
  if (found.here) return found.result;
  return found.name === null ? null : withSession(onDatabase(target, found.name), work);
}

/** Errors: STAGING_NOT_ALLOWED, SERVER_UNSUPPORTED. */
export async function requireRoomForStaging(session: Session): Promise<void> {
  await requireTarget(session);
  const { rows } = await session.query<{ may: boolean; readonly: boolean; user: string; database: string }>(
    `select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as may, current_user::text as user, pg_catalog.current_database()::text as database,
            pg_catalog.pg_is_in_recovery() or pg_catalog.current_setting('transaction_read_only')::boolean as readonly`,
  );
  const [found] = rows;
  if (found === undefined) return;
  const elsewhere =
    'or let the rows be staged on another server (--stage-on PROFILE): that tells what differs, but cannot carry a strategy out.';
  if (found.readonly) {
    throw new HowdahError('STAGING_NOT_ALLOWED', `The database "${found.database}" takes no changes here: it is a standby, or read-only.`, {
      hint: `Look at the primary server, ${elsewhere}`,
    });
  }
  if (!found.may) {
    throw new HowdahError(
      'STAGING_NOT_ALLOWED',
      `The role "${found.user}" may not create the schema that holds the backup's rows in "${found.database}".`,
      {
        hint: `Let an administrator run GRANT CREATE ON DATABASE ${quoteIdentifier(found.database)} TO ${quoteIdentifier(found.user)}, ${elsewhere}`,
      },
    );
  }
}

/** Refuses any name without our prefix: a wrong row in a catalog must never cost a DBA a schema. */
async function dropStaging(session: Session, name: string): Promise<boolean> {
  if (!name.startsWith(stagingPrefix)) throw new Error(`"${name}" is not one of the staging schemas`);
  const { rowCount } = await session.query('select from pg_catalog.pg_namespace where nspname = $1', [name]);
  if (rowCount === 0) return false;
  // It is crossed out once it is gone: a crash of the server must not bring it back.
  await session.query(
    "select pg_catalog.set_config('synchronous_commit', 'on', false) where pg_catalog.current_setting('synchronous_commit') = 'off'",
  );
  // One lock a table: a schema of thousands would be more than one transaction may hold.
  const { rows } = await session.query<{ table: string }>(
    `select c.relname as "table" from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
    [name],
  );
  const tables = rows.map((row) => `${quoteIdentifier(name)}.${quoteIdentifier(row.table)}`);
  for (let at = 0; at < tables.length; at += 500) await session.query(`drop table if exists ${tables.slice(at, at + 500).join(', ')}`);
  await session.query(`drop schema if exists ${quoteIdentifier(name)} cascade`);
  return true;
}

/** After a crash: whoever still works in it is ended, then it is dropped. */
export function registerStagingSettler(context: EngineContext): void {
  context.leftovers.settleWith('schema', async ({ profileId, database, databaseOid, schema, applicationName }) => {
    if (context.profiles.find(profileId) === null) return givenUp(context, `the staging schema ${schema} in ${database}`);
    const target = onDatabase(await context.profiles.target(profileId), database);
    const dropped = await inDatabase(target, databaseOid, async (session) => {
      await endSessions(session, applicationName);
      return dropStaging(session, schema);
    });
    return dropped === true ? `dropped the staging schema ${schema} of ${database}` : null;
  });
}
