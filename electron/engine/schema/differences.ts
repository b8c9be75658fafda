// What differs between two schemas, each with the statement that mends it, in an order in which these can be run.
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { Scope } from './dump-model.ts';
import {
  addColumn,
  change,
  changeColumn,
  changeDefault,
  changeIdentity,
  changeSettings,
  changeTable,
  columnDefinition,
  create,
  dropColumn,
} from './mends.ts';
import { definitionKey, tableKey, type Column, type Definition, type SchemaModel, type TableDefinition } from './model.ts';
import { qualified } from './routine-names.ts';
import { nameOf, tokensOf } from './sql-tokens.ts';

/** `about`: the table, or for types null; `fatal`: rows of the one do not simply go into the other. */
export type Found = SchemaDifference & { about: TableName | null; step: number; order: number };

/** First goes what others do not need, then comes what is missing, then goes what nothing uses any longer. */
const [dropFirst, make, makeLast, dropLast] = [0, 1, 2, 3];
/** They go first. All else that is in excess may still be used by what is changed. */
const leaves = new Set([
  'FK CONSTRAINT',
  'CONSTRAINT',
  'CHECK CONSTRAINT',
  'TRIGGER',
  'POLICY',
  'RULE',
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'MATERIALIZED VIEW',
  'VIEW',
  'INDEX',
  'STATISTICS',
  'ROW SECURITY',
  'FORCE ROW SECURITY',
  'REPLICA IDENTITY',
  'CLUSTER',
  'DEFAULT',
  'TABLE ATTACH',
  'SEQUENCE OWNED BY',
]);

/** Partitions that are attached get their indexes by themselves, and foreign keys need valid ones. */
const comesLast = new Set(['SEQUENCE OWNED BY', 'TABLE ATTACH', 'INDEX ATTACH', 'FK CONSTRAINT']);
/** Added to the places of what others in the same schema may still use when it is dropped. */
const dropLater: Record<string, number> = { SEQUENCE: -1e6, SCHEMA: -1e9 };

/** Differences of everything but extensions and roles. */
export function differencesBetween(backup: SchemaModel, live: SchemaModel, scope: Scope): Found[] {
  const found: Found[] = [];
  const compare = comparison(backup, live);
  compareTables(backup, live, scope, compare, found);
  compareDefinitions(backup, live, scope, compare, found);
  return found.sort((a, b) => a.step - b.step || (a.step === dropFirst || a.step === dropLast ? b.order - a.order : a.order - b.order));
}

/** Whether two comparable texts mean the same thing. */
type Comparison = (backup: string, live: string) => boolean;

function comparison(backup: SchemaModel, live: SchemaModel): Comparison {
  // Servers differ in the names that they qualify and in the parentheses that they set when they print an expression.
  const loose =
    backup.unqualified ||
    live.unqualified ||
    (backup.serverMajor !== null && live.serverMajor !== null && backup.serverMajor !== live.serverMajor);
  const plain = (text: string): string => text.replaceAll(/(?<=^|[ (,])pg_catalog \. /g, '');
  const bare = (text: string): string =>
    plain(text)
      .replaceAll(/(?:"(?:[^"]|"")*"|[^\s"'().,;]+) \. /g, '')
      .replaceAll(/'(?:"(?:[^"']|"")*"|[^'".]+)\.([^'.]+)' :: regclass/g, "'$1' :: regclass")
      .replaceAll(/[()] ?/g, '')
      .trim();
  return (a, b) => a === b || plain(a) === plain(b) || (loose && bare(a) === bare(b));
}

function compareTables(backup: SchemaModel, live: SchemaModel, scope: Scope, same: Comparison, found: Found[]): void {
  for (const table of backup.tables.values()) {
    const other = live.tables.get(tableKey({ schema: table.schema, table: table.name }));
    if (other === undefined) {
      const names = table.namesOnly ? `Columns: ${[...(table.columns?.keys() ?? [])].join(', ')}` : table.sql;
      push(
        found,
        {
          kind: 'missing',
          type: table.kind,
          schema: table.schema,
          name: table.name,
          backup: names,
          live: null,
          mend: table.namesOnly ? null : withSettings(table),
        },
        table,
        make,
        table.order,
      );
      if (!table.namesOnly) missingParts(table, found);
      continue;
    }
    if (!table.namesOnly && backup.canonical) compareTable(table, other, same, found);
    compareColumns(table, other, backup, live, same, found);
  }
  if (scope.kind === 'tables') return;
  for (const table of live.tables.values()) {
    if (backup.tables.has(tableKey({ schema: table.schema, table: table.name })) || !spokenFor(scope, table.schema)) continue;
    const drop = `DROP ${table.kind} ${qualified({ schema: table.schema, table: table.name })};`;
    push(
      found,
      { kind: 'extra', type: table.kind, schema: table.schema, name: table.name, backup: null, live: table.sql, mend: drop },
      table,
      dropLast,
      table.order,
    );
  }
}

/** A missing table, with what statements behind CREATE TABLE say of how its columns are stored. */
function withSettings(table: TableDefinition): string {
  const settings = [...(table.columns?.values() ?? [])].flatMap(
    (column) => changeSettings(table, column, { ...column, settings: new Map() }) ?? [],
  );
  return [table.sql, ...settings].join('\n');
}

const spokenFor = (scope: Scope, schema: string): boolean =>
  scope.kind === 'whole' || (scope.kind === 'schemas' && scope.schemas.has(schema));

function compareTable(table: TableDefinition, other: TableDefinition, same: Comparison, found: Found[]): void {
  const parents = (of: TableDefinition): string => of.inherits.map(qualified).join(', ');
  const shape = (of: TableDefinition): string => `${of.kind} ${of.partitionBy ?? ''} ${parents(of)}`;
  const settings = (of: TableDefinition): string => `${of.unlogged} ${of.options}`;
  const differs = !same(shape(table), shape(other));
  if (!differs && settings(table) === settings(other)) return;
  const mend = changeTable(table, other);
  // How a table is stored is nothing to its rows.
  const type = differs ? table.kind : 'TABLE SETTING';
  push(
    found,
    { kind: 'different', type, schema: table.schema, name: table.name, backup: table.sql, live: other.sql, mend },
    table,
    make,
    table.order,
  );
}

/** What the statements behind a missing table's CREATE TABLE give to its columns. */
function missingParts(table: TableDefinition, found: Found[]): void {
  for (const column of table.columns?.values() ?? []) {
    if (column.default !== null && column.default.order !== table.order)
      pushColumn(found, 'missing', 'DEFAULT', table, column, null, changeDefault(table, column), make, column.default.order);
    if (column.identity !== null && column.identity.order !== table.order) {
      pushColumn(
        found,
        'missing',
        'IDENTITY',
        table,
        column,
        null,
        changeIdentity(table, column, { ...column, identity: null }),
        make,
        column.identity.order,
      );
    }
  }
}

function compareColumns(
  table: TableDefinition,
  other: TableDefinition,
  backup: SchemaModel,
  live: SchemaModel,
  same: Comparison,
  found: Found[],
): void {
  if (table.columns === null || other.columns === null) return;
  // What the parent has or lacks goes to its partitions by itself.
  const [parent, otherParent] = [parentOf(table, backup), parentOf(other, live)];
  const told = (name: string): boolean =>
    parent !== null && otherParent !== null && !sameColumn(parent.get(name), otherParent.get(name), same);
  for (const column of table.columns.values()) {
    const there = other.columns.get(column.name);
    if (told(column.name)) continue;
    if (there === undefined && ((table.namesOnly && other.options.startsWith('OF ')) || inherited(other, live).has(column.name))) continue;
    if (there === undefined) {
      // Views and functions may come between the table and the default that is given to it later.
      pushColumn(found, 'missing', 'COLUMN', table, column, null, table.namesOnly ? null : addColumn(other, column), make, table.order);
    } else if (!table.namesOnly) compareColumn(table, other, column, there, backup.canonical, same, found);
  }
  for (const column of other.columns.values()) {
    if (
      table.columns.has(column.name) ||
      told(column.name) ||
      inherited(table, backup).has(column.name) ||
      (table.namesOnly && column.generated !== null)
    )
      continue;
    pushColumn(found, 'extra', 'COLUMN', table, null, column, dropColumn(other, column.name), dropLast, other.order);
  }
}

/** Names of all columns that a table has from its parents: its own definition does not list them. */
function inherited(table: TableDefinition, model: SchemaModel): Set<string> {
  const names = new Set<string>();
  for (const parent of table.inherits) {
    const found = model.tables.get(tableKey(parent));
    if (found === undefined) continue;
    for (const name of [...(found.columns?.keys() ?? []), ...inherited(found, model)]) names.add(name);
  }
  return names;
}

const parentOf = (table: TableDefinition, model: SchemaModel): Map<string, Column> | null =>
  table.partitionOf === null ? null : (model.tables.get(tableKey(table.partitionOf))?.columns ?? null);

function compareColumn(
  table: TableDefinition,
  other: TableDefinition,
  column: Column,
  there: Column,
  canonical: boolean,
  same: Comparison,
  found: Found[],
): void {
  const shape = (of: Column): string =>
    [of.type.comparable, of.collation ?? '', of.generated === null ? '' : canonical ? of.generated.comparable : 'generated'].join(' | ');
  if (!same(shape(column), shape(there)) || column.notNull !== there.notNull) {
    const order = Math.max(table.order, column.default?.order ?? 0);
    pushColumn(found, 'different', 'COLUMN', table, column, there, changeColumn(other, column, there), make, order);
  }
  if (!canonical) return;
  const [wanted, had] = [column.default, there.default];
  if (!sameExpression(wanted, had, same)) {
    const mend = changeDefault(other, column);
    const step = wanted === null ? dropFirst : make;
    pushColumn(
      found,
      wanted === null ? 'extra' : had === null ? 'missing' : 'different',
      'DEFAULT',
      table,
      column,
      there,
      mend,
      step,
      wanted?.order ?? other.order,
    );
  }
  if (identity(column) !== identity(there)) {
    const mend = changeIdentity(other, column, there);
    pushColumn(
      found,
      column.identity === null ? 'extra' : there.identity === null ? 'missing' : 'different',
      'IDENTITY',
      table,
      column,
      there,
      mend,
      make,
      column.identity?.order ?? table.order,
    );
  }
  if (settingsOf(column) !== settingsOf(there)) {
    const mend = changeSettings(other, column, there);
    pushColumn(found, 'different', 'COLUMN SETTING', table, column, there, mend, make, table.order);
  }
}

const sameExpression = (a: Column['default'], b: Column['default'], same: Comparison): boolean =>
  a === null || b === null ? a === b : same(a.comparable, b.comparable);

const settingsOf = (column: Column): string =>
  [...column.settings]
    .map((setting) => setting.join(' '))
    .toSorted()
    .join(', ');

/** A sequence's name is nothing to its column. */
const identity = (column: Column): string =>
  (column.identity?.comparable ?? '').replace(/sequence name .*? (?=start|increment|no |minvalue|maxvalue|cache)/, '').replaceAll(' ', '');

function sameColumn(a: Column | undefined, b: Column | undefined, same: Comparison): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.notNull === b.notNull && same(columnDefinition(a), columnDefinition(b));
}

function compareDefinitions(backup: SchemaModel, live: SchemaModel, scope: Scope, same: Comparison, found: Found[]): void {
  for (const [key, definition] of backup.definitions) {
    if (leftOut(definition)) continue;
    const other = live.definitions.get(key);
    const table = definition.table === null ? null : live.tables.get(tableKey(definition.table));
    if (other === undefined) {
      // What stands inside CREATE TABLE comes with it.
      const inside =
        definition.type === 'CHECK CONSTRAINT' &&
        table === undefined &&
        backup.tables.get(tableKey(definition.table ?? noTable))?.order === definition.order;
      if (inside || fromParent(definition, backup, live) === 'missing' || inheritedIn(definition, live)) continue;
      const step = comesLast.has(definition.type) ? makeLast : make;
      const order = beforeItsColumn(definition, backup, live) ?? definition.order;
      push(
        found,
        { ...label(definition), kind: 'missing', backup: definition.sql, live: null, mend: create(definition) },
        definition.table,
        step,
        order,
      );
    } else if (backup.canonical && (definition.type !== other.type || !same(definition.comparable, other.comparable))) {
      if (fromParent(definition, backup, live) === 'different') continue;
      const mend = change(definition, other, partsOf(definition, backup, live));
      const step = comesLast.has(definition.type) ? makeLast : make;
      push(
        found,
        { ...label(definition), kind: 'different', backup: definition.sql, live: other.sql, mend },
        definition.table,
        step,
        definition.order,
      );
    }
  }
  for (const [key, definition] of live.definitions) {
    if (backup.definitions.has(key) || leftOut(definition)) continue;
    if (
      !(definition.table !== null && backup.tables.get(tableKey(definition.table))?.namesOnly === false) &&
      !spokenFor(scope, definition.schema || definition.name)
    )
      continue;
    if (goesWithAnother(definition, backup, live)) continue;
    const drop =
      definition.type === 'SEQUENCE' ? (definition.drop?.replace('DROP SEQUENCE ', 'DROP SEQUENCE IF EXISTS ') ?? null) : definition.drop;
    const step = leaves.has(definition.type) ? dropFirst : dropLast;
    push(
      found,
      { ...label(definition), kind: 'extra', backup: null, live: definition.sql, mend: drop },
      definition.table,
      step,
      definition.order + (dropLater[definition.type] ?? 0),
    );
  }
}

const noTable: TableName = { schema: '', table: '' };
const label = ({ type, schema, name }: Definition): Pick<SchemaDifference, 'type' | 'schema' | 'name'> => ({ type, schema, name });

/** Extensions are compared by what the server says of them; the schema public and plpgsql are always there. */
const leftOut = ({ type, name }: Definition): boolean =>
  type === 'EXTENSION' ||
  type === 'SHELL TYPE' ||
  (type === 'SCHEMA' && name === 'public') ||
  (type === 'PROCEDURAL LANGUAGE' && name === 'plpgsql');

/** Parts of a view that are dropped with it, and are to be made again. */
function partsOf(definition: Definition, backup: SchemaModel, live: SchemaModel): Definition[] {
  if (!['VIEW', 'MATERIALIZED VIEW'].includes(definition.type)) return [];
  return [...backup.definitions].flatMap(([key, part]) =>
    part.table?.schema === definition.schema && part.table.table === definition.name && live.definitions.has(key) ? [part] : [],
  );
}

/** How a partition's CHECK constraint differs where its parent's does too: what mends the parent mends it. */
function fromParent(definition: Definition, backup: SchemaModel, live: SchemaModel): 'missing' | 'different' | 'extra' | null {
  if (definition.type !== 'CHECK CONSTRAINT' || definition.table === null) return null;
  const table = backup.tables.get(tableKey(definition.table)) ?? live.tables.get(tableKey(definition.table));
  const parent = table?.partitionOf ?? null;
  if (parent === null || !live.tables.has(tableKey(definition.table))) return null;
  const key = definitionKey({
    ...definition,
    schema: parent.schema,
    name: `${parent.table}${definition.name.slice(definition.table.table.length)}`,
  });
  const [wanted, had] = [backup.definitions.get(key), live.definitions.get(key)];
  if (wanted === undefined) return had === undefined ? null : 'extra';
  if (had === undefined) return 'missing';
  return wanted.comparable === had.comparable ? null : 'different';
}

/** A CHECK constraint that a table has from those that it inherits from. */
function inheritedIn(definition: Definition, model: SchemaModel): boolean {
  if (definition.type !== 'CHECK CONSTRAINT' || definition.table === null) return false;
  const { table } = definition;
  return (model.tables.get(tableKey(table))?.inherits ?? []).some((parent) => {
    const name = `${parent.table}${definition.name.slice(table.table.length)}`;
    const there = model.definitions.get(definitionKey({ ...definition, schema: parent.schema, name }));
    return there?.comparable === definition.comparable || inheritedIn({ ...definition, table: parent, schema: parent.schema, name }, model);
  });
}

/** The column that a sequence belongs to. */
function ownerOf(definition: Definition, model: SchemaModel): { table: TableName; column: string } | null {
  if (definition.type !== 'SEQUENCE') return null;
  const owned = model.definitions.get(definitionKey({ ...definition, type: 'SEQUENCE OWNED BY' }));
  const names =
    owned === undefined
      ? []
      : tokensOf(owned.comparable)
          .filter(({ kind }) => kind !== 'symbol')
          .map(nameOf);
  const [column, table, schema = definition.schema] = names.toReversed();
  return column === undefined || table === undefined ? null : { table: { schema, table }, column };
}

/** A column that is missing needs its sequence before it. */
function beforeItsColumn(definition: Definition, backup: SchemaModel, live: SchemaModel): number | null {
  const owner = ownerOf(definition, backup);
  if (owner === null) return null;
  const [table, there] = [backup.tables.get(tableKey(owner.table)), live.tables.get(tableKey(owner.table))];
  return table === undefined || there === undefined || there.columns?.has(owner.column) === true ? null : table.order - 0.5;
}

/** Dropped together with something else that is in excess. */
function goesWithAnother(definition: Definition, backup: SchemaModel, live: SchemaModel): boolean {
  if (definition.type === 'INDEX ATTACH' || definition.type === 'TABLE ATTACH' || definition.type === 'SEQUENCE OWNED BY') {
    if (definition.type === 'TABLE ATTACH') return !backup.tables.has(tableKey({ schema: definition.schema, table: definition.name }));
    const of = [...live.definitions.values()].find(
      ({ type, schema, name, table }) =>
        schema === definition.schema &&
        (definition.type === 'INDEX ATTACH'
          ? (type === 'INDEX' && name === definition.name) || (type === 'CONSTRAINT' && name === `${table?.table ?? ''} ${definition.name}`)
          : type === 'SEQUENCE' && name === definition.name),
    );
    return of !== undefined && !backup.definitions.has(definitionKey(of));
  }
  if (fromParent(definition, backup, live) === 'extra' || inheritedIn(definition, backup)) return true;
  const owner = ownerOf(definition, live);
  // A script by hand says `serial`, and no more.
  if (owner !== null && (!backup.canonical || backup.tables.get(tableKey(owner.table))?.columns?.has(owner.column) !== true)) return true;
  const index =
    definition.type === 'INDEX' || definition.type === 'CONSTRAINT'
      ? definition.name.slice(definition.type === 'INDEX' ? 0 : (definition.table?.table.length ?? 0) + 1)
      : null;
  if (index !== null && live.definitions.has(definitionKey({ type: 'INDEX ATTACH', schema: definition.schema, name: index }))) return true;
  if (definition.table === null || definition.type === 'FK CONSTRAINT') return false;
  if (live.tables.has(tableKey(definition.table))) return !backup.tables.has(tableKey(definition.table));
  // Of a view: it goes where the view goes.
  const view = definitionKey({ type: 'VIEW', schema: definition.table.schema, name: definition.table.table });
  return live.definitions.has(view) && !backup.definitions.has(view);
}

function push(found: Found[], difference: SchemaDifference, about: TableName | TableDefinition | null, step: number, order: number): void {
  const table = about === null ? null : 'table' in about ? about : { schema: about.schema, table: about.name };
  found.push({ ...difference, about: table, step, order });
}

function pushColumn(
  found: Found[],
  kind: SchemaDifference['kind'],
  type: string,
  table: TableDefinition,
  backup: Column | null,
  live: Column | null,
  mend: string | null,
  step: number,
  order: number,
): void {
  const name = `${table.name} ${backup?.name ?? live?.name ?? ''}`;
  const words = (column: Column | null): string | null => {
    if (column === null) return null;
    if (type === 'DEFAULT') return column.default?.sql ?? null;
    if (type === 'IDENTITY') return column.identity?.sql ?? null;
    if (type === 'COLUMN SETTING') return settingsOf(column);
    return table.namesOnly && column === backup ? null : columnDefinition(column);
  };
  push(found, { kind, type, schema: table.schema, name, backup: words(backup), live: words(live), mend }, table, step, order);
}
