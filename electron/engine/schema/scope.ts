// What a dump can speak for: the whole database, or only what was chosen when it was made.
import type { TableName } from '../../../shared/contract/common.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { SchemaModel } from './model.ts';
import { TokenReader, tokensOf } from './sql-tokens.ts';

/** What a dump speaks for. Of all else it cannot be said that the target has it in excess. */
export type Scope = {
  /** Whole database, whole schemas, or its own tables alone. */
  kind: 'whole' | 'schemas' | 'tables';
  schemas: Set<string>;
};

/** From the manifest where it is a backup of ours; else from what the definitions refer to and the dump does not hold. */
export function scopeOf(model: SchemaModel, manifest: Record<string, unknown> | null): Scope {
  const options = (manifest?.['options'] ?? null) as { tables?: unknown[]; schemas?: string[] } | null;
  const schemas = new Set<string>();
  if (options !== null) {
    if ((options.tables?.length ?? 0) > 0) return { kind: 'tables', schemas };
    if ((options.schemas?.length ?? 0) > 0) return { kind: 'schemas', schemas: new Set(options.schemas) };
    return { kind: 'whole', schemas };
  }
  const definitions = [...model.definitions.values()];
  const tables = [...model.tables.values()];
  if (tables.every((table) => table.namesOnly)) return { kind: 'tables', schemas };
  const defined = new Set(definitions.filter(({ type }) => type === 'SCHEMA').map(({ name }) => name));
  const undefinedSchemas = [...tables.map(({ schema }) => schema), ...definitions.map(({ schema }) => schema)].some(
    (schema) => schema !== '' && schema !== 'public' && !defined.has(schema),
  );
  if (undefinedSchemas || refersElsewhere(model)) return { kind: 'tables', schemas };
  // What belongs to no schema is in no dump of chosen schemas.
  if (definitions.some(({ type }) => ofTheDatabase.has(type))) return { kind: 'whole', schemas };
  return { kind: 'schemas', schemas: new Set([...defined, 'public']) };
}

const ofTheDatabase = new Set([
  'EXTENSION',
  'EVENT TRIGGER',
  'PUBLICATION',
  'FOREIGN DATA WRAPPER',
  'SERVER',
  'CAST',
  'PROCEDURAL LANGUAGE',
]);

/** A foreign key to a table that is not there, a parent, or the function of a trigger: only some tables were dumped. */
function refersElsewhere(model: SchemaModel): boolean {
  const lacks = (table: TableName): boolean => table.schema !== '' && !model.tables.has(tableKey(table));
  for (const table of model.tables.values()) {
    if (table.inherits.some(lacks) || (table.partitionOf !== null && lacks(table.partitionOf))) return true;
  }
  const functions = new Set(
    [...model.definitions.values()].filter(({ type }) => type === 'FUNCTION').map(({ schema, name }) => `${schema}.${name}`),
  );
  const extensions = [...model.definitions.values()].some(({ type }) => type === 'EXTENSION');
  for (const { type, schema, sql } of model.definitions.values()) {
    const tokens = new TokenReader(type === 'FK CONSTRAINT' || type === 'TRIGGER' ? tokensOf(sql) : []);
    if (type === 'FK CONSTRAINT') {
      tokens.until((at) => at.sees('references'));
      tokens.at++;
      const name = tokens.name();
      if (name !== null && lacks({ schema: name.schema || schema, table: name.table })) return true;
    }
    if (type === 'TRIGGER' && !extensions) {
      tokens.until((at) => at.sees('execute'));
      tokens.at += 2;
      const name = tokens.name();
      if (name !== null && name.schema !== '' && name.schema !== 'pg_catalog' && !functions.has(`${name.schema}.${name.table}()`))
        return true;
    }
  }
  return false;
}

/** Whether the dump would have what is in the schema. */
export const spokenFor = (scope: Scope, schema: string): boolean =>
  scope.kind === 'whole' || (scope.kind === 'schemas' && scope.schemas.has(schema));
