// What is told beside rows: whether the definitions fit, and which migrations each side has.
import type { TableName } from '../../../shared/contract/common.ts';
import type { MigrationVerdict, SchemaDifference } from '../../../shared/contract/previews.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import type { PreviewInput } from './prepare.ts';

export type SchemaState = {
  schema: { fits: boolean; differences: SchemaDifference[] };
  migrations: MigrationVerdict[];
  tablesOnlyLive: TableName[];
};

export async function compareDefinitions(_job: JobRun, _context: EngineContext, _input: PreviewInput): Promise<SchemaState> {
  return Promise.resolve({ schema: { fits: true, differences: [] }, migrations: [], tablesOnlyLive: [] });
}
