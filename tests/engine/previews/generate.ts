// Random cases: a schema, a backup's state, and a live state that went on from it. States are repaired with the rules of
// the model until they hold; the server is the judge of that.
import fc from 'fast-check';
import type { Choice } from './outcome.ts';
import { makeTables, type WideTable } from './generate-tables.ts';
import { faultsOf, keyOf, withGenerated, type Fault } from './rules.ts';
import type { ColumnShape, Row, State, TableShape } from './shapes.ts';
import { rowsOf, tableOf } from './shapes.ts';
import { typeOf, types } from './values.ts';

export type Case = { backup: State; live: State; mixed: Choice; empty: boolean };

/** Draws that shrink towards "no" and "the first". */
export type Draw = {
  upTo: (max: number) => number;
  chance: (percent: number) => boolean;
  oneOf: <T>(list: readonly T[]) => T;
};

const upTo = (max: number) => fc.noBias(fc.integer({ min: 0, max }));

/** Cases for a server that has these of the types' needs. */
export function cases(has: ReadonlySet<string>): fc.Arbitrary<Case> {
  const available = Object.keys(types).filter((type) => {
    const { needs } = typeOf(type);
    return needs === undefined || has.has(needs);
  });
  return fc.gen().map((g) => {
    const draw: Draw = {
      upTo: (max) => g(upTo, max),
      chance: (percent) => g(upTo, 99) >= 100 - percent,
      oneOf: (list) => {
        const found = list[g(upTo, list.length - 1)];
        if (found === undefined) throw new Error('nothing to choose from');
        return found;
      },
    };
    return makeCase(draw, available);
  });
}

function makeCase(draw: Draw, available: string[]): Case {
  const wide = makeTables(draw, available);
  const backup = firstState(draw, wide);
  const live = laterState(draw, wide, backup.rows);
  const byTable = Object.fromEntries(
    wide.map((table) => [table.name, draw.oneOf(['replace', 'merge', 'skip', 'replace', 'leave'] as const)]),
  );
  return { backup, live, mixed: { byTable, fillEmptyStrings: draw.chance(30) }, empty: draw.chance(50) };
}

/** Rows for the tables as the backup has them. */
export function firstState(draw: Draw, wide: WideTable[]): State {
  const rows: Record<string, Row[]> = {};
  for (const table of wide) rows[table.name] = randomRows(draw, table);
  for (const table of wide) for (const row of rows[table.name] ?? []) connect(draw, table, row, rows);
  // The live table's key must be one in the backup, too: the rules say nothing of backups where it is not.
  for (const table of wide) rows[table.name] = withUniqueKey(table, rows[table.name] ?? []);
  const tables = wide.map((table) => table.backup);
  return { tables, rows: repair({ tables, rows }) };
}

/** What became of such rows, in the tables as the live database has them. */
export function laterState(draw: Draw, wide: WideTable[], first: Record<string, Row[]>): State {
  const rows: Record<string, Row[]> = {};
  for (const table of wide) rows[table.name] = edit(draw, table, first[table.name] ?? [], first);
  const tables = wide.map((table) => table.live);
  return { tables, rows: repair({ tables, rows }) };
}

function randomValue(draw: Draw, column: ColumnShape): string | null {
  if (!column.notNull && column.identity === null && draw.chance(25)) return null;
  return draw.oneOf(typeOf(column.type).values);
}

const randomRow = (draw: Draw, columns: ColumnShape[]): Row =>
  Object.fromEntries(columns.map((column) => [column.name, randomValue(draw, column)]));

/** Tables without a key also get the same row several times. */
function randomRows(draw: Draw, table: WideTable): Row[] {
  const rows = Array.from({ length: draw.upTo(10) }, () => randomRow(draw, table.all));
  if (table.keys.length > 0) return rows;
  return rows.flatMap((row) => (draw.chance(30) ? [row, { ...row }] : [row]));
}

/** Lets most rows refer to rows that are there. */
function connect(draw: Draw, table: WideTable, row: Row, rows: Record<string, Row[]>): void {
  for (const foreignKey of table.live.foreignKeys) {
    const parents = rows[foreignKey.parent] ?? [];
    if (parents.length === 0 || draw.chance(20)) continue;
    const parent = draw.oneOf(parents);
    foreignKey.columns.forEach((column, at) => {
      row[column] = parent[foreignKey.parentColumns[at] ?? ''] ?? null;
    });
  }
}

function withUniqueKey(table: WideTable, rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) =>
    table.keys.every((columns) => {
      const key = keyOf({ ...table.live, columns: table.all }, columns, row);
      const id = `${columns.join()} ${key ?? ''}`;
      if (key === null || seen.has(id)) return false;
      seen.add(id);
      return true;
    }),
  );
}

/** What became of a table's rows since the backup. */
function edit(draw: Draw, table: WideTable, rows: Row[], backup: Record<string, Row[]>): Row[] {
  const edited: Row[] = [];
  const added = (): Row => {
    const row = randomRow(draw, table.live.columns);
    connect(draw, table, row, backup);
    return row;
  };
  for (const row of rows) {
    const what = draw.upTo(99);
    // Columns that only the live table has get values of their own.
    const kept: Row = { ...randomRow(draw, table.live.columns), ...row };
    if (what < 50) edited.push(kept);
    else if (what < 62) continue;
    else if (what < 87) {
      for (let fields = 0; fields <= draw.upTo(2); fields += 1) change(draw, table.live, kept);
      edited.push(kept);
    } else if (what < 96) {
      // Another key, and all else the same: what unique rules are broken with.
      for (const column of table.keys[0] ?? []) kept[column] = draw.oneOf(typeOf(columnIn(table, column).type).values);
      edited.push(kept);
    } else edited.push(kept, { ...kept });
  }
  exchange(draw, table.live, edited);
  for (let more = draw.upTo(3); more > 0; more -= 1) edited.splice(draw.upTo(edited.length), 0, added());
  return edited;
}

const columnIn = (table: WideTable, name: string): ColumnShape => {
  const column = table.all.find((one) => one.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
};

function change(draw: Draw, table: TableShape, row: Row): void {
  const ruled = table.columns.filter(({ name }) => table.uniques.some((rule) => rule.parts.some((part) => part.column === name)));
  const column = draw.oneOf(ruled.length > 0 && draw.chance(35) ? ruled : table.columns);
  const nullable = !column.notNull && column.identity === null && !(table.primaryKey?.columns.includes(column.name) ?? false);
  const { values, text } = typeOf(column.type);
  if (nullable && draw.chance(50)) row[column.name] = null;
  else if (text && values.includes('') && draw.chance(30)) row[column.name] = '';
  else row[column.name] = draw.oneOf(values);
}

/** Rows that take each other's values of one column: pairs and rings. */
function exchange(draw: Draw, table: TableShape, rows: Row[]): void {
  if (rows.length < 2 || !draw.chance(45)) return;
  const unique = table.uniques.flatMap((rule) => rule.parts.map((part) => part.column));
  const column = unique.length > 0 && draw.chance(75) ? draw.oneOf(unique) : draw.oneOf(table.columns).name;
  const ring = rows.slice(0, 2 + draw.upTo(Math.min(2, rows.length - 2)));
  const values = ring.map((row) => row[column] ?? null);
  ring.forEach((row, at) => {
    row[column] = values[(at + 1) % values.length] ?? null;
  });
}

/** Takes rows and references away until no rule is broken. */
function repair(state: State): Record<string, Row[]> {
  const rows: Record<string, Row[]> = {};
  for (const table of state.tables) rows[table.name] = rowsOf(state, table.name).map((row) => withGenerated(table, row));
  for (;;) {
    const faults = faultsOf({ tables: state.tables, rows });
    if (faults.length === 0) return rows;
    for (const fault of faults) mend(tableOf(state, fault.table), fault, rows);
  }
}

function mend(table: TableShape, fault: Fault, rows: Record<string, Row[]>): void {
  const letGo = fault.foreignKey?.columns.find((name) => {
    const column = table.columns.find((one) => one.name === name);
    return column !== undefined && !column.notNull && column.identity === null && !(table.primaryKey?.columns.includes(name) ?? false);
  });
  const own = rows[table.name] ?? [];
  const at = own.indexOf(fault.row);
  if (at === -1) return;
  if (letGo === undefined) own.splice(at, 1);
  else own[at] = withGenerated(table, { ...fault.row, [letGo]: null });
}
