// Comparisons run as the engine runs them: inside a job, against a real server.
import type { EngineContext } from '../../../electron/engine/context.ts';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import type { Target } from '../../../electron/engine/postgres/target.ts';
import { compareSchemas, type SchemaComparison } from '../../../electron/engine/schema/compare-schemas.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import type { TestEngine } from '../../support/engine.ts';
import { connect, testServer } from '../../support/server.ts';
import { inJob } from '../dumps/rows-support.ts';

export const contextOf = (engine: TestEngine): EngineContext =>
  ({ ports: engine.ports, settings: () => ({ stuckAfterSeconds: 60 }) }) as unknown as EngineContext;

export function targetOf(database: string, as: { user: string; password: string } = testServer()): Target {
  const { host, port } = testServer();
  return { host, port, user: as.user, password: as.password, database, sslMode: 'disable', sslRootCert: '', sslCert: '', sslKey: '' };
}

export type Compared = {
  path: string;
  database: string;
  tables?: TableName[];
  as?: { user: string; password: string };
  clientDirectory?: string;
};

export async function compareWith(
  engine: TestEngine,
  { path, database, tables = [], as, clientDirectory = '' }: Compared,
): Promise<SchemaComparison> {
  const dump = await inspectDump(path);
  const target = targetOf(database, as);
  return await inJob(engine, (job) => compareSchemas(job, contextOf(engine), { path, dump, target, clientDirectory, tables }));
}

/** `app.orders`; without a schema, of `public`. */
export const tableNamed = (name: string): TableName => {
  const [first = '', second] = name.split('.');
  return second === undefined ? { schema: 'public', table: first } : { schema: first, table: second };
};

/** `missing COLUMN app.orders total`. */
export const brief = ({ kind, type, schema, name }: SchemaDifference): string =>
  `${kind} ${type} ${schema === '' ? '' : `${schema}.`}${name}`;

/** Runs every mend in its order, as a DBA would. */
export async function mend(database: string, differences: SchemaDifference[]): Promise<void> {
  const client = await connect(database);
  try {
    await client.query('set check_function_bodies = off');
    for (const difference of differences) {
      if (difference.mend === null) continue;
      try {
        await client.query(difference.mend);
      } catch (thrown) {
        throw new Error(`${brief(difference)}: ${String(thrown)}\n${difference.mend}`, { cause: thrown });
      }
    }
  } finally {
    await client.end();
  }
}
