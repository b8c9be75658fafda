// Foreign keys in the state that a mix of strategies would leave: rows that would refer to nothing, and rows that
// would be taken away while others still refer to them.
import { formatNumber } from '../../../shared/format.ts';
import type { Session } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import type { ComparedTable, ForeignKey, ForeignKeyEnd } from './compared.ts';
import { flag } from './compare.ts';
import type { Blocker } from './fits.ts';
import { atLive, id, liveRows, stagingTable } from './rows-sql.ts';
import { from } from './seen.ts';
import { addedRows, updatedRows, type Mix } from './written-rows.ts';

/** A table with its part in the mix; `table` null: not compared, it stays as it is. */
type Side = { table: ComparedTable | null; name: string; mix: Mix; end: ForeignKeyEnd };

export type MixedTable = { table: ComparedTable; mix: Mix };

/** MISSING_REFERENCE and ROWS_IN_THE_WAY, each with the table that it is about. */
export async function brokenReferences(
  session: Session,
  keys: ForeignKey[],
  tables: MixedTable[],
): Promise<{ n: number; blocker: Blocker }[]> {
  const byOid = new Map(tables.map((one) => [one.table.live.oid, one]));
  const sideOf = (end: ForeignKey['child']): Side => {
    const found = byOid.get(end.oid);
    return found === undefined
      ? { table: null, name: from(end), mix: { staging: '', strategy: 'leave', fillEmptyStrings: false }, end }
      : { table: found.table, name: liveRows(found.table), mix: found.mix, end };
  };
  const found: { n: number; blocker: Blocker }[] = [];
  for (const key of keys) {
    const [child, parent] = [sideOf(key.child), sideOf(key.parent)];
    const missing = child.table === null ? null : await missingReferences(session, key, child, parent);
    if (missing !== null && child.table !== null) found.push({ n: child.table.n, blocker: missing });
    const inTheWay = parent.table === null ? null : await rowsInTheWay(session, key, child, parent);
    if (inTheWay !== null && parent.table !== null) found.push({ n: parent.table.n, blocker: inTheWay });
  }
  return found;
}

const pairs = (key: ForeignKey, parent: string, child: string): string =>
  key.parentColumns
    .map((column, index) => `${parent}.${id(column)} ${key.operators[index] ?? '='} ${child}.${id(key.childColumns[index] ?? '')}`)
    .join(' and ');

const allSet = (key: ForeignKey, child: string): string =>
  key.childColumns.map((column) => `${child}.${id(column)} is not null`).join(' and ');

/** Those rows of a FROM item that the foreign key concerns. */
const concerned = (rows: string, { only }: ForeignKeyEnd): string =>
  only === null ? rows : `(select * from ${rows} as "~part" where (${only}))`;

/** Columns by which a row comes under the foreign key, or leaves it: also those that say which partition it is in. */
function deciding({ table, end: { only } }: Side, columns: string[]): string[] {
  if (only === null || table === null) return columns;
  return table.live.columns.map((column) => column.name).filter((name) => columns.includes(name) || only.includes(name));
}

/** SQL: what a row `c` refers to is in none of the FROM items. */
function nowhereIn(key: ForeignKey, sources: string[]): string {
  if (!key.period) return sources.map((source) => `not exists (select from ${source} p where ${pairs(key, 'p', 'c')})`).join(' and ');
  const columns = key.parentColumns.map(id).join(', ');
  const rows = sources.map((source) => `select ${columns} from ${source} as "~source"`).join(' union all ');
  const [covered, whole] = [id(key.parentColumns.at(-1) ?? ''), id(key.childColumns.at(-1) ?? '')];
  return `(c.${whole} operator(pg_catalog.<@) (select pg_catalog.range_agg(p.${covered}) from (${rows}) p where ${pairs(key, 'p', 'c')})) is not true`;
}

/** What a table would hold, as FROM items; `columns` are those that matter. */
function rowsAfter(side: Side, columns: string[]): string[] {
  const { table, name, mix, end } = side;
  const beside = end.beside === null ? [] : [`(select * from ${quoteTable(end.beside)} as "~whole" where not (${end.beside.not}))`];
  if (table === null || mix.strategy === 'leave') return [concerned(name, end), ...beside];
  const all = deciding(side, columns);
  const added = addedRows(mix, table);
  const updated = updatedRows(mix, table, all);
  const staying = mix.strategy === 'replace' ? staysAfterReplace(table, mix, all) : name;
  return [...[staying, added, updated].filter((rows) => rows !== null).map((rows) => concerned(rows, end)), ...beside];
}

/** Live rows that replace neither deletes nor changes in one of these columns. */
function staysAfterReplace(table: ComparedTable, { staging }: Mix, columns: string[]): string {
  return `(select l.* from ${liveRows(table)} l where not exists (select from ${stagingTable(staging, 'd', table.n)} d where ${gone(table, columns)} and ${atLive('d', 'l', table)}))`;
}

/** Lines of d<n> whose live row goes away or changes in one of these columns. */
function gone(table: ComparedTable, columns: string[]): string {
  const changed = table.columns.filter((column) => columns.includes(column.name)).map((column) => `d.${flag(column)}`);
  return `(d.kind = 'l'${changed.length === 0 ? '' : ` or (d.kind = 'c' and (${changed.join(' or ')}))`})`;
}

async function missingReferences(session: Session, key: ForeignKey, child: Side, parent: Side): Promise<Blocker | null> {
  if (child.table === null || child.mix.strategy === 'leave') return null;
  const written = [addedRows(child.mix, child.table), updatedRows(child.mix, child.table, deciding(child, key.childColumns))]
    .filter((rows) => rows !== null)
    .map((rows) => concerned(rows, child.end));
  if (written.length === 0) return null;
  const columns = key.childColumns.map(id).join(', ');
  const rows = written.map((one) => `select ${columns} from ${one} as w`).join(' union all ');
  const nowhere = nowhereIn(key, rowsAfter(parent, key.parentColumns));
  const partly = key.matchFull
    ? ` or pg_catalog.num_nulls(${key.childColumns.map((column) => `c.${id(column)}`).join(', ')}) between 1 and ${key.childColumns.length - 1}`
    : '';
  const found = await count(session, key, `(${rows}) c where (${allSet(key, 'c')} and ${nowhere})${partly}`);
  if (found === null) return null;
  const [from, to] = [nameOf(key.child), nameOf(key.parent)];
  return {
    code: 'MISSING_REFERENCE',
    message: `${formatNumber(found.n, 'row')} of ${from} would refer to rows of ${to} that are not there (${key.name}; for example ${found.example}).`,
    hint:
      parent.table === null
        ? `Choose ${to} as well, or bring along the rows that are referred to.`
        : `Use a strategy for ${to} that adds those rows, or leave ${from} alone.`,
  };
}

async function rowsInTheWay(session: Session, key: ForeignKey, child: Side, parent: Side): Promise<Blocker | null> {
  const { table, mix } = parent;
  if (table === null || mix.strategy !== 'replace' || table.counts.liveOnly + table.counts.conflicts === 0) return null;
  const d = stagingTable(mix.staging, 'd', table.n);
  const lost = `select ${key.parentColumns.map((column) => `l.${id(column)}`).join(', ')} from ${liveRows(table, parent.end.only)} l join ${d} d on ${atLive('d', 'l', table)} and ${gone(table, deciding(parent, key.parentColumns))}`;
  const staying = concerned(
    child.table !== null && child.mix.strategy === 'replace' ? staysAfterReplace(child.table, child.mix, key.childColumns) : child.name,
    child.end,
  );
  const nowhere = nowhereIn(key, rowsAfter(parent, key.parentColumns));
  const found = await count(
    session,
    key,
    `${staying} c where exists (select from (${lost}) as lost where ${pairs(key, 'lost', 'c')}) and ${nowhere}`,
  );
  if (found === null) return actedOn(session, key, child, parent, table, mix);
  return inTheWay(key, found);
}

/** The value may be there again afterwards, in another row: an action of the foreign key does not look for that. */
async function actedOn(
  session: Session,
  key: ForeignKey,
  child: Side,
  parent: Side,
  table: ComparedTable,
  mix: Mix,
): Promise<Blocker | null> {
  const rekeying = deciding(parent, key.parentColumns);
  const rekeyed = table.columns.filter((column) => rekeying.includes(column.name)).map((column) => `d.${flag(column)}`);
  // A row that moves to another partition is deleted from the one referred to.
  const moves = parent.end.only !== null && key.onDelete !== 'noAction';
  const acting = [
    key.onDelete === 'noAction' ? null : "d.kind = 'l'",
    (key.onUpdate === 'noAction' && !moves) || rekeyed.length === 0 ? null : `(d.kind = 'c' and (${rekeyed.join(' or ')}))`,
  ].filter((condition) => condition !== null);
  if (acting.length === 0) return null;
  const d = stagingTable(mix.staging, 'd', table.n);
  const pulled = `select ${key.parentColumns.map((column) => `l.${id(column)}`).join(', ')} from ${liveRows(table, parent.end.only)} l join ${d} d on ${atLive('d', 'l', table)} and (${acting.join(' or ')})`;
  const columns = key.childColumns.map(id).join(', ');
  const rows = rowsAfter(child, key.childColumns).map((one) => `select ${columns} from ${one} as w`);
  const found = await count(
    session,
    key,
    `(${rows.join(' union all ')}) c where exists (select from (${pulled}) as pulled where ${pairs(key, 'pulled', 'c')})`,
  );
  return found === null ? null : inTheWay(key, found);
}

function inTheWay(key: ForeignKey, found: { n: number; example: string }): Blocker {
  const [from, to] = [nameOf(key.child), nameOf(key.parent)];
  return {
    code: 'ROWS_IN_THE_WAY',
    message: `${formatNumber(found.n, 'row')} of ${from} still ${found.n === 1 ? 'refers' : 'refer'} to rows of ${to} that replace would delete or give another key (${key.name}; for example ${found.example}).`,
    hint: `Choose ${from} as well, use merge or skip for ${to}, or remove those rows first.`,
  };
}

async function count(session: Session, key: ForeignKey, source: string): Promise<{ n: number; example: string } | null> {
  const values = key.childColumns.map((column) => `c.${id(column)}`).join(', ');
  const { rows } = await session.query<{ n: number; example: string | null }>(
    `select pg_catalog.count(*)::float8 as n, pg_catalog.min(row(${values})::text collate "C") as example from ${source}`,
  );
  const [row] = rows;
  return row === undefined || row.n === 0 ? null : { n: row.n, example: `${key.childColumns.join(', ')} = ${row.example ?? ''}` };
}

const nameOf = (end: ForeignKey['child']): string => `${end.schema}.${end.table}`;
