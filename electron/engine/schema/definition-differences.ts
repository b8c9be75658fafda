// How everything but tables and columns differs: indexes, functions, views, types …
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { Comparison } from './comparison.ts';
import { dropFirst, dropLast, make, makeLast, push, type Found } from './found.ts';
import { fromParent, goesWithAnother, inheritedIn, beforeItsColumn } from './gone-with.ts';
import { change, create } from './mend-definitions.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Definition, SchemaModel } from './model.ts';
import { spokenFor, type Scope } from './scope.ts';

/** They go first. All else that is in excess may still be used by what is changed. */
const leaves = new Set([
  'FK CONSTRAINT',
  'CONSTRAINT',
  'CHECK CONSTRAINT',
  'NOT NULL CONSTRAINT',
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

export function compareDefinitions(backup: SchemaModel, live: SchemaModel, scope: Scope, same: Comparison, found: Found[]): void {
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
