// After a crash: sessions that still work for a dead job are ended, and its throw-away databases dropped.
import { setTimeout as after } from 'node:timers/promises';
import { formatNumber } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import { quoteIdentifier, withMaintenanceSession, type Session } from './connection.ts';

/** Every database that Howdah may drop by itself is named like this; nothing else ever is. */
export const throwAwayPrefix = 'howdah_tmp_';

/** Whatever a server did not do in that time is tried again at the next start. */
const quietMs = 120_000;

export function registerDatabaseSettlers(context: EngineContext): void {
  context.leftovers.settleWith('backend', async ({ profileId, applicationName }) => {
    if (context.profiles.find(profileId) === null) return givenUp(context, `sessions named "${applicationName}"`);
    const target = await context.profiles.target(profileId);
    const ended = await withMaintenanceSession(target, (session) => endSessions(session, applicationName), { quietMs });
    return ended === 0 ? null : `ended ${formatNumber(ended, 'session')} of "${applicationName}"`;
  });
  context.leftovers.settleWith('database', async ({ profileId, database }) => {
    if (context.profiles.find(profileId) === null) return givenUp(context, `the throw-away database ${database}`);
    const target = await context.profiles.target(profileId);
    const dropped = await withMaintenanceSession(target, (session) => dropThrowAway(session, database), { quietMs });
    return dropped ? `dropped the throw-away database ${database}` : null;
  });
}

/** Nobody knows the way to the server any more: said once, for a person to look after. */
export function givenUp(context: EngineContext, what: string): string {
  const said = `${what} may remain at a server whose profile was removed; nothing more is done about it`;
  context.ports.log.warn(said);
  return said;
}

/** Ends every other session of that application name; says how many. */
export async function endSessions(session: Session, applicationName: string): Promise<number> {
  const { rowCount } = await session.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
    [applicationName],
  );
  return rowCount ?? 0;
}

/** Drops a database of ours with the sessions in it; false where it is gone already.
 * Refuses any name without our prefix: a wrong row in a catalog must never cost a DBA a database. */
export async function dropThrowAway(session: Session, database: string): Promise<boolean> {
  if (!database.startsWith(throwAwayPrefix)) throw new Error(`"${database}" is not one of the throw-away databases`);
  await untilNotBeingMade(session, database);
  const { rowCount } = await session.query('select from pg_database where datname = $1', [database]);
  if (rowCount === 0) return false;
  // DROP … WITH (FORCE) is of version 13; ending the sessions first serves older servers too.
  await session.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()', [database]);
  await dropDatabase(session, database);
  return true;
}

/** The server refuses to drop a template, which a copy of a template's properties is, too. */
export async function dropDatabase(session: Session, database: string): Promise<void> {
  const { rowCount } = await session.query('select from pg_database where datname = $1 and datistemplate', [database]);
  if (rowCount !== 0) await session.query(`alter database ${quoteIdentifier(database)} is_template false`);
  await session.query(`drop database if exists ${quoteIdentifier(database)}`);
}

const patienceMs = 15_000;

/** A server goes on with CREATE DATABASE when the program that asked for it has died: the database would appear just
 * after it was looked for in vain. */
async function untilNotBeingMade(session: Session, database: string): Promise<void> {
  const statement = `create database ${quoteIdentifier(database)}`;
  for (const deadline = performance.now() + patienceMs; ; await after(50)) {
    const { rowCount } = await session.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and left(query, length($1)) = $1",
      [statement],
    );
    if (rowCount === 0) return;
    if (performance.now() > deadline) throw new Error(`${database} is still being made`);
  }
}
