// What the constraints of a table say about its rows: for the model, and for the generator, which repairs states with it.
import type { CheckShape, ForeignKeyShape, PartShape, Row, State, TableShape, UniqueShape } from './shapes.ts';
import { columnOf, rowsOf, tableOf } from './shapes.ts';
import { canonical, overlap, typeOf } from './values.ts';

export type Fault = {
  kind: 'nulls' | 'check' | 'unique' | 'reference' | 'partition';
  table: string;
  row: Row;
  /** `reference`: the key that the row breaks. */
  foreignKey?: ForeignKeyShape;
};

/** Every unique and exclusion rule; the primary key is the first. */
export function uniqueRules(table: TableShape): UniqueShape[] {
  if (table.primaryKey === null) return table.uniques;
  const parts = table.primaryKey.columns.map((column): PartShape => ({ column, how: 'plain' }));
  const { deferrable } = table.primaryKey;
  return [{ name: 'primary key', parts, where: null, deferrable, nullsNotDistinct: false, kind: 'constraint' }, ...table.uniques];
}

/** Letters that a server with locale C changes. */
export const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The value that an index compares; null is NULL. */
export function keyValue(table: TableShape, column: string, value: string | null): string | null {
  const { equality } = typeOf(columnOf(table, column).type);
  if (equality === null) throw new Error(`${table.name}.${column} cannot be in a key`);
  return value === null ? null : canonical(equality, value);
}

/** The columns' values as an index compares them, as one text; null where one of them is NULL. */
export function keyOf(table: TableShape, columns: readonly string[], row: Row): string | null {
  const values = columns.map((column) => keyValue(table, column, row[column] ?? null));
  return values.includes(null) ? null : JSON.stringify(values);
}

/** Whether two rows cannot be in the table together. */
export function clash(table: TableShape, rule: UniqueShape, one: Row, other: Row): boolean {
  return covers(rule, one) && covers(rule, other) && rule.parts.every((part) => partClashes(table, rule, part, one, other));
}

function covers(rule: UniqueShape, row: Row): boolean {
  return rule.where === null || ((row[rule.where.column] ?? null) === null) === (rule.where.is === 'null');
}

function partClashes(table: TableShape, rule: UniqueShape, part: PartShape, oneRow: Row, otherRow: Row): boolean {
  const one = oneRow[part.column] ?? null;
  const other = otherRow[part.column] ?? null;
  if (one === null || other === null) return rule.nullsNotDistinct && one === other;
  switch (part.how) {
    case 'overlap':
      return overlap(one, other);
    case 'lower':
      return lower(one) === lower(other);
    case 'plain':
      return keyValue(table, part.column, one) === keyValue(table, part.column, other);
  }
}

/** The row with its generated columns computed. */
export function withGenerated(table: TableShape, row: Row): Row {
  const whole: Row = {};
  for (const { name, generated } of table.columns) whole[name] = generated === null ? (row[name] ?? null) : null;
  for (const { name, generated } of table.columns) {
    if (generated === null) continue;
    const from = whole[generated.from] ?? null;
    if (from !== null) whole[name] = generated.how === 'upper' ? upper(from) : String(BigInt(from) * 2n);
  }
  return whole;
}

function breaks(check: CheckShape, row: Row): boolean {
  if (check.kind === 'isNot') return row[check.column] === check.value;
  return check.columns.every((column) => (row[column] ?? null) !== null);
}

/** What a row breaks by itself. */
export function faultsOfRow(table: TableShape, row: Row): Fault['kind'][] {
  const faults: Fault['kind'][] = [];
  const mustBe = [
    ...table.columns.filter((one) => one.notNull || one.identity !== null).map((one) => one.name),
    ...(table.primaryKey?.columns ?? []),
  ];
  if (mustBe.some((column) => (row[column] ?? null) === null)) faults.push('nulls');
  if (table.checks.some((check) => breaks(check, row))) faults.push('check');
  const parts = table.partitioned;
  if (parts?.by === 'list' && !parts.other && !parts.values.includes(row[parts.column] ?? '')) faults.push('partition');
  return faults;
}

/** Rows that cannot stay, for one reason or another. Of rows that clash all but the first. */
export function faultsOf(state: State): Fault[] {
  const faults: Fault[] = [];
  for (const table of state.tables) {
    const rows = rowsOf(state, table.name);
    for (const row of rows) faults.push(...faultsOfRow(table, row).map((kind) => ({ kind, table: table.name, row })));
    for (const rule of uniqueRules(table)) {
      rows.forEach((row, at) => {
        if (rows.slice(0, at).some((earlier) => clash(table, rule, earlier, row))) faults.push({ kind: 'unique', table: table.name, row });
      });
    }
    for (const foreignKey of table.foreignKeys) {
      for (const row of rows) {
        if (isDangling(state, table, foreignKey, row)) faults.push({ kind: 'reference', table: table.name, row, foreignKey });
      }
    }
  }
  return faults;
}

/** The referenced key of a row as the parent's index compares it; null where the row refers to nothing. */
export function referenceOf(state: { tables: TableShape[] }, child: TableShape, foreignKey: ForeignKeyShape, row: Row): string | null {
  const parent = tableOf(state, foreignKey.parent);
  const asParent: Row = {};
  foreignKey.columns.forEach((column, at) => {
    asParent[foreignKey.parentColumns[at] ?? ''] = row[columnOf(child, column).name] ?? null;
  });
  return keyOf(parent, foreignKey.parentColumns, asParent);
}

function isDangling(state: State, child: TableShape, foreignKey: ForeignKeyShape, row: Row): boolean {
  const wanted = referenceOf(state, child, foreignKey, row);
  if (wanted === null) return false;
  const parent = tableOf(state, foreignKey.parent);
  return !rowsOf(state, parent.name).some((candidate) => keyOf(parent, foreignKey.parentColumns, candidate) === wanted);
}
