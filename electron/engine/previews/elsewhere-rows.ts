// Where the target's role may make no staging beside the live tables: the live rows' keys, and a digest of every
// compared column, go to a database of their own on another server, and are compared there with the backup's rows.
//
// In the schema of that database, for table n:
// s<n>  the backup's rows, with the live columns' built-in types; columns of other types are text.
// l<n>  the live rows: l_oid, l_tid, the key columns k1 … as s<n> has them, and h<attnum>: the MD5 of the column as it
//       is printed, NULL for NULL.
// d<n>  every difference: kind, s_tid, l_oid, l_tid, x<attnum>, as in compared.ts.
// u<n>  why a row clashes: s_tid, constraint_name, l_oid, l_tid, other_tid.
import { to as copyTo } from 'pg-copy-streams';
import type { Session } from '../postgres/connection.ts';
import type { ComparedTable, LiveColumn, LiveTable, UniqueRule } from './compared.ts';
import { flag } from './compare.ts';
import { id, literal, stagingTable } from './rows-sql.ts';
import { from } from './seen.ts';
import { copyRows } from './staged-rows.ts';

/** How a live column is held in a database that has none of the target's own types. */
export type PlainType = { type: string; bareType: string; foldsCase: boolean };

/** By attribute number, for each table's oid. Domains count as what they are made of. */
export async function plainTypes(session: Session, tables: LiveTable[]): Promise<Map<number, Map<number, PlainType>>> {
  const { rows } = await session.query<{ oid: number; attnum: number } & PlainType>(plainTypesQuery, [tables.map(({ oid }) => oid)]);
  const found = new Map<number, Map<number, PlainType>>();
  for (const { oid, attnum, ...type } of rows) {
    const columns = found.get(oid) ?? new Map<number, PlainType>();
    found.set(oid, columns.set(attnum, type));
  }
  return found;
}

/** Types that name objects of their database (regclass …) mean nothing in another one. */
const plainTypesQuery = `
  with recursive base as (
    select a.attrelid, a.attnum, a.atttypid as typ, a.atttypmod as modifier from pg_catalog.pg_attribute a
     where a.attrelid = any($1) and a.attnum > 0 and not a.attisdropped
    union all
    select b.attrelid, b.attnum, t.typbasetype, t.typtypmod from base b join pg_catalog.pg_type t on t.oid = b.typ where t.typtype = 'd'
  )
  select oid, attnum, case when plain then pg_catalog.format_type(typ, modifier) else 'text' end as type,
         case when not plain then 'text' when typ = 1042 then 'bpchar' when typ = 1560 then '"bit"' else pg_catalog.format_type(typ, null) end as "bareType",
         (typname = 'citext' and not plain) as "foldsCase"
    from (select b.attrelid as oid, b.attnum, b.typ, b.modifier, t.typname, n.nspname = 'pg_catalog' and t.typname not like '%reg%' and t.typname not like '%aclitem' and t.typtype in ('b', 'r', 'm') as plain
            from base b join pg_catalog.pg_type t on t.oid = b.typ join pg_catalog.pg_namespace n on n.oid = t.typnamespace where t.typtype <> 'd') as columns`;

/** The table as the other database holds it. */
export function plainTable(live: LiveTable, types: Map<number, PlainType> | undefined): LiveTable {
  return {
    ...live,
    columns: live.columns.map((column) => {
      const plain = types?.get(column.attnum);
      const { type, bareType } = plain ?? { type: 'text', bareType: 'text' };
      return { ...column, type, bareType, collation: null, isDomain: false };
    }),
  };
}

/** As the type's output function prints it, digested in the same encoding everywhere. A composite of NULLs is no NULL. */
const digest = (expression: string): string =>
  `case when pg_catalog.num_nulls(${expression}) = 0 then pg_catalog.md5(pg_catalog.convert_to(pg_catalog.format('%s', ${expression}), 'UTF8')) end`;

const staged = (column: LiveColumn): string => `s.${id(column.name)}`;
const hash = (column: LiveColumn): string => `h${column.attnum}`;
const keyed = (table: ComparedTable): LiveColumn[] =>
  table.key.kind === 'wholeRow' ? [] : table.key.columns.flatMap((name) => table.columns.filter((column) => column.name === name));

/** Brings keys and digests of the live rows over; gives how many rows there were. The live session is in a snapshot. */
export async function bringLiveRows(
  live: Session,
  here: Session[],
  schema: string,
  table: ComparedTable,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const l = stagingTable(schema, 'l', table.n);
  const [session] = here;
  if (session === undefined) throw new Error('no session to stage with');
  const keys = keyed(table);
  const columns = [
    'l_oid oid',
    'l_tid tid',
    ...keys.map((column, index) => `k${index + 1} ${column.bareType}`),
    ...table.columns.map((column) => `${hash(column)} uuid`),
  ];
  await session.query(`create unlogged table ${l} (${columns.join(', ')}) with (autovacuum_enabled = false)`);
  const values = [
    'l.tableoid',
    'l.ctid',
    ...keys.map((column) => `l.${id(column.name)}`),
    ...table.columns.map((column) => digest(`l.${id(column.name)}`)),
  ];
  const rows = live.query(copyTo(`copy (select ${values.join(', ')} from ${from(table.live)} l) to stdout`));
  // Neither side is left waiting for the other where one of them breaks off.
  try {
    return await copyRows(here, `copy ${l} from stdin`, rows as AsyncIterable<Buffer>, onBytes);
  } finally {
    await drained(rows as AsyncIterable<Buffer> & { readableEnded: boolean; destroyed: boolean });
  }
}

async function drained(rows: AsyncIterable<Buffer> & { readableEnded: boolean; destroyed: boolean }): Promise<void> {
  if (rows.readableEnded || rows.destroyed) return;
  for await (const _chunk of rows);
}

/** Key equality, with `s` and `l`: that of the built-in type; citext folds case as it does at home. */
function sameKey(table: ComparedTable, folding: ReadonlySet<number>): string {
  return keyed(table)
    .map((column, index) =>
      folding.has(column.attnum)
        ? `pg_catalog.lower(${staged(column)}) = pg_catalog.lower(l.k${index + 1})`
        : `${staged(column)} = l.k${index + 1}`,
    )
    .join(' and ');
}

/** Rows whose key is NULL or comes twice, on either side. */
export async function elsewhereKeyFaults(
  session: Session,
  schema: string,
  table: ComparedTable,
  folding: ReadonlySet<number>,
): Promise<number> {
  const keys = keyed(table);
  const fold = (column: LiveColumn, name: string): string => (folding.has(column.attnum) ? `pg_catalog.lower(${name})` : name);
  const sides: [string, string[]][] = [
    [`${stagingTable(schema, 's', table.n)} s`, keys.map((column) => fold(column, staged(column)))],
    [`${stagingTable(schema, 'l', table.n)} l`, keys.map((column, index) => fold(column, `l.k${index + 1}`))],
  ];
  let faults = 0;
  for (const [side, names] of sides) {
    const { rows } = await session.query<{ n: number }>(
      `select coalesce(pg_catalog.sum(n), 0)::float8 as n from (select pg_catalog.count(*) as n from ${side} group by ${names.join(', ')}
        having pg_catalog.count(*) > 1 or ${names.map((name) => `${name} is null`).join(' or ')}) as faults`,
    );
    faults += rows[0]?.n ?? 0;
  }
  return faults;
}

/** Makes d<n> and u<n>, and fills the counts. */
export async function compareElsewhereTable(
  session: Session,
  schema: string,
  table: ComparedTable,
  folding: ReadonlySet<number>,
): Promise<void> {
  const [s, l, d] = ['s', 'l', 'd'].map((letter) => stagingTable(schema, letter, table.n)) as [string, string, string];
  await session.query(`analyze ${s}`);
  await session.query(`analyze ${l}`);
  await (table.key.kind === 'wholeRow' ? byWholeRow(session, table, s, l, d) : byKey(session, table, s, l, d, folding));
  await session.query(`create index on ${d} (kind, s_tid, l_oid, l_tid)`);
  await findElsewhereClashes(session, schema, table);
  const byColumn = table.columns.map((column) => `, pg_catalog.count(*) filter (where ${flag(column)})::float8 as ${flag(column)}`);
  const { rows } = await session.query<Record<string, number>>(
    `select pg_catalog.count(*) filter (where kind = 'n')::float8 as new, pg_catalog.count(*) filter (where kind = 'c')::float8 as conflicts,
            pg_catalog.count(*) filter (where kind = 'l')::float8 as live, pg_catalog.count(*) filter (where kind = 'u')::float8 as clashes${byColumn.join('')} from ${d}`,
  );
  const found = rows[0] ?? {};
  const [fresh, conflicts, liveOnly, uniqueClashes] = ['new', 'conflicts', 'live', 'clashes'].map((name) => found[name] ?? 0) as [
    number,
    number,
    number,
    number,
  ];
  const conflictsByColumn: Record<string, number> = {};
  for (const column of table.columns) if ((found[flag(column)] ?? 0) > 0) conflictsByColumn[column.name] = found[flag(column)] ?? 0;
  const identical = table.counts.rows - fresh - conflicts - uniqueClashes;
  table.counts = { ...table.counts, new: fresh, conflicts, liveOnly, uniqueClashes, identical, conflictsByColumn };
  if (conflicts > 0) table.merge = await fills(session, table, s, l, d);
}

async function byKey(session: Session, table: ComparedTable, s: string, l: string, d: string, folding: ReadonlySet<number>): Promise<void> {
  const differs = (column: LiveColumn): string => `(${digest(staged(column))})::uuid is distinct from l.${hash(column)}`;
  const flags = table.columns.map((column) => `, case when l.l_oid is not null then ${differs(column)} end as ${flag(column)}`);
  const same = sameKey(table, folding);
  await session.query(
    `create unlogged table ${d} as
     select * from (select (case when l.l_oid is null then 'n' else 'c' end)::"char" as kind, s.ctid as s_tid, l.l_oid, l.l_tid${flags.join('')}
       from ${s} s left join ${l} l on ${same}) as pairs
      where kind = 'n' or ${['false', ...table.columns.map(flag)].join(' or ')}`,
  );
  await session.query(
    `insert into ${d} (kind, l_oid, l_tid) select 'l', l.l_oid, l.l_tid from ${l} l where not exists (select from ${s} s where ${same})`,
  );
}

/** Rows are counted: the first copy pairs with the first, the second with the second. */
async function byWholeRow(session: Session, table: ComparedTable, s: string, l: string, d: string): Promise<void> {
  const flags = table.columns.map((column) => `, null::boolean as ${flag(column)}`);
  const line = (values: string[]): string => `row(${values.join(', ')})::text collate "C"`;
  const ofStaged = line(table.columns.map((column) => `(${digest(staged(column))})::uuid`));
  const ofLive = line(table.columns.map((column) => `l.${hash(column)}`));
  await session.query(
    `create unlogged table ${d} as
     with s as (select tid, line, pg_catalog.row_number() over (partition by line order by tid) as copy from (select ctid as tid, ${ofStaged} as line from ${s} s) as rows),
          l as (select l_oid, l_tid, line, pg_catalog.row_number() over (partition by line order by l_oid, l_tid) as copy from (select l_oid, l_tid, ${ofLive} as line from ${l} l) as rows)
     select (case when l.l_oid is null then 'n' else 'l' end)::"char" as kind, s.tid as s_tid, l.l_oid, l.l_tid${flags.join('')}
       from s full join l on s.line = l.line and s.copy = l.copy where s.tid is null or l.l_tid is null`,
  );
}

/** Rules over columns alone, all of them in both sides: others cannot be told from digests. */
export const tellable = (table: ComparedTable): { told: UniqueRule[]; untold: UniqueRule[] } => {
  const names = new Set(table.columns.map((column) => column.name));
  const can = (rule: UniqueRule): boolean => rule.key !== null && rule.key.columns.every((column) => names.has(column));
  return { told: table.uniques.filter(can), untold: table.uniques.filter((rule) => !can(rule)) };
};

async function findElsewhereClashes(session: Session, schema: string, table: ComparedTable): Promise<void> {
  const [s, l, d, u] = ['s', 'l', 'd', 'u'].map((letter) => stagingTable(schema, letter, table.n)) as [string, string, string, string];
  await session.query(`create unlogged table ${u} (s_tid tid primary key, constraint_name text, l_oid oid, l_tid tid, other_tid tid)`);
  for (const rule of tellable(table).told) {
    const columns = (rule.key?.columns ?? []).flatMap((name) => table.columns.filter((column) => column.name === name));
    const fresh = `(select s.ctid as tid${columns.map((column) => `, (${digest(staged(column))})::uuid as ${hash(column)}`).join('')}
                      from ${d} d join ${s} s on s.ctid = d.s_tid where d.kind = 'n')`;
    const equal = columns
      .map((column) => `a.${hash(column)} ${rule.nullsNotDistinct ? 'is not distinct from' : '='} b.${hash(column)}`)
      .join(' and ');
    await session.query(
      `insert into ${u} (s_tid, constraint_name, l_oid, l_tid)
       select distinct on (a.tid) a.tid, ${literal(rule.name)}, b.l_oid, b.l_tid from ${fresh} a join ${l} b on ${equal} order by a.tid, b.l_oid, b.l_tid
       on conflict do nothing`,
    );
    await session.query(
      `insert into ${u} (s_tid, constraint_name, other_tid)
       select distinct on (a.tid) a.tid, ${literal(rule.name)}, b.tid from ${fresh} a join ${fresh} b on ${equal} and a.tid <> b.tid order by a.tid, b.tid
       on conflict do nothing`,
    );
  }
  await session.query(`update ${d} d set kind = 'u' from ${u} u where d.kind = 'n' and d.s_tid = u.s_tid`);
}

/** What merge would fill: fields that are NULL at the target and not in the backup. */
async function fills(session: Session, table: ComparedTable, s: string, l: string, d: string): Promise<ComparedTable['merge']> {
  const fillable = table.columns.filter((column) => !table.key.columns.includes(column.name) && column.identity === null);
  const each = fillable.map((column) => `(l.${hash(column)} is null and pg_catalog.num_nulls(${staged(column)}) = 0)::int`);
  const { rows } = await session.query<{ rows: number; fields: number }>(
    `select pg_catalog.count(*) filter (where n > 0)::float8 as rows, coalesce(pg_catalog.sum(n), 0)::float8 as fields from (
       select ${each.length === 0 ? '0' : each.join(' + ')} as n from ${d} d join ${s} s on s.ctid = d.s_tid join ${l} l on l.l_oid = d.l_oid and l.l_tid = d.l_tid where d.kind = 'c') as found`,
  );
  return { rows: rows[0]?.rows ?? 0, fields: rows[0]?.fields ?? 0, clashing: 0 };
}
