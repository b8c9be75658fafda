// Random tables, as the backup has them and as the live database has them by now.
import type { Draw } from './generate.ts';
import type { CheckShape, ColumnShape, ForeignKeyShape, TableShape, UniqueShape } from './shapes.ts';
import { typeOf } from './values.ts';

export type WideTable = {
  name: string;
  /** Columns of both sides. */
  all: ColumnShape[];
  backup: TableShape;
  live: TableShape;
  /** Columns that identify rows of the live table. */
  keys: string[][];
};

type Side = 'both' | 'live' | 'backup';
type Sided<T> = { side: Side; it: T };
type Making = {
  name: string;
  columns: Sided<ColumnShape>[];
  primaryKey: TableShape['primaryKey'];
  uniques: Sided<UniqueShape>[];
  checks: Sided<CheckShape>[];
  foreignKeys: Sided<ForeignKeyShape>[];
  partitioned: TableShape['partitioned'];
  /** A column that later must be NOT NULL, a partition that is no more. */
  liveNotNull: string | null;
  /** A column that later takes more. */
  widened: string | null;
  lostPartition: boolean;
  droppedBefore: string | null;
};

const tableNames = ['a', 'Odd Name', 'quo"te', "it's", 'select', 'ünï'];
const columnNames = ['b', 'C', 'd e', 'f"g', "h'i", 'order', 'ö', 'k', 'l', 'm', 'n', 'o'];
const keyTypes = [
  'int',
  'text',
  'int',
  'bigint',
  'citext',
  'uuid',
  'numeric',
  'timestamptz',
  'date',
  'caseless',
  'enum',
  'interval',
  'float8',
  'char',
  'domain',
];

export function makeTables(draw: Draw, available: string[]): WideTable[] {
  const tables = tableNames.slice(0, 1 + draw.oneOf([1, 0, 1, 2, 3, 4])).map((name) => makeTable(draw, name, available));
  for (let count = draw.upTo(tables.length + 1); count > 0; count -= 1) addForeignKey(draw, tables);
  return tables.map((table) => ({
    name: table.name,
    all: table.columns.map((column) => column.it),
    backup: shapeOf(table, 'backup'),
    live: shapeOf(table, 'live'),
    keys: keysOf(table),
  }));
}

function shapeOf(table: Making, side: 'live' | 'backup'): TableShape {
  const here = <T>(list: Sided<T>[]): T[] => list.filter((one) => one.side === 'both' || one.side === side).map((one) => one.it);
  const parts = table.partitioned;
  return {
    name: table.name,
    columns: here(table.columns).map((column) => (side === 'live' ? sinceThen(table, column) : column)),
    primaryKey: table.primaryKey,
    uniques: here(table.uniques),
    checks: here(table.checks),
    foreignKeys: here(table.foreignKeys),
    partitioned:
      side === 'live' && table.lostPartition && parts?.by === 'list' && parts.values.length > 1
        ? { ...parts, values: parts.values.slice(1), other: false }
        : parts,
    droppedBefore: side === 'live' ? table.droppedBefore : null,
  };
}

function sinceThen(table: Making, column: ColumnShape): ColumnShape {
  if (table.liveNotNull === column.name) return { ...column, notNull: true };
  return table.widened === column.name ? { ...column, type: widened[column.type] ?? column.type } : column;
}

function makeTable(draw: Draw, name: string, available: string[]): Making {
  const table: Making = {
    name,
    columns: [],
    primaryKey: null,
    uniques: [],
    checks: [],
    foreignKeys: [],
    partitioned: null,
    liveNotNull: null,
    widened: null,
    lostPartition: draw.chance(25),
    droppedBefore: null,
  };
  makeKey(draw, table, available);
  for (let count = 1 + draw.upTo(3); count > 0; count -= 1) addColumn(table, draw.oneOf(available), { notNull: draw.chance(12) });
  partition(draw, table);
  generated(draw, table);
  for (let count = draw.upTo(2); count > 0; count -= 1) addUnique(draw, table);
  addCheck(draw, table);
  drift(draw, table, available);
  return table;
}

function addColumn(table: Making, type: string, more: Partial<ColumnShape> = {}, side: Side = 'both'): ColumnShape {
  const column: ColumnShape = {
    name: columnNames[table.columns.length] ?? `c${table.columns.length}`,
    type,
    notNull: false,
    identity: null,
    generated: null,
    default: null,
    ...more,
  };
  table.columns.push({ side, it: column });
  return column;
}

function makeKey(draw: Draw, table: Making, available: string[]): void {
  const kind = draw.oneOf(['primary', 'primary', 'primary', 'composite', 'unique', 'none'] as const);
  if (kind === 'none') return;
  const usable = keyTypes.filter((type) => available.includes(type));
  const columns = Array.from({ length: kind === 'primary' ? 1 : kind === 'composite' ? 2 : 1 + draw.upTo(1) }, () => {
    const type = draw.oneOf(usable);
    const identity = type === 'int' || type === 'bigint' ? draw.oneOf([null, null, 'always', 'byDefault'] as const) : null;
    return addColumn(table, type, { notNull: kind === 'unique', identity }).name;
  });
  const deferrable = draw.chance(8);
  if (kind !== 'unique') table.primaryKey = { columns, deferrable };
  else table.uniques.push({ side: 'both', it: plainUnique(`${table.name} own key`, columns, deferrable) });
}

const plainUnique = (name: string, columns: string[], deferrable: boolean): UniqueShape => ({
  name,
  parts: columns.map((column) => ({ column, how: 'plain' })),
  where: null,
  deferrable,
  nullsNotDistinct: false,
  kind: 'constraint',
});

/** Unique rules of a partitioned table must hold its partition column. */
function partition(draw: Draw, table: Making): void {
  if (!draw.chance(15)) return;
  const own = table.primaryKey?.columns ?? table.uniques[0]?.it.parts.map((part) => part.column);
  const found = table.columns
    .map((one) => one.it)
    .find((one) => ['int', 'text', 'date', 'enum'].includes(one.type) && (own?.includes(one.name) ?? true));
  if (found === undefined) return;
  // Identity columns of partitioned tables came with PostgreSQL 17.
  for (const column of table.columns) column.it.identity = null;
  found.notNull = true;
  const values = typeOf(found.type).values.slice(0, 4);
  table.partitioned = draw.chance(40)
    ? { by: 'hash', column: found.name }
    : { by: 'list', column: found.name, values, other: draw.chance(50) };
}

function generated(draw: Draw, table: Making): void {
  if (!draw.chance(20)) return;
  const from = table.columns.map((one) => one.it).find((one) => (one.type === 'text' || one.type === 'int') && one.identity === null);
  if (from !== undefined) addColumn(table, from.type, { generated: { from: from.name, how: from.type === 'int' ? 'double' : 'upper' } });
}

function addUnique(draw: Draw, table: Making): void {
  const columns = table.columns.map((one) => one.it);
  const name = `${table.name} rule ${table.uniques.length}`;
  const side = draw.chance(15) ? draw.oneOf(['live', 'backup'] as const) : 'both';
  const range = columns.find((column) => column.type === 'range');
  const other = draw.oneOf(columns);
  // Of composite values IS NULL says something else.
  const where =
    draw.chance(25) && other.type !== 'composite' && !(table.primaryKey?.columns.includes(other.name) ?? false)
      ? { column: other.name, is: draw.oneOf(['null', 'notNull'] as const) }
      : null;
  if (range !== undefined && table.partitioned === null && draw.chance(70)) {
    const parts = [{ column: range.name, how: 'overlap' as const }];
    table.uniques.push({ side, it: { name, parts, where, deferrable: draw.chance(30), nullsNotDistinct: false, kind: 'exclusion' } });
    return;
  }
  const keyable = columns.filter((column) => typeOf(column.type).equality !== null && column.name !== table.partitioned?.column);
  if (keyable.length === 0) return;
  const chosen = [...new Set(Array.from({ length: 1 + draw.oneOf([0, 1]) }, () => draw.oneOf(keyable)))];
  if (table.partitioned !== null) {
    table.uniques.push({
      side,
      it: plainUnique(name, [...chosen.map((column) => column.name), table.partitioned.column], draw.chance(25)),
    });
    return;
  }
  const parts = chosen.map((column) => ({
    column: column.name,
    how: (column.type === 'text' || column.type === 'varchar') && draw.chance(50) ? ('lower' as const) : ('plain' as const),
  }));
  const plain = where === null && parts.every((part) => part.how === 'plain');
  const kind = plain && draw.chance(70) ? 'constraint' : 'index';
  const nullsNotDistinct = draw.chance(20);
  table.uniques.push({ side, it: { name, parts, where, deferrable: kind === 'constraint' && draw.chance(30), nullsNotDistinct, kind } });
}

function addCheck(draw: Draw, table: Making): void {
  if (!draw.chance(25)) return;
  const side = draw.chance(30) ? 'live' : 'both';
  const name = `${table.name} check`;
  const free = table.columns
    .map((one) => one.it)
    .filter(
      (one) =>
        !one.notNull && one.type !== 'composite' && one.generated === null && !(table.primaryKey?.columns.includes(one.name) ?? false),
    );
  const [first, second] = free;
  if (first !== undefined && second !== undefined) {
    table.checks.push({ side, it: { name, kind: 'notBoth', columns: [first.name, second.name] } });
    return;
  }
  const simple = table.columns.map((one) => one.it).find((one) => ['int', 'text', 'uuid', 'date'].includes(one.type));
  if (simple !== undefined)
    table.checks.push({ side, it: { name, kind: 'isNot', column: simple.name, value: typeOf(simple.type).values[0] ?? '' } });
}

/** Types that print every value of another as that one does. */
const widened: Record<string, string> = {
  int: 'bigint',
  varchar: 'text',
  domain: 'text',
  money2: 'numeric',
  date: 'text',
  enum: 'text',
  uuid: 'text',
};

/** What the live table's columns have become since. */
function drift(draw: Draw, table: Making, available: string[]): void {
  if (draw.chance(15)) table.droppedBefore = draw.oneOf(table.columns).it.name;
  if (!draw.chance(30)) return;
  const used = new Set([
    ...(table.primaryKey?.columns ?? []),
    ...table.uniques.flatMap((rule) => [...rule.it.parts.map((part) => part.column), rule.it.where?.column ?? '']),
    ...table.checks.flatMap(({ it }) => (it.kind === 'notBoth' ? it.columns : [it.column])),
    ...table.columns.flatMap(({ it }) => (it.generated === null ? [] : [it.name, it.generated.from])),
    table.partitioned?.column ?? '',
  ]);
  const free = table.columns.filter(({ it }) => !used.has(it.name));
  const found = free[0];
  switch (draw.oneOf(['column', 'noColumn', 'notNull', 'widened'] as const)) {
    case 'column': {
      // Which of several like rows without a key has to go is not told by columns that the backup lacks.
      if (keysOf(table).length === 0) return;
      const type = draw.oneOf(available);
      const standard = draw.chance(70) ? draw.oneOf(typeOf(type).values) : null;
      addColumn(table, type, { default: standard, notNull: draw.chance(40) }, 'live');
      return;
    }
    case 'noColumn':
      if (found !== undefined && free.length < table.columns.length) {
        found.side = 'backup';
        if (table.droppedBefore === found.it.name) table.droppedBefore = null;
      }
      return;
    case 'notNull':
      if (found !== undefined) table.liveNotNull = found.it.name;
      return;
    case 'widened':
      table.widened = free.find(({ it }) => widened[it.type] !== undefined && it.identity === null)?.it.name ?? null;
  }
}

/** Every set of columns that may come to identify the live table's rows. */
function keysOf(table: Making): string[][] {
  const required = (name: string): boolean =>
    table.columns.some(({ it }) => it.name === name && (it.notNull || it.identity !== null || table.liveNotNull === name));
  const uniques = table.uniques
    .filter(
      ({ side, it }) => side !== 'backup' && it.where === null && it.kind !== 'exclusion' && it.parts.every((part) => part.how === 'plain'),
    )
    .map(({ it }) => it.parts.map((part) => part.column))
    .filter((columns) => columns.every(required));
  return [...(table.primaryKey === null ? [] : [table.primaryKey.columns]), ...uniques];
}

function addForeignKey(draw: Draw, tables: Making[]): void {
  const childAt = draw.upTo(tables.length - 1);
  const parentAt = draw.upTo(tables.length - 1);
  const child = tables[childAt];
  const parent = tables[parentAt];
  if (child === undefined || parent === undefined) return;
  const generatedOnes = new Set(parent.columns.filter(({ it }) => it.generated !== null).map(({ it }) => it.name));
  const candidates = [
    ...(parent.primaryKey === null || parent.primaryKey.deferrable ? [] : [parent.primaryKey.columns]),
    ...parent.uniques
      .filter(
        ({ side, it }) =>
          side === 'both' &&
          !it.deferrable &&
          it.where === null &&
          it.kind !== 'exclusion' &&
          it.parts.every((part) => part.how === 'plain'),
      )
      .map(({ it }) => it.parts.map((part) => part.column))
      .filter((columns) => !columns.some((column) => generatedOnes.has(column))),
  ];
  if (candidates.length === 0) return;
  // Rather the last: keys of their own are referred to by no surprise.
  const parentColumns = draw.chance(50) ? (candidates.at(-1) ?? []) : draw.oneOf(candidates);
  const type = (column: string): string => parent.columns.find(({ it }) => it.name === column)?.it.type ?? 'int';
  const ownKey = child.primaryKey?.columns;
  const asKey =
    child !== parent &&
    ownKey?.length === 1 &&
    parentColumns.length === 1 &&
    draw.chance(50) &&
    child.columns.some(({ it }) => it.name === ownKey[0] && it.identity === null && it.type === type(parentColumns[0] ?? ''));
  const side = draw.chance(10) ? 'live' : 'both';
  const columns = asKey
    ? ownKey
    : parentColumns.map((column) => addColumn(child, type(column), { notNull: parentAt < childAt && draw.chance(25) }).name);
  child.foreignKeys.push({
    side,
    it: {
      name: `${child.name} to ${parent.name} ${child.foreignKeys.length}`,
      columns,
      parent: parent.name,
      parentColumns,
      onDelete: draw.oneOf(['noAction', 'noAction', 'cascade', 'setNull', 'restrict']),
      onUpdate: draw.oneOf(['noAction', 'noAction', 'cascade', 'restrict']),
      deferrable: draw.oneOf(['no', 'no', 'immediate', 'deferred']),
    },
  });
}
