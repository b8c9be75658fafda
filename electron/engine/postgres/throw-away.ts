// A database that exists only for one check, and never outlives it: also not a crash (see leftovers).
import { randomBytes } from 'node:crypto';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase, quoteIdentifier, quoteLiteral, withMaintenanceSession } from './connection.ts';
import { dropThrowAway, throwAwayPrefix } from './settle-databases.ts';
import type { Target } from './target.ts';

/** Locale and encoding of a new database; absent ones follow the server's template0. */
export type DatabaseLocale = { encoding?: string | undefined; collate?: string | undefined; ctype?: string | undefined };

/** `create database` for an empty database of that locale, from template0.
 * `alter database … owner to` and the like are the caller's. */
export const createDatabaseStatement = (name: string, locale: DatabaseLocale = {}): string =>
  [
    `create database ${quoteIdentifier(name)} template template0`,
    locale.encoding === undefined ? '' : `encoding ${quoteLiteral(locale.encoding)}`,
    locale.collate === undefined ? '' : `lc_collate ${quoteLiteral(locale.collate)}`,
    locale.ctype === undefined ? '' : `lc_ctype ${quoteLiteral(locale.ctype)}`,
  ]
    .filter(Boolean)
    .join(' ');

/** Also after a cancel it is dropped; the list of leftovers knows of it where the server says nothing for so long. */
const dropMs = 120_000;

/** Makes an empty database on the profile's server, hands it to `work`, and drops it whatever happened.
 * Errors: PERMISSION_DENIED (the role may not create databases), those of `work`. */
export async function withThrowAwayDatabase<T>(
  context: EngineContext,
  job: JobRun,
  profileId: string,
  locale: DatabaseLocale,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await context.profiles.target(profileId);
  const database = `${throwAwayPrefix}${randomBytes(6).toString('hex')}`;
  const settled = job.note({ kind: 'database', profileId, database });
  try {
    await withMaintenanceSession(target, (session) => session.query(createDatabaseStatement(database, locale)), {
      signal: job.signal,
    });
    return await work(onDatabase(target, database));
  } finally {
    await withMaintenanceSession(target, (session) => dropThrowAway(session, database), { quietMs: dropMs });
    settled();
  }
}
