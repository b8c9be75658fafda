// The backup's rows into s<n>: typed as the live columns, so that the server itself says what does not fit.
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { quoteLiteral, type Session } from '../postgres/connection.ts';
import type { LiveColumn } from './compared.ts';
import { isAboutValues, type Blocker } from './fits.ts';
import type { PairedTable, Pairing } from './pair-tables.ts';
import { id, stagingTable, value } from './rows-sql.ts';
import { copyRows } from './staged-rows.ts';

/** Rows of one table of the dump, as `readTableRows` gives them. */
export type SourceRows = { table: TableName; columns: string[]; encoding: string; chunks: AsyncIterable<Buffer> };

/** What the dump says about its own tables, by `tableKey`. */
export type Definitions = {
  declaredKeys: Map<string, string[][]>;
  columnTypes: Map<string, Map<string, string>>;
};

export type StagedTable = PairedTable & {
  n: number;
  /** In both sides and not generated, in the live order. */
  columns: LiveColumn[];
  columnsOnlyInBackup: string[];
  /** Columns of another type in the dump, as it seems: staged as the dump's text until `checkValues`. */
  asText: Set<string>;
  /** Columns that the dump declares with another type or modifier. */
  columnsOfOtherType: string[];
  rows: number;
  blockers: Blocker[];
};

export type StageProgress = { onTable: (table: TableName) => void; onBytes: (bytes: number) => void };

/** Stages every table that rows come for; those without any get an empty s<n>. Rows of tables that the target lacks are
 * counted. The sessions work at the same time. */
export async function stageTables(
  sessions: Session[],
  staging: string,
  { paired: tables, blocked }: Pick<Pairing, 'paired' | 'blocked'>,
  rows: AsyncIterable<SourceRows>,
  definitions: Definitions,
  progress: StageProgress,
): Promise<StagedTable[]> {
  const [session] = sessions;
  if (session === undefined) throw new Error('no session to stage with');
  const staged = new Map<PairedTable, StagedTable & { columnNames: Set<string> }>();
  const bySource = new Map(tables.flatMap((table, n) => table.sources.map((source) => [tableKey(source), { table, n }] as const)));

  const missing = new Map(blocked.flatMap((table) => table.sources.map((source) => [tableKey(source), table] as const)));
  for (const table of blocked) if (table.sources.length > 0) table.rows = 0;

  const make = async (table: PairedTable, n: number, columns: string[]): Promise<StagedTable & { columnNames: Set<string> }> => {
    const names = new Set(columns);
    const live = table.live.columns.filter((column) => column.generated === null && names.has(column.name));
    const known = new Set(table.live.columns.map((column) => column.name));
    const extra = columns.filter((column) => !known.has(column));
    const generated = table.live.columns
      .filter((column) => column.generated !== null && names.has(column.name))
      .map((column) => column.name);
    const asText = new Set(live.filter((column) => isOfAnotherType(column, definitions, table)).map((column) => column.name));
    const lines = [
      ...live.map((column) => (asText.has(column.name) ? `${id(column.name)} text` : columnLine(column))),
      ...[...extra, ...generated].map((column) => `${id(column)} text`),
    ];
    await session.query(`create unlogged table ${stagingTable(staging, 's', n)} (${lines.join(', ')}) with (autovacuum_enabled = false)`);
    const types = definitions.columnTypes.get(tableKey(table.sources[0] ?? table.live));
    const columnsOfOtherType = live
      .map((column) => column.name)
      .filter((name, at) => (types?.get(name) ?? live[at]?.typeAtTarget) !== live[at]?.typeAtTarget);
    const made = {
      ...table,
      n,
      columns: live,
      columnsOnlyInBackup: extra,
      asText,
      columnsOfOtherType,
      rows: 0,
      blockers: [],
      columnNames: names,
    };
    staged.set(table, made);
    return made;
  };

  for await (const source of rows) {
    const place = bySource.get(tableKey(source.table));
    const counted = missing.get(tableKey(source.table));
    if (place === undefined && counted !== undefined) {
      counted.rows = (counted.rows ?? 0) + (await countRows(source.chunks, progress.onBytes));
      continue;
    }
    // Rows passed over in silence would look like rows that only the live table has.
    if (place === undefined) {
      throw new HowdahError(
        'DUMP_NOT_RECOGNISED',
        `The dump brings rows for ${source.table.schema}.${source.table.table} where none were expected.`,
        {
          hint: 'Restore the dump into a new database, make a backup of that, and compare with the backup.',
        },
      );
    }
    progress.onTable(source.table);
    const columns = source.columns.length > 0 ? source.columns : definedColumns(definitions, source.table, place.table);
    const into = staged.get(place.table) ?? (await make(place.table, place.n, columns));
    for (const column of columns.filter((name) => !into.columnNames.has(name))) {
      // Another partition with a column of its own.
      await session.query(`alter table ${stagingTable(staging, 's', place.n)} add column ${id(column)} text`);
      into.columnNames.add(column);
      if (!place.table.live.columns.some((one) => one.name === column)) into.columnsOnlyInBackup.push(column);
    }
    if (into.blockers.length > 0) {
      for await (const chunk of source.chunks) progress.onBytes(chunk.length);
      continue;
    }
    const list = columns.length === 0 ? '' : ` (${columns.map(id).join(', ')})`;
    const statement = `copy ${stagingTable(staging, 's', place.n)}${list} from stdin with (encoding ${quoteLiteral(source.encoding)})`;
    try {
      into.rows += await copyRows(sessions, statement, source.chunks, progress.onBytes);
    } catch (thrown) {
      if (!isAboutValues(thrown)) throw thrown;
      into.blockers.push(refusedValue(into, thrown));
      for await (const chunk of source.chunks) progress.onBytes(chunk.length);
    }
  }
  for (const [n, table] of tables.entries()) {
    if (staged.has(table)) continue;
    const source = table.sources[0] ?? table.live;
    await make(table, n, definedColumns(definitions, source, table));
  }
  return tables.flatMap((table) => staged.get(table) ?? []);
}

async function countRows(chunks: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): Promise<number> {
  let rows = 0;
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1;
  }
  return rows;
}

const columnLine = (column: LiveColumn): string =>
  `${id(column.name)} ${column.bareType}${column.collation === null ? '' : ` collate ${column.collation}`}`;

/** Types whose input takes the text of another type and drops what it has no place for. */
const forgetful = new Set(['date', 'timestamp without time zone', 'name', 'jsonb']);

/** Whether a value could be another one after the live type has read it. Modifiers are looked at by themselves. */
function isOfAnotherType(column: LiveColumn, definitions: Definitions, table: PairedTable): boolean {
  const inDump = definitions.columnTypes.get(tableKey(table.sources[0] ?? table.live))?.get(column.name);
  if (inDump === undefined) return forgetful.has(column.bareType);
  return withoutModifiers(inDump) !== withoutModifiers(column.typeAtTarget);
}

/** `numeric(10,2)[]` as `numeric[]`, `timestamp(3) with time zone` as `timestamp with time zone`. Quoted names stay whole. */
export const withoutModifiers = (type: string): string => type.replaceAll(/("(?:[^"]|"")*")|\([^()]*\)/g, '$1').replaceAll(/ +/g, ' ');

/** Columns of a table whose rows name none: as its definition has them, else as the live table does. */
function definedColumns(definitions: Definitions, source: TableName, table: PairedTable): string[] {
  const defined = definitions.columnTypes.get(tableKey(source));
  const generated = new Set(table.live.columns.filter((column) => column.generated !== null).map((column) => column.name));
  const names = defined === undefined || defined.size === 0 ? table.live.columns.map((column) => column.name) : [...defined.keys()];
  return names.filter((name) => !generated.has(name));
}

function refusedValue(table: StagedTable, thrown: unknown): Blocker {
  const { message, where } = thrown as { message: string; where?: string };
  const at = /, column ([^:]+)/.exec(where ?? '');
  return {
    code: 'VALUES_DO_NOT_FIT',
    message: `A value of the backup does not fit ${table.live.schema}.${table.live.table}${at === null ? '' : ` (column ${at[1]})`}: ${message}`,
    hint: 'Change the live column (or add the label to its enum) so that it takes the value, or leave the table alone.',
  };
}

/** Whether every staged value can stand in its live column unchanged; columns that print another way there (a wider
 * scale) are rewritten in s<n>. Adds VALUES_DO_NOT_FIT to the table's blockers. */
export async function checkValues(session: Session, staging: string, table: StagedTable, definitions: Definitions): Promise<void> {
  if (table.blockers.length > 0) return;
  const types = definitions.columnTypes.get(tableKey(table.sources[0] ?? table.live));
  const doubtful = table.columns.filter(
    (column) =>
      table.asText.has(column.name) || (column.type !== column.bareType && (column.isDomain || types?.get(column.name) !== column.type)),
  );
  const s = stagingTable(staging, 's', table.n);
  for (const column of doubtful) {
    const asText = table.asText.has(column.name);
    const staged = asText ? `s.${id(column.name)}` : value('s', column);
    const there = `(${staged})::${column.type}::${column.bareType}`;
    const reprinted = `(row(${staged})::text collate "C") <> (row(${there})::text collate "C")`;
    const lost = !asText && hasPlainEquality(column) ? `${staged} is distinct from ${there}` : reprinted;
    try {
      const { rows } = await session.query<{ lost: number; reprinted: number }>(
        `select pg_catalog.count(*) filter (where ${lost})::float8 as lost, pg_catalog.count(*) filter (where ${reprinted})::float8 as reprinted from ${s} s`,
      );
      const found = rows[0] ?? { lost: 0, reprinted: 0 };
      if (found.lost > 0) {
        table.blockers.push({
          code: 'VALUES_DO_NOT_FIT',
          message: `${formatNumber(found.lost, 'value')} of the backup would be another in "${column.name}" of ${table.live.schema}.${table.live.table}, which is ${column.type} there.`,
          hint: 'Change the live column to the type that it has in the backup, or leave the table alone.',
        });
      } else if (asText || found.reprinted > 0) {
        const name = id(column.name);
        const under = column.collation === null ? '' : ` collate ${column.collation}`;
        await session.query(
          `alter table ${s} alter column ${name} type ${column.bareType}${under} using (${name}::${column.type}::${column.bareType})`,
        );
      }
    } catch (thrown) {
      if (!isAboutValues(thrown)) throw thrown;
      table.blockers.push(refusedValue(table, thrown));
    }
  }
}

const hasPlainEquality = (column: LiveColumn): boolean =>
  /^(character varying|bpchar|numeric|time|timestamp|interval|bit|"bit")/.test(column.bareType) && !column.isDomain;
