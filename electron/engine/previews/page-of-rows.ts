// The rows that are looked at: the only ones that ever leave the server.
import type { RowDifference, RowKind, RowValues } from '../../../shared/contract/previews.ts';
import type { Session } from '../postgres/connection.ts';
import { hasDifferences, type ComparedTable, type LiveColumn } from './compared.ts';
import { flag } from './compare.ts';
import { atLive, liveRows, literal, stagingTable, value } from './rows-sql.ts';

export type PageRequest = { kind: RowKind; column?: string | undefined; search?: string | undefined; offset: number; limit: number };

const letters: Record<RowKind, string> = { conflict: 'c', new: 'n', liveOnly: 'l', uniqueClash: 'u' };

/** Errors: none of its own; a column that is not compared gives no rows. */
export async function pageOfRows(
  session: Session,
  staging: string,
  table: ComparedTable,
  request: PageRequest,
): Promise<{ rows: RowDifference[]; total: number }> {
  if (!hasDifferences(table)) return { rows: [], total: 0 };
  const [s, d, u] = ['s', 'd', 'u'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string, string];
  const { kind, search } = request;
  const live = kind === 'liveOnly';
  const side = live ? 'l' : 's';
  const keyColumns =
    table.key.kind === 'wholeRow' ? table.columns : table.columns.filter((column) => table.key.columns.includes(column.name));
  const conditions = [`d.kind = '${letters[kind]}'`];
  if (request.column !== undefined) {
    const column = table.columns.find((one) => one.name === request.column);
    conditions.push(kind === 'conflict' && column !== undefined ? `d.${flag(column)}` : 'false');
  }
  if (search !== undefined && search !== '') {
    const pattern = literal(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`);
    const matches = keyColumns.map((column) => `${value(side, column)}::text collate "C" ilike ${pattern}`);
    conditions.push(matches.length === 0 ? 'false' : `(${matches.join(' or ')})`);
  }
  const joined = [
    live || kind === 'conflict' ? `join ${liveRows(table)} l on ${atLive('d', 'l', table)}` : '',
    live ? '' : `join ${s} s on s.ctid = d.s_tid`,
  ].join(' ');
  const needed = search === undefined || search === '' ? '' : joined;
  const counted = await session.query<{ n: number }>(
    `select pg_catalog.count(*)::float8 as n from ${d} d ${needed} where ${conditions.join(' and ')}`,
  );
  const clashes = kind === 'uniqueClash' ? `left join ${u} u on u.s_tid = d.s_tid` : '';
  const columns = [
    ...(live ? [] : [values('s', table.columns, 'backup')]),
    ...(live || kind === 'conflict' ? [values('l', table.columns, 'live')] : []),
    ...(kind === 'conflict' ? [`array[${table.columns.map((column) => `d.${flag(column)}`).join(', ')}]::boolean[] as differs`] : []),
    ...(kind === 'uniqueClash' ? ['u.constraint_name', 'u.l_oid', 'u.l_tid::text', 'u.other_tid::text'] : []),
  ];
  const order = live ? 'd.l_oid, d.l_tid' : 'd.s_tid';
  const found = await session.query<FoundRow>(
    `select ${columns.join(', ')} from ${d} d ${joined} ${clashes} where ${conditions.join(' and ')} order by ${order} limit ${request.limit} offset ${request.offset}`,
  );
  const rows: RowDifference[] = [];
  for (const row of found.rows) rows.push(await difference(session, staging, table, kind, keyColumns, row));
  return { rows, total: counted.rows[0]?.n ?? 0 };
}

type FoundRow = {
  backup?: (string | null)[];
  live?: (string | null)[];
  differs?: boolean[];
  constraint_name?: string | null;
  l_oid?: number | null;
  l_tid?: string | null;
  other_tid?: string | null;
};

/** Nobody reads more of one value, and it would all go through memory. */
const mostCharacters = 100_000;
const cut = (text: string): string =>
  `case when pg_catalog.length(${text}) > ${mostCharacters} then pg_catalog.left(${text}, ${mostCharacters}) || '…' else ${text} end`;

/** Each value as the type's output function prints it; NULL stays NULL (a composite of NULLs is none). */
const values = (alias: string, columns: LiveColumn[], as: string): string => {
  const texts = columns.map(
    (column) =>
      `case when pg_catalog.num_nulls(${value(alias, column)}) = 0 then ${cut(`pg_catalog.format('%s', ${value(alias, column)})`)} end`,
  );
  return `array[${texts.join(', ')}]::text[] as ${as}`;
};

async function difference(
  session: Session,
  staging: string,
  table: ComparedTable,
  kind: RowKind,
  keyColumns: LiveColumn[],
  row: FoundRow,
): Promise<RowDifference> {
  const names = table.columns.map((column) => column.name);
  const pick = (side: (string | null)[] | undefined, index: number): string | null => side?.[index] ?? null;
  const key: RowValues = {};
  names.forEach((name, index) => {
    if (keyColumns.some((column) => column.name === name)) key[name] = pick(row.live ?? row.backup, index);
  });
  const changes = names
    .map((column, index) => ({ column, live: pick(row.live, index), backup: pick(row.backup, index) }))
    .filter((_, index) => row.differs === undefined || row.differs[index] === true);
  const clash = await otherRow(session, staging, table, row);
  return { kind, key, changes, ...(clash === null ? {} : { clash }) };
}

/** The row that a clashing one meets. */
async function otherRow(session: Session, staging: string, table: ComparedTable, row: FoundRow): Promise<RowDifference['clash'] | null> {
  if (row.constraint_name === undefined || row.constraint_name === null) return null;
  const inBackup = row.other_tid !== null && row.other_tid !== undefined;
  const source = inBackup
    ? `${stagingTable(staging, 's', table.n)} o where o.ctid = ${literal(row.other_tid ?? '')}::tid`
    : `${liveRows(table)} o where o.tableoid = ${Number(row.l_oid)} and o.ctid = ${literal(row.l_tid ?? '')}::tid`;
  const { rows } = await session.query<{ other: (string | null)[] }>(`select ${values('o', table.columns, 'other')} from ${source}`);
  const other = rows[0]?.other ?? [];
  const shown: RowValues = {};
  table.columns.forEach((column, index) => (shown[column.name] = other[index] ?? null));
  return { constraint: row.constraint_name, with: inBackup ? 'backup' : 'live', row: shown };
}
