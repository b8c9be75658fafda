// What a comparison leaves in the staging schema, and what it knows of the live tables. Everything that looks at
// differences, judges a strategy or carries one out reads this, and the tables of `staging`:
//
// s<n>  the backup's rows of table n: the common columns, by the live names, with the live types without modifiers.
// d<n>  every difference: kind 'n' new, 'u' new and clashing (uniqueClash), 'c' conflict, 'l' live-only;
//       s_tid = ctid in s<n> (null for 'l'); l_oid, l_tid = tableoid and ctid of the live row (null for 'n', 'u');
//       for 'c' a boolean column x<attnum> for every compared column: it differs. Index on (kind, s_tid, l_oid, l_tid).
// u<n>  why a row is 'u': s_tid, constraint_name, and the other row: l_oid, l_tid, or other_tid in s<n>. One line a row.
// m<n>  what merge fills: s_tid, l_oid, l_tid, left_out (it would clash), y<attnum> booleans: this column is filled.
//       e<n>: the same where empty strings count as empty.
// a<n>  while a table with a condition is compared: all rows of the backup; s<n> says in "~along" which came along.
// k<n>  new rows that merge does not add because they clash with a filled row: s_tid. j<n>: the same beside e<n>.
// w<n>  conflicts that replace must delete and insert anew (values exchanged, identity columns): s_tid, l_oid, l_tid.
//
// A table of which nothing differs has none of them (`hasDifferences`).
//
// Live rows are named by tableoid and ctid: they hold as long as the live table's digest is the same, which a restore
// proves under its lock before it uses them.
import type { TableName } from '../../../shared/contract/common.ts';

export type LiveColumn = {
  name: string;
  attnum: number;
  /** As `format_type` prints it; `bareType` is its base type (of a domain) without modifiers. Qualified where they must be. */
  type: string;
  bareType: string;
  /** `type` as the target has it; a preview that is staged elsewhere puts a type that both servers know in its place. */
  typeAtTarget: string;
  /** Quoted, qualified; null for types that have none. */
  collation: string | null;
  /** text, varchar, char, citext …: it can be the empty string. */
  isText: boolean;
  /** The type's own `=`: that of its default btree operator class, as `OPERATOR(schema.=)`. */
  equality: string;
  /** NOT NULL, but rows that were there before may hold NULL all the same (NOT VALID). */
  mayHoldNull: boolean;
  isDomain: boolean;
  /** oid or lo: it may point to a large object. */
  isLargeObject: boolean;
  notNull: boolean;
  /** The expression of a generated column; null for others. */
  generated: string | null;
  identity: 'always' | 'byDefault' | null;
  /** The default's expression; null where there is none. */
  default: string | null;
};

/** A unique index or an exclusion constraint, valid and live, that is not the key itself. */
export type UniqueRule = {
  /** The constraint's name, else the index's. */
  name: string;
  /** SQL over the table's columns, one an index column. */
  expressions: string[];
  /** The operator that calls two values equal (or in each other's way), as `OPERATOR(schema.op)`. */
  operators: string[];
  /** Attribute numbers that the expressions read. */
  attnums: number[];
  /** SQL over the table's columns; null where the index is not partial. */
  where: string | null;
  /** Checked row by row, inside a statement. */
  immediate: boolean;
  nullsNotDistinct: boolean;
  /** Present where rows can be paired by it: over columns alone, not partial. */
  key: { columns: string[]; collations: (string | null)[]; primary: boolean } | null;
  /** The dump declares the same rule: its rows keep it among themselves. */
  declared: boolean;
};

export type LiveTable = TableName & {
  oid: number;
  /** `p` partitioned. */
  kind: 'r' | 'p';
  columns: LiveColumn[];
  uniques: UniqueRule[];
  checks: { name: string; expression: string }[];
  /** User triggers, with how they are enabled: origin, always, replica (disabled ones are left out). */
  triggers: { name: string; relation: TableName; enabled: 'O' | 'A' | 'R' }[];
  /** Conditions of the partitions that take rows, or its own where it is one; null for an ordinary table. */
  partitions: string[] | null;
  /** Rules that are not looked at, by name: they run functions of another role that is no superuser. */
  untrusted: string[];
  /** Other rules that are not looked at: only of a partition, or such that read the stored row itself. */
  untold: string[];
  /** Columns whose type itself runs such functions (a composite or an array of a domain, a cast): not even staged. */
  untrustedTypes: string[];
  rowSecurity: boolean;
  /** The role owns it (also by membership), so it may switch triggers off. */
  owned: boolean;
  privileges: { select: boolean; insert: boolean; update: boolean; delete: boolean };
  rules: string[];
  /** Sequences behind columns (owned by them, or in their default). */
  sequences: { column: string; sequence: string; increment: number }[];
};

/** A table that a foreign key concerns. `only`: the condition of the partition that the key stands on, where that is a part
 * of this table. `beside`: the key stands on a table of which this one is a partition; `not` are its own rows there. */
export type ForeignKeyEnd = TableName &
  Pick<LiveTable, 'oid' | 'kind'> & { only: string | null; beside: (TableName & { not: string }) | null };

/** Column names are in the same order on both sides. Partitions' own copies of a key are left out. */
export type ForeignKey = {
  name: string;
  child: ForeignKeyEnd;
  parent: ForeignKeyEnd;
  childColumns: string[];
  parentColumns: string[];
  /** parent OPERATOR child, one a column. */
  operators: string[];
  /** Temporal: the last column is a range, which rows of the parent cover together. */
  period: boolean;
  onDelete: 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault';
  onUpdate: 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault';
  matchFull: boolean;
  validated: boolean;
};

/** `operators` say when keys are equal, `collations` under which (null: none). */
export type TableKey = {
  kind: 'primary' | 'unique' | 'chosen' | 'wholeRow';
  columns: string[];
  operators: string[];
  collations: (string | null)[];
};

/** What a live table was when it was compared. */
export type Seen = {
  /** Columns, types, constraints and triggers, as a digest. */
  shape: string;
  rows: number;
  /** Over tableoid, ctid and xmin of every row: another row, or a row written anew, is another digest. */
  digest: string;
};

export type ComparedTable = {
  /** The number in the names of its staging tables. */
  n: number;
  live: LiveTable;
  /** Compared columns, in the live table's order: in both sides, not generated. */
  columns: LiveColumn[];
  key: TableKey;
  /** Unique rules but the one that rows are paired by. */
  uniques: UniqueRule[];
  /** `rows`: only chosen rows, and of the live table those that meet the condition (null: none). */
  scope: { kind: 'whole' } | { kind: 'rows'; where: string | null };
  referencedOnly: boolean;
  seen: Seen;
  counts: {
    rows: number;
    new: number;
    identical: number;
    conflicts: number;
    liveOnly: number;
    uniqueClashes: number;
    conflictsByColumn: Record<string, number>;
  };
  merge: MergeCounts;
  /** Where empty strings count as empty. */
  mergeEmpty: MergeCounts;
  /** Conflicts in `w<n>`. */
  rewritten: number;
  columnsOnlyInBackup: string[];
  /** Columns that the dump declares with another type or modifier. */
  columnsOfOtherType: string[];
};

/** `rows` and `fields` that merge fills; `clashing` new rows in `k<n>`. */
export type MergeCounts = { rows: number; fields: number; clashing: number };
export const noMerge: MergeCounts = { rows: 0, fields: 0, clashing: 0 };

/** A table that could not be compared. Its blockers hold for every strategy but `leave`. */
export type BlockedTable = TableName & {
  blockers: { code: string; message: string; hint: string }[];
  /** Rows of the backup, all of them new, where the target has no such table; null where they were not counted. */
  rows: number | null;
};

export type Compared = {
  /** The schema of the staging tables. */
  staging: string;
  /** Every table of the dump was asked for, with all of its rows, and the role may swap databases: replace does that. */
  whole: boolean;
  tables: ComparedTable[];
  blocked: BlockedTable[];
  /** Every foreign key from or to a compared table. */
  foreignKeys: ForeignKey[];
  /** The dump holds large objects. */
  largeObjects: boolean;
  /** What the verdict needs beside rows. */
  schemaFits: boolean;
  migrationsDiffer: boolean;
  /** Tables of which the dump has no rows, and the target some: a replace of the whole would empty them. */
  rowsNotInBackup: TableName[];
  liveLargeObjects: boolean;
  /** Tables of the target that the dump does not have: a replace of the whole would take them away. */
  tablesOnlyLive: TableName[];
  fingerprint: string;
};

/** Whether anything of a table is not identical: only then it has staging tables. */
export const hasDifferences = ({ counts }: Pick<ComparedTable, 'counts'>): boolean =>
  counts.new + counts.uniqueClashes + counts.conflicts + counts.liveOnly > 0;
