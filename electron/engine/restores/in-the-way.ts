// What stands between chosen tables and their being dropped and made again in a live database.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Session } from '../postgres/connection.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { quoteTable, tableKey } from '../postgres/row-counts.ts';

export type ForeignKey = { table: TableName; references: TableName; name: string; definition: string; comment: string | null };

export type InTheWay = {
  /** Of the chosen tables those that exist. */
  existing: TableName[];
  /** What would have to be dropped with them, in words: `view public.totals`. */
  dependents: string[];
  /** Foreign keys of other tables that point to chosen ones: dropped before, made again after. */
  foreignKeys: ForeignKey[];
};

const asArrays = (tables: TableName[]): [string[], string[]] => [tables.map((table) => table.schema), tables.map((table) => table.table)];

const chosen = `
  chosen as (
    select c.oid, c.reltype from unnest($1::text[], $2::text[]) as t(schema, name)
      join pg_namespace n on n.nspname = t.schema join pg_class c on c.relnamespace = n.oid and c.relname = t.name)`;

/** Looks at the session's database. */
export async function whatIsInTheWay(session: Session, tables: TableName[]): Promise<InTheWay> {
  const names = asArrays(tables);
  const existing = await session.query<TableName & { kind: string }>(
    `with ${chosen} select n.nspname as schema, c.relname as table, c.relkind as kind from chosen join pg_class c using (oid) join pg_namespace n on n.oid = c.relnamespace`,
    names,
  );
  const notTables = existing.rows
    .filter((row) => row.kind !== 'r' && row.kind !== 'p')
    .map((row) => `${row.schema}.${row.table} is there, but is no table`);
  const dependents = await session.query<{ what: string }>(
    `with ${chosen},
     -- the tables with what belongs to them: row types, owned sequences, columns' defaults
     parts as (
       select 'pg_class'::regclass as classid, oid as objid from chosen
       union select 'pg_type'::regclass, reltype from chosen
       union select 'pg_type'::regclass, t.oid from chosen join pg_type e on e.oid = chosen.reltype join pg_type t on t.oid = e.typarray
       union select 'pg_class'::regclass, d.objid from pg_depend d join chosen on d.refclassid = 'pg_class'::regclass and d.refobjid = chosen.oid
         join pg_class s on s.oid = d.objid and s.relkind = 'S' where d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i'))
     select distinct pg_describe_object(case when r.oid is null then d.classid else 'pg_class'::regclass end, coalesce(r.ev_class, ad.adrelid, d.objid), 0) as what
       from pg_depend d join parts p on d.refclassid = p.classid and d.refobjid = p.objid
       left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
       left join pg_attrdef ad on d.classid = 'pg_attrdef'::regclass and ad.oid = d.objid
      where d.deptype in ('n', 'i', 'a')
        and d.classid in ('pg_rewrite'::regclass, 'pg_class'::regclass, 'pg_proc'::regclass, 'pg_attrdef'::regclass, 'pg_type'::regclass, 'pg_policy'::regclass)
        and not (d.classid = 'pg_policy'::regclass and exists (select from pg_policy o join chosen c on c.oid = o.polrelid where o.oid = d.objid))
        and not exists (select from parts o where o.classid = d.classid and o.objid = d.objid)
        and coalesce(r.ev_class, ad.adrelid, 0) not in (select oid from chosen)
        and not (d.classid = 'pg_class'::regclass and exists (
              select from pg_class i left join pg_index x on x.indexrelid = i.oid
               where i.oid = d.objid and (i.relkind = 't' or x.indrelid in (select oid from chosen))))
      order by 1`,
    names,
  );
  const foreignKeys = await session.query<{
    schema: string;
    table: string;
    toSchema: string;
    toTable: string;
    name: string;
    definition: string;
    comment: string | null;
  }>(
    `with ${chosen}
     select n.nspname as schema, c.relname as table, fn.nspname as "toSchema", fc.relname as "toTable", k.conname as name,
            pg_get_constraintdef(k.oid) as definition, obj_description(k.oid, 'pg_constraint') as comment
       from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
      where k.contype = 'f' and k.conparentid = 0 and k.confrelid in (select oid from chosen) and k.conrelid not in (select oid from chosen)
      order by 1, 2, 5`,
    names,
  );
  return {
    existing: existing.rows.map(({ schema, table }) => ({ schema, table })),
    dependents: [...notTables, ...dependents.rows.map((row) => row.what)],
    foreignKeys: foreignKeys.rows.map((row) => ({
      table: { schema: row.schema, table: row.table },
      references: { schema: row.toSchema, table: row.toTable },
      name: row.name,
      definition: row.definition,
      comment: row.comment,
    })),
  };
}

/** Clears the way inside a transaction: foreign keys from outside, then the tables themselves, then sequences that
 * the dump brings and the tables did not own. */
export function clearingStatements(way: InTheWay, sequences: TableName[]): string[] {
  const statements = way.foreignKeys.map((key) => `alter table ${quoteTable(key.table)} drop constraint ${quoteIdentifier(key.name)}`);
  if (way.existing.length > 0) statements.push(`drop table ${way.existing.map(quoteTable).join(', ')}`);
  if (sequences.length > 0) statements.push(`drop sequence if exists ${sequences.map(quoteTable).join(', ')}`);
  return statements;
}

/** Makes the foreign keys from outside again; the server checks every row they point from. */
export function closingStatements(way: InTheWay): string[] {
  return way.foreignKeys.flatMap((key) => [
    `alter table ${quoteTable(key.table)} add constraint ${quoteIdentifier(key.name)} ${key.definition}`,
    ...(key.comment === null
      ? []
      : [`comment on constraint ${quoteIdentifier(key.name)} on ${quoteTable(key.table)} is '${key.comment.replaceAll("'", "''")}'`]),
  ]);
}

/** Whether two lists hold the same tables. */
export const sameTables = (a: TableName[], b: TableName[]): boolean => {
  const keys = new Set(a.map(tableKey));
  return a.length === b.length && b.every((table) => keys.has(tableKey(table)));
};
