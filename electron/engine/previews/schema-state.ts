// What is told beside rows: whether the definitions fit, and which migrations each side has.
import type { TableName } from '../../../shared/contract/common.ts';
import type { MigrationVerdict, SchemaDifference } from '../../../shared/contract/previews.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { withSession } from '../postgres/connection.ts';
import { compareSchemas } from '../schema/compare-schemas.ts';
import { compareMigrations, migrationsOfDump, readMigrations } from '../schema/migrations.ts';
import type { PreviewInput } from './prepare.ts';

export type SchemaState = {
  schema: { fits: boolean; differences: SchemaDifference[] };
  migrations: MigrationVerdict[];
  /** A replace of the whole would take them away. */
  tablesOnlyLive: TableName[];
};

/** Reads definitions and migration tables of both sides; takes no lock but SELECT's.
 * Errors: those of reading the dump and of connecting, CANCELLED. */
export async function compareDefinitions(job: JobRun, context: EngineContext, input: PreviewInput): Promise<SchemaState> {
  const { path, dump, target, profile, request } = input;
  const { clientDirectory } = profile;
  const schema = await compareSchemas(job, context, { path, dump, target, clientDirectory, tables: [...request.tables, ...request.rows] });
  const live = await withSession(
    target,
    async (session) => {
      await session.query('begin isolation level repeatable read read only');
      return readMigrations(session);
    },
    job.applicationName,
  );
  const backup = await migrationsOfDump(job, context, { path, dump, clientDirectory });
  const tablesOnlyLive = schema.differences
    .filter(({ kind, type }) => kind === 'extra' && type === 'TABLE')
    .map((difference) => ({ schema: difference.schema, table: difference.name }));
  return { schema, migrations: compareMigrations(backup, live), tablesOnlyLive };
}
