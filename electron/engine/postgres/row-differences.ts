// The rows of a restored database against those that its dump promised.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Session } from './connection.ts';
import { tableKey } from './row-counts.ts';

/** `atLeast`: more rows are no fault. */
export type PromisedRows = TableName & { rows: number; atLeast?: boolean };
export type RowDifference = { name: string; rows: number; found: number };

/** What differs from `counts`. Partitions of one table count together where one of them differs: pg_dump brings rows through
 * the partitioned table where their place depends on the database, as that of a hashed enum does. */
export async function rowDifferences(session: Session, promised: PromisedRows[], counts: Map<string, number>): Promise<RowDifference[]> {
  const each = promised.map((table) => ({ ...table, found: counts.get(tableKey(table)) ?? 0 }));
  if (!each.some(isOff)) return [];
  const roots = await outermostTables(session, promised);
  const together = new Map<string, (typeof each)[number]>();
  for (const table of each) {
    const root = roots.get(tableKey(table)) ?? { schema: table.schema, table: table.table };
    const sum = together.get(tableKey(root));
    if (sum === undefined) together.set(tableKey(root), { ...table, ...root });
    else Object.assign(sum, { rows: sum.rows + table.rows, found: sum.found + table.found });
  }
  return [...together.values()].filter(isOff).map(({ schema, table, rows, found }) => ({ name: `${schema}.${table}`, rows, found }));
}

const isOff = ({ rows, found, atLeast = false }: PromisedRows & { found: number }): boolean => (atLeast ? found < rows : found !== rows);

/** Of the partitions among them, the table that all partitions are of. */
async function outermostTables(session: Session, tables: TableName[]): Promise<Map<string, TableName>> {
  const { rows } = await session.query<TableName & { root_schema: string; root_table: string }>(
    `select n.nspname as schema, c.relname as "table", above.nspname as root_schema, root.relname as root_table
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_class root on root.oid = pg_catalog.pg_partition_root(c.oid)
       join pg_catalog.pg_namespace above on above.oid = root.relnamespace
      where c.relispartition and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[]))`,
    [tables.map((table) => table.schema), tables.map((table) => table.table)],
  );
  return new Map(rows.map((row) => [tableKey(row), { schema: row.root_schema, table: row.root_table }]));
}
