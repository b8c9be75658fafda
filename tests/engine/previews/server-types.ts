import { createDatabase, dropDatabase, sql } from '../../support/server.ts';

/** What of the types' needs this server has: `xml`, `icu`, `hstore`, `citext`. */
export async function serverNeeds(): Promise<Set<string>> {
  const probe = await createDatabase();
  try {
    return await needsThat((statement) => sql(probe, statement));
  } finally {
    await dropDatabase(probe);
  }
}

/** Those whose statement passes, each in an empty database. */
export async function needsThat(run: (statement: string) => Promise<unknown>): Promise<Set<string>> {
  const tries: [string, string][] = [
    ['xml', "SELECT '<a/>'::xml"],
    ['icu', "CREATE COLLATION probe (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"],
    ['hstore', 'CREATE EXTENSION hstore'],
    ['citext', 'CREATE EXTENSION citext'],
  ];
  const found = new Set<string>();
  for (const [need, statement] of tries) {
    await run(statement).then(
      () => found.add(need),
      () => null,
    );
  }
  return found;
}
