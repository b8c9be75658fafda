// What the model and the generator know of a table. Plain data, so that a failing case can be printed and kept.

/** When an index calls two values equal. Values are PostgreSQL's text. */
export type Equality = 'text' | 'caseless' | 'number' | 'interval';

export type ColumnShape = {
  name: string;
  /** A key of `types` in values.ts. */
  type: string;
  notNull: boolean;
  identity: 'always' | 'byDefault' | null;
  /** Computed from a column of the same table. */
  generated: { from: string; how: 'upper' | 'double' } | null;
  /** Text of the default, as PostgreSQL prints the value; null: none. */
  default: string | null;
};

/** One column of an index. */
export type PartShape = { column: string; how: 'plain' | 'lower' | 'overlap' };

export type UniqueShape = {
  name: string;
  parts: PartShape[];
  /** The rows that a partial index covers. */
  where: { column: string; is: 'null' | 'notNull' } | null;
  /** A constraint that is checked when the statement has ended, or later. */
  deferrable: boolean;
  nullsNotDistinct: boolean;
  /** `index`: a bare unique index. `exclusion`: every part overlaps. */
  kind: 'constraint' | 'index' | 'exclusion';
};

export type CheckShape = { name: string } & (
  | { kind: 'notBoth'; columns: [string, string] }
  | { kind: 'isNot'; column: string; value: string }
);

export type ReferentialAction = 'noAction' | 'restrict' | 'cascade' | 'setNull';

export type ForeignKeyShape = {
  name: string;
  columns: string[];
  parent: string;
  parentColumns: string[];
  onDelete: ReferentialAction;
  onUpdate: 'noAction' | 'restrict' | 'cascade';
  deferrable: 'no' | 'immediate' | 'deferred';
};

export type TableShape = {
  name: string;
  columns: ColumnShape[];
  primaryKey: { columns: string[]; deferrable: boolean } | null;
  uniques: UniqueShape[];
  checks: CheckShape[];
  foreignKeys: ForeignKeyShape[];
  /** `values`: those that have a partition. `other`: a default partition. */
  partitioned: { by: 'list'; column: string; values: string[]; other: boolean } | { by: 'hash'; column: string } | null;
  /** A column was dropped before this one, so attribute numbers have a hole. */
  droppedBefore: string | null;
};

/** Values by column, as PostgreSQL prints them. */
export type Row = Record<string, string | null>;

/** Tables and their rows, by name. */
export type State = { tables: TableShape[]; rows: Record<string, Row[]> };

/** The column of that name; a case that names another is a fault of the generator. */
export function columnOf(table: TableShape, name: string): ColumnShape {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
  return column;
}

/** The table of that name. */
export function tableOf(state: { tables: TableShape[] }, name: string): TableShape {
  const table = state.tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

export const rowsOf = (state: State, name: string): Row[] => state.rows[name] ?? [];
