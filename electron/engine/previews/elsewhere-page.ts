// Rows of a comparison that was made elsewhere: the backup's out of its staging, the live ones from the target, where
// they stood when they were compared.
import type { RowDifference, RowKind, RowValues } from '../../../shared/contract/previews.ts';
import type { Session } from '../postgres/connection.ts';
import type { ComparedTable, LiveColumn } from './compared.ts';
import { flag } from './compare.ts';
import type { PageRequest } from './page-of-rows.ts';
import { id, literal, stagingTable } from './rows-sql.ts';
import { from } from './seen.ts';

const letters: Record<RowKind, string> = { conflict: 'c', new: 'n', liveOnly: 'l', uniqueClash: 'u' };

/** `live`: a session at the target that prints as the comparison did. A live row that moved since has NULLs alone.
 * `search` looks at the backup's values; of live-only rows at the keys. */
export async function pageElsewhere(
  here: Session,
  live: Session,
  schema: string,
  table: ComparedTable,
  request: PageRequest,
): Promise<{ rows: RowDifference[]; total: number }> {
  const [s, l, d, u] = ['s', 'l', 'd', 'u'].map((letter) => stagingTable(schema, letter, table.n)) as [string, string, string, string];
  const { kind, search } = request;
  const keys = table.key.kind === 'wholeRow' ? table.columns : table.columns.filter(({ name }) => table.key.columns.includes(name));
  const conditions = [`d.kind = '${letters[kind]}'`];
  if (request.column !== undefined) {
    const column = table.columns.find(({ name }) => name === request.column);
    conditions.push(kind === 'conflict' && column !== undefined ? `d.${flag(column)}` : 'false');
  }
  if (search !== undefined && search !== '') {
    const pattern = literal(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`);
    const names =
      kind !== 'liveOnly'
        ? keys.map((column) => `s.${id(column.name)}`)
        : table.key.kind === 'wholeRow'
          ? []
          : table.key.columns.map((_, index) => `l.k${index + 1}`);
    conditions.push(names.length === 0 ? 'false' : `(${names.map((name) => `${name}::text collate "C" ilike ${pattern}`).join(' or ')})`);
  }
  const source = `${d} d left join ${s} s on s.ctid = d.s_tid left join ${l} l on l.l_oid = d.l_oid and l.l_tid = d.l_tid left join ${u} u on u.s_tid = d.s_tid
    left join ${s} o on o.ctid = u.other_tid where ${conditions.join(' and ')}`;
  const counted = await here.query<{ n: number }>(`select pg_catalog.count(*)::float8 as n from ${source}`);
  const found = await here.query<FoundRow>(
    `select ${texts('s', table.columns)} as backup, ${texts('o', table.columns)} as other, array[${table.columns.map((column) => `d.${flag(column)}`).join(', ')}]::boolean[] as differs,
            d.l_oid::text, d.l_tid::text, u.constraint_name, u.l_oid::text as u_oid, u.l_tid::text as u_tid, u.other_tid is not null as among
       from ${source} order by ${kind === 'liveOnly' ? 'd.l_oid, d.l_tid' : 'd.s_tid'} limit ${request.limit} offset ${request.offset}`,
  );
  const wanted = found.rows.flatMap((row) => [[row.l_oid, row.l_tid] as const, [row.u_oid, row.u_tid] as const]);
  const there = await liveValues(live, table, wanted);
  return { rows: found.rows.map((row) => difference(table, kind, keys, row, there)), total: counted.rows[0]?.n ?? 0 };
}

type FoundRow = {
  backup: (string | null)[];
  other: (string | null)[];
  differs: (boolean | null)[];
  l_oid: string | null;
  l_tid: string | null;
  constraint_name: string | null;
  u_oid: string | null;
  u_tid: string | null;
  among: boolean;
};

const texts = (alias: string, columns: LiveColumn[]): string => {
  const each = columns.map(
    ({ name }) => `case when pg_catalog.num_nulls(${alias}.${id(name)}) = 0 then pg_catalog.format('%s', ${alias}.${id(name)}) end`,
  );
  return `array[${each.join(', ')}]::text[]`;
};

const place = (oid: string | null, tid: string | null): string => `${oid} ${tid}`;

async function liveValues(
  live: Session,
  table: ComparedTable,
  wanted: (readonly [string | null, string | null])[],
): Promise<Map<string, (string | null)[]>> {
  const at = wanted.filter(([oid]) => oid !== null);
  if (at.length === 0) return new Map();
  const { rows } = await live.query<{ oid: string; tid: string; line: (string | null)[] }>(
    `select l.tableoid::oid::text as oid, l.ctid::text as tid, ${texts('l', table.columns)} as line from ${from(table.live)} l
      where l.ctid = any($1::tid[]) and l.tableoid = any($2::oid[])`,
    [at.map(([, tid]) => tid), at.map(([oid]) => oid)],
  );
  return new Map(rows.map((row) => [place(row.oid, row.tid), row.line]));
}

function difference(
  table: ComparedTable,
  kind: RowKind,
  keys: LiveColumn[],
  row: FoundRow,
  there: Map<string, (string | null)[]>,
): RowDifference {
  const live = there.get(place(row.l_oid, row.l_tid)) ?? [];
  const backup = kind === 'liveOnly' ? [] : row.backup;
  const key: RowValues = {};
  const isKey = new Set(keys.map(({ name }) => name));
  table.columns.forEach(({ name }, index) => {
    if (isKey.has(name)) key[name] = (kind === 'new' || kind === 'uniqueClash' ? backup : live)[index] ?? backup[index] ?? null;
  });
  const changes = table.columns
    .map(({ name }, index) => ({ column: name, live: live[index] ?? null, backup: backup[index] ?? null }))
    .filter((_, index) => kind !== 'conflict' || row.differs[index] === true);
  if (row.constraint_name === null) return { kind, key, changes };
  const other = row.among ? row.other : (there.get(place(row.u_oid, row.u_tid)) ?? []);
  const shown: RowValues = {};
  table.columns.forEach(({ name }, index) => (shown[name] = other[index] ?? null));
  return { kind, key, changes, clash: { constraint: row.constraint_name, with: row.among ? 'backup' : 'live', row: shown } };
}
