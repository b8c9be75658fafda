// A state as SQL: makes it, and reads it back as text.
import pg from 'pg';
import { uniqueRules } from './rules.ts';
import type { ColumnShape, ForeignKeyShape, PartShape, ReferentialAction, Row, State, TableShape, UniqueShape } from './shapes.ts';
import { columnOf, rowsOf } from './shapes.ts';
import { typeOf } from './values.ts';

const name = pg.escapeIdentifier;
const literal = (value: string | null): string => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);
const list = (names: readonly string[]): string => names.map(name).join(', ');

/** The whole state in a schema of its own. */
export function stateSql(schema: string, state: State): string {
  return [
    `CREATE SCHEMA ${name(schema)};`,
    ...state.tables.map((table) => tableSql(schema, table)),
    ...state.tables.map((table) => rowsSql(schema, table, rowsOf(state, table.name))),
    ...state.tables.flatMap((table) => table.foreignKeys.map((foreignKey) => foreignKeySql(schema, table, foreignKey))),
  ]
    .filter((statement) => statement !== '')
    .join('\n');
}

export const inSchema = (schema: string, table: string): string => `${name(schema)}.${name(table)}`;

function tableSql(schema: string, table: TableShape): string {
  const rules = uniqueRules(table);
  const items = [
    ...table.columns.flatMap((column) => [
      ...(table.droppedBefore === column.name ? ['"gone" integer DEFAULT 7'] : []),
      columnSql(table, column),
    ]),
    ...(table.primaryKey === null
      ? []
      : [`PRIMARY KEY (${list(table.primaryKey.columns)})${table.primaryKey.deferrable ? ' DEFERRABLE' : ''}`]),
    ...rules.filter((rule) => rule.name !== 'primary key' && rule.kind !== 'index').map(constraintSql),
    ...table.checks.map((check) => {
      if (check.kind === 'notBoth')
        return `CONSTRAINT ${name(check.name)} CHECK (${check.columns.map((one) => `${name(one)} IS NULL`).join(' OR ')})`;
      return `CONSTRAINT ${name(check.name)} CHECK (${name(check.column)} IS DISTINCT FROM ${literal(check.value)})`;
    }),
  ];
  const parts = table.partitioned;
  const by = parts === null ? '' : ` PARTITION BY ${parts.by === 'list' ? 'LIST' : 'HASH'} (${name(parts.column)})`;
  return [
    `CREATE TABLE ${inSchema(schema, table.name)} (\n  ${items.join(',\n  ')}\n)${by};`,
    ...partitionsSql(schema, table),
    ...(table.droppedBefore === null ? [] : [`ALTER TABLE ${inSchema(schema, table.name)} DROP COLUMN "gone";`]),
    ...rules.filter((rule) => rule.kind === 'index').map((rule) => indexSql(schema, table, rule)),
  ].join('\n');
}

function columnSql(table: TableShape, column: ColumnShape): string {
  const { sql } = typeOf(column.type);
  if (column.generated !== null) {
    const from = name(columnOf(table, column.generated.from).name);
    return `${name(column.name)} ${sql} GENERATED ALWAYS AS (${column.generated.how === 'upper' ? `upper(${from})` : `${from} * 2`}) STORED`;
  }
  const identity = column.identity === null ? '' : ` GENERATED ${column.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`;
  const standard = column.default === null ? '' : ` DEFAULT ${literal(column.default)}`;
  return `${name(column.name)} ${sql}${identity}${standard}${column.notNull ? ' NOT NULL' : ''}`;
}

function constraintSql(rule: UniqueShape): string {
  const deferrable = rule.deferrable ? ' DEFERRABLE' : '';
  const columns = rule.parts.map((part) => part.column);
  if (rule.kind === 'exclusion') {
    return `CONSTRAINT ${name(rule.name)} EXCLUDE USING gist (${columns.map((one) => `${name(one)} WITH &&`).join(', ')})${whereSql(rule, true)}${deferrable}`;
  }
  return `CONSTRAINT ${name(rule.name)} UNIQUE${rule.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''} (${list(columns)})${deferrable}`;
}

function indexSql(schema: string, table: TableShape, rule: UniqueShape): string {
  const part = ({ column, how }: PartShape): string => (how === 'lower' ? `lower(${name(column)})` : name(column));
  const nulls = rule.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  return `CREATE UNIQUE INDEX ${name(rule.name)} ON ${inSchema(schema, table.name)} (${rule.parts.map(part).join(', ')})${nulls}${whereSql(rule, false)};`;
}

function whereSql(rule: UniqueShape, inBrackets: boolean): string {
  if (rule.where === null) return '';
  const condition = `${name(rule.where.column)} IS ${rule.where.is === 'null' ? 'NULL' : 'NOT NULL'}`;
  return ` WHERE ${inBrackets ? `(${condition})` : condition}`;
}

function partitionsSql(schema: string, table: TableShape): string[] {
  const parts = table.partitioned;
  if (parts === null) return [];
  const partition = (suffix: string, bound: string): string =>
    `CREATE TABLE ${inSchema(schema, `${table.name} ${suffix}`)} PARTITION OF ${inSchema(schema, table.name)} ${bound};`;
  if (parts.by === 'hash') return [0, 1].map((rest) => partition(`h${rest}`, `FOR VALUES WITH (MODULUS 2, REMAINDER ${rest})`));
  return [
    ...parts.values.map((value, at) => partition(`p${at}`, `FOR VALUES IN (${literal(value)})`)),
    ...(parts.other ? [partition('other', 'DEFAULT')] : []),
  ];
}

/** `INSERT` of rows as they are; empty where there are none. */
export function rowsSql(schema: string, table: TableShape, rows: Row[]): string {
  if (rows.length === 0) return '';
  const columns = table.columns.filter((column) => column.generated === null).map((column) => column.name);
  const values = rows.map((row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`);
  return `INSERT INTO ${inSchema(schema, table.name)} (${list(columns)}) OVERRIDING SYSTEM VALUE VALUES\n  ${values.join(',\n  ')};`;
}

const actions: Record<ReferentialAction, string> = { noAction: 'NO ACTION', restrict: 'RESTRICT', cascade: 'CASCADE', setNull: 'SET NULL' };

function foreignKeySql(schema: string, table: TableShape, foreignKey: ForeignKeyShape): string {
  const deferrable = { no: '', immediate: ' DEFERRABLE', deferred: ' DEFERRABLE INITIALLY DEFERRED' }[foreignKey.deferrable];
  return (
    `ALTER TABLE ${inSchema(schema, table.name)} ADD CONSTRAINT ${name(foreignKey.name)} FOREIGN KEY (${list(foreignKey.columns)}) ` +
    `REFERENCES ${inSchema(schema, foreignKey.parent)} (${list(foreignKey.parentColumns)}) ` +
    `ON DELETE ${actions[foreignKey.onDelete]} ON UPDATE ${actions[foreignKey.onUpdate]}${deferrable};`
  );
}

/** Rows as sorted texts: equal where the tables are, as multisets. */
export function asTexts(table: TableShape, rows: Row[]): string[] {
  return rows
    .map((row) => JSON.stringify(Object.fromEntries(table.columns.map(({ name: column }) => [column, row[column] ?? null]))))
    .sort();
}

/** Every table's rows, with values as PostgreSQL prints them. */
export async function readState(client: pg.Client, schema: string, tables: TableShape[]): Promise<Record<string, Row[]>> {
  await client.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1");
  const rows: Record<string, Row[]> = {};
  for (const table of tables) {
    const found = await client.query<Row>({
      text: `SELECT ${list(table.columns.map((column) => column.name))} FROM ${inSchema(schema, table.name)}`,
      types: { getTypeParser: () => (value: string) => value },
    } as pg.QueryConfig);
    rows[table.name] = found.rows;
  }
  return rows;
}
