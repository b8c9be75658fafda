// How tables and their columns differ.
import type { Comparison } from './comparison.ts';
import { dropFirst, dropLast, make, push, pushColumn, settingsOf, type Found } from './found.ts';
import {
  addColumn,
  changeColumn,
  changeDefault,
  changeIdentity,
  changeSettings,
  changeTable,
  columnDefinition,
  dropColumn,
} from './mend-tables.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { withoutNames } from './not-null.ts';
import type { Column, SchemaModel, TableDefinition } from './model.ts';
import { qualified } from './routine-names.ts';
import { spokenFor, type Scope } from './scope.ts';

export function compareTables(backup: SchemaModel, live: SchemaModel, scope: Scope, same: Comparison, found: Found[]): void {
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
    (column) => changeSettings(table, withoutNames(column), { ...column, settings: new Map() }) ?? [],
  );
  return [table.sql, ...settings].join('\n');
}

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
  const named = (column: Column): Column =>
    (backup.serverMajor ?? 0) >= 18 && (live.serverMajor ?? 0) >= 18 ? column : withoutNames(column);
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
    } else if (!table.namesOnly) compareColumn(table, other, named(column), named(there), backup.canonical, same, found);
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
  // A name or a reach of NOT NULL is nothing where only one side has it.
  const [wantedSettings, hadSettings] = column.notNull === there.notNull ? [column, there] : [withoutNames(column), withoutNames(there)];
  if (settingsOf(wantedSettings) !== settingsOf(hadSettings)) {
    const mend = changeSettings(other, column, there);
    pushColumn(found, 'different', 'COLUMN SETTING', table, column, there, mend, make, table.order);
  }
}

const sameExpression = (a: Column['default'], b: Column['default'], same: Comparison): boolean =>
  a === null || b === null ? a === b : same(a.comparable, b.comparable);

/** A sequence's name is nothing to its column. */
const identity = (column: Column): string =>
  (column.identity?.comparable ?? '').replace(/sequence name .*? (?=start|increment|no |minvalue|maxvalue|cache)/, '').replaceAll(' ', '');

function sameColumn(a: Column | undefined, b: Column | undefined, same: Comparison): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.notNull === b.notNull && same(columnDefinition(withoutNames(a)), columnDefinition(withoutNames(b)));
}
