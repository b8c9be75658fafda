// What the target's catalogues know about the tables that are compared.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Session } from '../postgres/connection.ts';
import type { LiveColumn, LiveTable, TableKey, UniqueRule } from './compared.ts';
import { readUntrusted, withoutUntrusted } from './untrusted.ts';
import { columnsQuery, keysQuery, relationsQuery, rulesQuery } from './live-tables-sql.ts';

/** A name at the target: what it is there, and the partitioned table on top of it. */
export type LiveRelation = TableName & { oid: number; kind: string; root: (TableName & { oid: number }) | null };

/** What each name stands for; names that the target lacks are left out.
 * The session's search_path must be empty, so that everything is printed with its schema. */
export async function resolveRelations(session: Session, names: TableName[]): Promise<LiveRelation[]> {
  const { rows } = await session.query<{
    oid: number;
    schema: string;
    table: string;
    kind: string;
    root_oid: number | null;
    root_schema: string | null;
    root_table: string | null;
  }>(relationsQuery, [names.map((name) => name.schema), names.map((name) => name.table)]);
  return rows.map((row) => ({
    oid: row.oid,
    schema: row.schema,
    table: row.table,
    kind: row.kind,
    root:
      row.root_oid === null || row.root_oid === row.oid
        ? null
        : { oid: row.root_oid, schema: row.root_schema ?? '', table: row.root_table ?? '' },
  }));
}

type TableRow = TableName &
  Pick<LiveTable, 'oid' | 'kind' | 'rowSecurity' | 'untold' | 'owned' | 'checks' | 'triggers' | 'partitions' | 'rules' | 'sequences'> & {
    privileges: LiveTable['privileges'];
    checkColumns: Record<string, number[]>;
  };

/** Tables and partitioned tables of those names, in the order of their names; others are left out.
 * The session's search_path must be empty. */
export async function readLiveTables(session: Session, names: TableName[]): Promise<LiveTable[]> {
  const { rows: tables } = await session.query<TableRow>(rulesQuery, [names.map((name) => name.schema), names.map((name) => name.table)]);
  const oids = tables.map((table) => table.oid);
  const { rows: columns } = await session.query<LiveColumn & { oid: number }>(columnsQuery, [oids]);
  const { rows: uniques } = await session.query<UniqueRow>(keysQuery, [oids]);
  const untrusted = await readUntrusted(session, oids);
  return tables.map((table) =>
    withoutUntrusted(
      {
        ...table,
        columns: columns.filter((column) => column.oid === table.oid).map(({ oid: _oid, ...column }) => column),
        uniques: uniques.filter((unique) => unique.oid === table.oid).map(ruleOf),
      },
      untrusted.filter((one) => one.oid === table.oid),
    ),
  );
}

type UniqueRow = Omit<UniqueRule, 'key' | 'declared'> & {
  oid: number;
  primary: boolean;
  plain: boolean;
  columns: string[];
  collations: (string | null)[];
};

function ruleOf({ oid: _oid, primary, plain, columns, collations, ...rule }: UniqueRow): UniqueRule {
  return { ...rule, declared: false, key: plain ? { columns, collations, primary } : null };
}

/** The rule by which rows are paired where the DBA names no key: the primary key, else the smallest unique index over
 * NOT NULL columns. Null where the table has none whose columns are all in `available`. */
export function ownKey(table: LiveTable, available: ReadonlySet<string>): { key: TableKey; rule: UniqueRule } | null {
  const notNull = new Set(table.columns.filter((column) => column.notNull && !column.mayHoldNull).map((column) => column.name));
  const fit = table.uniques
    .flatMap((rule) => (rule.key === null ? [] : [{ rule, ...rule.key }]))
    .filter(({ columns }) => columns.every((column) => notNull.has(column) && available.has(column)))
    .toSorted(
      (a, b) => Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length || (a.rule.name < b.rule.name ? -1 : 1),
    );
  const [best] = fit;
  if (best === undefined) return null;
  const kind = best.primary ? 'primary' : 'unique';
  return { rule: best.rule, key: { kind, columns: best.columns, operators: best.rule.operators, collations: best.collations } };
}
