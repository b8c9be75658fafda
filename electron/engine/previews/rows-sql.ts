// Expressions and row sources over a table's staged rows (`s`), live rows (`l`) and the rows a strategy would leave.
import { quoteIdentifier, quoteLiteral } from '../postgres/connection.ts';
import type { ComparedTable, LiveColumn, TableKey, UniqueRule } from './compared.ts';
import { from } from './seen.ts';

export const id = quoteIdentifier;

/** `"howdah_stage_…"."d3"`. */
export const stagingTable = (staging: string, letter: string, n: number): string => `${id(staging)}.${id(`${letter}${n}`)}`;

/** A column of either side, as its base type: both sides print alike. */
export const value = (alias: string, column: LiveColumn): string => `${alias}.${id(column.name)}::${column.bareType}`;

/** All columns of a side as one record. */
export const record = (alias: string, columns: LiveColumn[]): string => `row(${columns.map((column) => value(alias, column)).join(', ')})`;

/** What it looks like when it is printed, as one text that compares by its bytes. */
export const printed = (alias: string, columns: LiveColumn[]): string => `(${record(alias, columns)}::text collate "C")`;

/** Whether two rows print differently. The stored bytes are looked at first: printing is slow. */
export const differ = (a: string, b: string, columns: LiveColumn[]): string =>
  columns.length === 0
    ? 'false'
    : `(not pg_catalog.record_image_eq(${record(a, columns)}, ${record(b, columns)}) and ${printed(a, columns)} <> ${printed(b, columns)})`;

/** Key equality, as the index sees it. */
export function sameKey(a: string, b: string, key: TableKey): string {
  return key.columns
    .map((column, index) => {
      const under = key.collations[index] ?? null;
      const collate = under === null ? '' : ` collate ${under}`;
      return `(${a}.${id(column)}${collate}) ${key.operators[index] ?? '='} (${b}.${id(column)}${collate})`;
    })
    .join(' and ');
}

/** The live rows, with where they are. `where`: only those that meet a condition over the table's columns. */
export const liveRows = (table: ComparedTable, where: string | null = null): string =>
  where === null ? from(table.live) : `(select tableoid, ctid, * from ${from(table.live)} where (${where}))`;

/** Joins a line of a d, m, e or w table to its live row. */
export const atLive = (d: string, l: string, table: ComparedTable): string =>
  table.live.kind === 'p' ? `${l}.tableoid = ${d}.l_oid and ${l}.ctid = ${d}.l_tid` : `${l}.ctid = ${d}.l_tid`;

/** Rows as the live table would hold them if they were added: every live column, the computed ones computed.
 * `source`: a FROM clause in which `s` are staged rows; `given` are more output columns. */
export function asAdded(table: ComparedTable, source: string, given: string[]): string {
  const staged = new Set(table.columns.map((column) => column.name));
  const plain = table.live.columns.filter((column) => column.generated === null);
  const columns = plain.map((column) =>
    staged.has(column.name)
      ? `s.${id(column.name)}::${column.type} as ${id(column.name)}`
      : `(${constantDefault(column)})::${column.type} as ${id(column.name)}`,
  );
  return withGenerated(table, `select ${[...given, ...columns].join(', ')} from ${source}`);
}

/** Rows as they would be after an update. `source`: a FROM clause in which `l` are live rows and `s` their staged ones;
 * `changed(column)`: SQL that says whether the backup's value is taken. */
export function asUpdated(table: ComparedTable, source: string, given: string[], changed: (column: LiveColumn) => string | null): string {
  const staged = new Set(table.columns.map((column) => column.name));
  const columns = table.live.columns
    .filter((column) => column.generated === null)
    .map((column) => {
      const when = staged.has(column.name) ? changed(column) : null;
      const name = id(column.name);
      if (when === null) return `l.${name} as ${name}`;
      return when === 'true'
        ? `s.${name}::${column.type} as ${name}`
        : `case when ${when} then s.${name}::${column.type} else l.${name} end as ${name}`;
    });
  return withGenerated(table, `select ${[...given, ...columns].join(', ')} from ${source}`);
}

function withGenerated(table: ComparedTable, query: string): string {
  const generated = table.live.columns.filter((column) => column.generated !== null);
  if (generated.length === 0) return `(${query})`;
  const more = generated.map((column) => `(${column.generated ?? 'null'})::${column.type} as ${id(column.name)}`);
  return `(select "~plain".*, ${more.join(', ')} from (${query}) as "~plain")`;
}

/** A default that is a constant; any other (a sequence, a function) is taken for a value that nobody has. */
export function constantDefault(column: LiveColumn): string {
  const constant = /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false|NULL|now\(\)|CURRENT_\w+)(?:::[\w ."()[\]]+)?$/i;
  return column.default !== null && constant.test(column.default) ? column.default : 'null';
}

/** Every line of `rows` (which carries the live columns) with the rule's values as u1, u2 … and all of `keep`. */
export function underRule(rule: UniqueRule, rows: string, keep: string[]): string {
  const values = rule.expressions.map((expression, index) => `(${expression}) as u${index + 1}`);
  const where = rule.where === null ? '' : ` where (${rule.where})`;
  return `(select ${[...keep, ...values].join(', ')} from ${rows} as "~r"${where})`;
}

/** Whether two lines of `underRule` are in each other's way. */
export const clash = (a: string, b: string, rule: UniqueRule): string =>
  rule.operators
    .map((operator, index) => {
      const [x, y] = [`${a}.u${index + 1}`, `${b}.u${index + 1}`];
      return rule.nullsNotDistinct ? `(${x} ${operator} ${y} or (${x} is null and ${y} is null))` : `${x} ${operator} ${y}`;
    })
    .join(' and ');

export { quoteLiteral as literal };
