import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { findClientTools } from '../postgres/client-tools.ts';
import { onDatabase, withMaintenanceSession, withSession } from '../postgres/connection.ts';
import { parseConnectionString } from '../postgres/connection-url.ts';
import { listDatabases, listTables } from '../postgres/server-facts.ts';
import { resolveTarget } from '../postgres/target.ts';
import { testConnection } from './test-connection.ts';

/** Somebody waits for the answer; a server that is well gives it within this. */
const quietMs = 60_000;

export function profilesHandlers(os: Implementer, context: EngineContext) {
  const { profiles, events, catalog } = context;
  const changed = <T>(value: T): T => {
    events.emit({ kind: 'catalogChanged' });
    return value;
  };
  return os.profiles.router({
    list: os.profiles.list.handler(() => profiles.list()),
    get: os.profiles.get.handler(({ input }) => profiles.get(input.id)),
    create: os.profiles.create.handler(async ({ input }) => changed(await profiles.create(input.profile, input.password))),
    update: os.profiles.update.handler(async ({ input }) => changed(await profiles.update(input.id, input.profile, input.password))),
    remove: os.profiles.remove.handler(async ({ input }) => {
      await profiles.remove(input.id);
      return changed({ removed: input.id });
    }),
    parseUrl: os.profiles.parseUrl.handler(({ input }) => parseConnectionString(input.url)),
    test: os.profiles.test.handler(async ({ input }) => {
      if (input.profile === undefined && input.id === undefined)
        throw new HowdahError('BAD_INPUT', 'Name a profile, or give its fields.', { hint: 'Send "id" or "profile".' });
      const stored = input.id === undefined ? null : profiles.get(input.id);
      const fields = input.profile ?? stored ?? profiles.get(input.id ?? '');
      const kept = input.password === undefined && stored !== null ? await profiles.keptPassword(stored) : null;
      return testConnection(resolveTarget(fields, input.password ?? kept), fields.clientDirectory);
    }),
    databases: os.profiles.databases.handler(async ({ input }) => {
      const target = await profiles.target(input.id);
      const databases = await withMaintenanceSession(target, listDatabases, { quietMs });
      const aside = new Set(
        catalog
          .prepare<[string], { name: string }>(
            "select json_extract(body, '$.previousDatabase') as name from restores where profile_id = ? and undo = 'possible'",
          )
          .all(input.id)
          .map((row) => row.name),
      );
      return databases.map((database) => ({ ...database, keptAside: aside.has(database.name) }));
    }),
    tables: os.profiles.tables.handler(async ({ input }) => {
      const target = await profiles.target(input.id);
      const there = input.database === undefined ? target : onDatabase(target, input.database);
      return { database: there.database, tables: await withSession(there, listTables, { quietMs }) };
    }),
    clients: os.profiles.clients.handler(() => findClientTools(profiles.list().map((profile) => profile.clientDirectory))),
  });
}
