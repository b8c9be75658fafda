import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier, type Session } from './connection.ts';

/** One text for a table's two names, for maps. */
export const tableKey = (name: TableName): string => JSON.stringify([name.schema, name.table]);

/** `"schema"."table"`. */
export const quoteTable = (name: TableName): string => `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.table)}`;

/** Exact rows of each table itself, without its children (`only`), as the session's transaction sees them. */
export async function countRows(session: Session, tables: TableName[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const { rows } = await session.query<{ n: number }>(`select count(*)::float8 as n from only ${quoteTable(table)}`);
    counts.set(tableKey(table), rows[0]?.n ?? 0);
  }
  return counts;
}
