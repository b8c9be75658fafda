// Definitions that come or go together with others: those of partitions with their parent's, sequences with their
// columns, parts with what they are part of.
import type { TableName } from '../../../shared/contract/common.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { definitionKey, type Definition, type SchemaModel } from './model.ts';
import { nameOf, tokensOf } from './sql-tokens.ts';

/** How a partition's CHECK constraint differs where its parent's does too: what mends the parent mends it. */
export function fromParent(definition: Definition, backup: SchemaModel, live: SchemaModel): 'missing' | 'different' | 'extra' | null {
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
export function inheritedIn(definition: Definition, model: SchemaModel): boolean {
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
export function beforeItsColumn(definition: Definition, backup: SchemaModel, live: SchemaModel): number | null {
  const owner = ownerOf(definition, backup);
  if (owner === null) return null;
  const [table, there] = [backup.tables.get(tableKey(owner.table)), live.tables.get(tableKey(owner.table))];
  return table === undefined || there === undefined || there.columns?.has(owner.column) === true ? null : table.order - 0.5;
}

/** Dropped together with something else that is in excess. */
export function goesWithAnother(definition: Definition, backup: SchemaModel, live: SchemaModel): boolean {
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
