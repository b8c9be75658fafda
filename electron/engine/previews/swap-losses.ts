// What a replace of the whole takes away without a comparison having seen it: asked of the target.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { Session } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import type { Compared, ComparedTable } from './compared.ts';

export type SwapLosses = Pick<Compared, 'rowsNotInBackup' | 'liveLargeObjects'>;

/** Tables that the dump has without rows and the target with some (or with rows that the role cannot see), and whether
 * the target holds large objects. Reads one row a table at most. */
export async function lossesBySwap(session: Session, dump: Dump, tables: ComparedTable[]): Promise<SwapLosses> {
  const withoutRows = dump.tables.filter((table) => !table.hasData);
  // A partition of a compared table was compared with it.
  const { rows: there } = await session.query<TableName & { kind: string; hidden: boolean }>(
    `select n.nspname as schema, c.relname as "table", c.relkind as kind,
            not pg_catalog.has_table_privilege(c.oid, 'select') or pg_catalog.row_security_active(c.oid) as hidden
       from unnest($1::text[], $2::text[]) as asked (schema, name)
       join pg_catalog.pg_namespace n on n.nspname = asked.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.name
      where c.relkind in ('r', 'p') and c.oid <> all ($3::oid[])
        and not exists (select from pg_catalog.pg_partition_ancestors(c.oid) a where a.relid = any ($3::oid[]))
      order by 1, 2`,
    [withoutRows.map((table) => table.schema), withoutRows.map((table) => table.table), tables.map((table) => table.live.oid)],
  );
  const rowsNotInBackup: TableName[] = [];
  for (const { schema, table, kind, hidden } of there) {
    if (hidden || (await hasRows(session, `${kind === 'p' ? '' : 'only '}${quoteTable({ schema, table })}`))) {
      rowsNotInBackup.push({ schema, table });
    }
  }
  const { rows } = await session.query<{ any: boolean }>('select exists (select from pg_catalog.pg_largeobject_metadata) as any');
  return { rowsNotInBackup, liveLargeObjects: rows[0]?.any ?? true };
}

async function hasRows(session: Session, relation: string): Promise<boolean> {
  const { rows } = await session.query<{ any: boolean }>(`select exists (select from ${relation}) as any`);
  return rows[0]?.any ?? true;
}
