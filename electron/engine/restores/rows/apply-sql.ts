// One statement that deletes, updates and inserts in every table of a restore: foreign keys are checked when all of it
// is done. Unique indexes are checked row by row, so the parts must run in that order: each waits for the counts of the
// one before, which the server can only know when that one is through.
// https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING
import type { RowEffects, Strategy } from '../../../../shared/contract/previews.ts';
import type { ComparedTable, LiveColumn, MergeCounts } from '../../previews/compared.ts';
import { atLive, id, stagingTable } from '../../previews/rows-sql.ts';
import { from } from '../../previews/seen.ts';
import { quoteTable } from '../../postgres/row-counts.ts';

/** What is done to one table. `referencedOnly` tables are `skip`. */
export type TableWork = {
  table: ComparedTable;
  strategy: Strategy;
  /** Merge: attribute numbers of the columns that are filled in some row. */
  fills: number[];
};

export type ApplyStatement = {
  sql: string;
  /** Reads the statement's one row. */
  effectsOf: (row: Record<string, number>) => { n: number; effects: Omit<RowEffects, 'skipped'> }[];
};

type Part = { name: string; n: number; sql: string };

/** What of a table the strategy changes, as the comparison counted it. */
export function partsOf({ table, strategy }: Pick<TableWork, 'table' | 'strategy'>, fillEmptyStrings: boolean) {
  const { counts } = table;
  const merge = mergeOf(table, fillEmptyStrings);
  switch (strategy) {
    case 'replace':
      return {
        deletes: counts.liveOnly,
        rewrites: table.rewritten,
        updates: counts.conflicts - table.rewritten,
        inserts: counts.new + counts.uniqueClashes,
      };
    case 'merge':
      return { deletes: 0, rewrites: 0, updates: merge.rows, inserts: counts.new - merge.clashing };
    case 'skip':
      return { deletes: 0, rewrites: 0, updates: 0, inserts: counts.new };
  }
}

/** Whether the strategy writes to the table at all. */
export function changes(work: Pick<TableWork, 'table' | 'strategy'>, fillEmptyStrings: boolean): boolean {
  const { deletes, rewrites, updates, inserts } = partsOf(work, fillEmptyStrings);
  return deletes + rewrites + updates + inserts > 0;
}

/** Null where nothing changes. */
export function applyStatement(staging: string, works: TableWork[], fillEmptyStrings: boolean): ApplyStatement | null {
  const deletes: Part[] = [];
  const updates: Part[] = [];
  const inserts: Part[] = [];
  for (const work of works) {
    const { table, strategy } = work;
    const { n } = table;
    const has = partsOf(work, fillEmptyStrings);
    const staged = (letter: string): string => stagingTable(staging, letter, n);
    if (has.deletes > 0) deletes.push({ name: `del${n}`, n, sql: deleteRows(table, `${staged('d')} as d`, "d.kind = 'l'") });
    if (has.rewrites > 0) {
      deletes.push({ name: `out${n}`, n, sql: deleteRows(table, `${staged('w')} as d`, 'true') });
      inserts.push({ name: `back${n}`, n, sql: insertAnew(table, staging) });
    }
    if (has.updates > 0) updates.push({ name: `upd${n}`, n, sql: updateRows(work, staging, fillEmptyStrings) });
    if (has.inserts > 0) {
      inserts.push({
        name: `ins${n}`,
        n,
        sql: insertRows(table, staging, `${staged('d')} as d`, added(strategy, table, staging, fillEmptyStrings)),
      });
    }
  }
  const parts = [...deletes, ...updates, ...inserts];
  if (parts.length === 0) return null;
  const clauses: string[] = [];
  let gate: string | null = null;
  for (const [stage, list] of [deletes, updates, inserts].entries()) {
    if (list.length === 0) continue;
    for (const part of list) clauses.push(`${part.name} as (${part.sql}${gate === null ? '' : ` and ${gate}`} returning 1)`);
    const counts = list.map((part) => `(select pg_catalog.count(*) from ${part.name})`);
    clauses.push(
      `stage${stage} as materialized (select ${counts.join(' + ')} as total, ${counts.map((count, at) => `${count} as ${list[at]?.name ?? ''}`).join(', ')})`,
    );
    // A condition without columns: the server evaluates it once, before it reads the first row.
    gate = `(select total from stage${stage}) >= 0`;
  }
  const stages = [deletes, updates, inserts].flatMap((list, stage) => (list.length === 0 ? [] : [`stage${stage}`]));
  return {
    sql: `with ${clauses.join(',\n     ')}\nselect ${parts.map((part) => `${part.name}::float8 as ${part.name}`).join(', ')} from ${stages.join(' cross join ')}`,
    effectsOf: (row) =>
      works.map(({ table: { n } }) => ({
        n,
        effects: {
          // A row that goes out and comes back is one that was updated; one that does not come back is missed in the count.
          created: row[`ins${n}`] ?? 0,
          updated: (row[`upd${n}`] ?? 0) + Math.min(row[`out${n}`] ?? 0, row[`back${n}`] ?? 0),
          deleted: row[`del${n}`] ?? 0,
        },
      })),
  };
}

export const mergeOf = (table: ComparedTable, fillEmptyStrings: boolean): MergeCounts =>
  fillEmptyStrings ? table.mergeEmpty : table.merge;

/** The staging table that says what merge fills. */
export const fillsTable = (staging: string, n: number, fillEmptyStrings: boolean): string =>
  stagingTable(staging, fillEmptyStrings ? 'e' : 'm', n);

const deleteRows = (table: ComparedTable, source: string, condition: string): string =>
  `delete from ${from(table.live)} as l using ${source} where ${condition} and ${atLive('d', 'l', table)}`;

function updateRows({ table, strategy, fills }: TableWork, staging: string, fillEmptyStrings: boolean): string {
  const { n } = table;
  const merges = strategy === 'merge';
  const set = (columns: LiveColumn[], prefix: 'x' | 'y'): string =>
    columns
      .map(
        (column) =>
          `${id(column.name)} = case when d.${id(`${prefix}${column.attnum}`)} then s.${id(column.name)} else l.${id(column.name)} end`,
      )
      .join(', ');
  const assignments = merges
    ? set(
        table.columns.filter((column) => fills.includes(column.attnum)),
        'y',
      )
    : set(
        table.columns.filter((column) => column.identity !== 'always' && (table.counts.conflictsByColumn[column.name] ?? 0) > 0),
        'x',
      );
  const source = merges ? fillsTable(staging, n, fillEmptyStrings) : stagingTable(staging, 'd', n);
  const rewritten =
    table.rewritten === 0 ? '' : ` and not exists (select from ${stagingTable(staging, 'w', n)} as w where w.s_tid = d.s_tid)`;
  const condition = merges ? 'not d.left_out' : `d.kind = 'c'${rewritten}`;
  return `update ${from(table.live)} as l set ${assignments} from ${source} as d join ${stagingTable(staging, 's', n)} as s on s.ctid = d.s_tid where ${condition} and ${atLive('d', 'l', table)}`;
}

function insertRows(table: ComparedTable, staging: string, source: string, condition: string): string {
  const names = table.columns.map((column) => id(column.name));
  const into = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const select = names.map((name) => `s.${name}`).join(', ');
  return `insert into ${quoteTable(table.live)}${into} overriding system value select ${select} from ${source} join ${stagingTable(staging, 's', table.n)} as s on s.ctid = d.s_tid where ${condition}`;
}

/** Rows that were deleted to be inserted anew: columns that only the live table has keep their values, for every part
 * of the statement still sees the rows as they were before it. */
function insertAnew(table: ComparedTable, staging: string): string {
  const staged = new Set(table.columns.map((column) => column.name));
  const kept = table.live.columns.filter((column) => column.generated === null && !staged.has(column.name));
  const names = [...table.columns, ...kept].map((column) => id(column.name));
  const values = [...table.columns.map((column) => `s.${id(column.name)}`), ...kept.map((column) => `l.${id(column.name)}`)];
  return `insert into ${quoteTable(table.live)} (${names.join(', ')}) overriding system value select ${values.join(', ')}
     from ${stagingTable(staging, 'w', table.n)} as d join ${stagingTable(staging, 's', table.n)} as s on s.ctid = d.s_tid
     join ${from(table.live)} as l on ${atLive('d', 'l', table)} where true`;
}

/** Which new rows the strategy adds. */
function added(strategy: Strategy, table: ComparedTable, staging: string, fillEmptyStrings: boolean): string {
  if (strategy === 'replace') return "d.kind in ('n', 'u')";
  const clashing = strategy === 'merge' ? mergeOf(table, fillEmptyStrings).clashing : 0;
  if (clashing === 0) return "d.kind = 'n'";
  const left = stagingTable(staging, fillEmptyStrings ? 'j' : 'k', table.n);
  return `d.kind = 'n' and not exists (select from ${left} as k where k.s_tid = d.s_tid)`;
}
