// What is known of a schema while its statements are read.
import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { definitionKey, type Column, type Definition, type TableDefinition } from './model.ts';
import { qualified } from './routine-names.ts';
import { comparable, type Token } from './sql-tokens.ts';

/** Those whose names have no schema. */
export const ofNoSchema = new Set([
  'SCHEMA',
  'SERVER',
  'FOREIGN DATA WRAPPER',
  'PUBLICATION',
  'SUBSCRIPTION',
  'ACCESS METHOD',
  'PROCEDURAL LANGUAGE',
  'EVENT TRIGGER',
]);

export class SchemaBuilder {
  readonly tables = new Map<string, TableDefinition>();
  readonly definitions = new Map<string, Definition>();
  /** The statement's place in the dump. */
  order = 0;
  /** Where unqualified names are looked for. */
  path = 'public';
  /** The statement's DROP, where the dump has it. */
  drop: string | null = null;

  put(definition: Definition): void {
    const before = this.definitions.get(definitionKey(definition));
    // A view in a circle of dependencies is made empty first, and whole where its rule would be: what stands last counts.
    this.definitions.set(
      definitionKey(definition),
      before === undefined ? definition : { ...definition, drop: before.drop ?? definition.drop },
    );
  }

  /** Text that belongs to a definition made before. */
  extend(of: { type: string; schema: string; name: string }, text: string, more: string): void {
    const known = this.definitions.get(definitionKey(of));
    if (known === undefined) return;
    known.sql += `\n${text};`;
    known.comparable += ` ; ${more}`;
  }

  full(name: TableName): TableName {
    return name.schema === '' ? { schema: this.path, table: name.table } : name;
  }

  constraint(table: TableName, name: string, kind: string, statement: string, comparableText: string): void {
    const on = `ALTER TABLE ${qualified(table)}`;
    this.put({
      type: kind,
      schema: table.schema,
      name: `${table.table} ${name}`,
      table,
      sql: `${statement};`,
      comparable: comparableText,
      drop: `${on} DROP CONSTRAINT ${quoteIdentifier(name)};`,
      order: this.order,
    });
  }

  part(type: string, name: TableName, text: string): Definition {
    return { type, schema: name.schema, name: name.table, table: null, sql: `${text};`, comparable: '', drop: null, order: this.order };
  }

  add(text: string, tokens: readonly Token[], type: string, schema: string, name: string, table: TableName | null): void {
    const written = ofNoSchema.has(type) || schema === '' ? quoteIdentifier(name) : qualified({ schema, table: name });
    this.put({
      type,
      schema,
      name,
      table,
      sql: `${text};`,
      comparable: comparable(tokens).replace(/^create or replace /, 'create '),
      drop: this.drop ?? `DROP ${type === 'PROCEDURAL LANGUAGE' ? 'LANGUAGE' : type} ${written};`,
      order: this.order,
    });
  }

  attached(text: string, child: TableName, parent: TableName, bound: string, drop: string | null): void {
    this.put({ ...this.part('TABLE ATTACH', child, text), table: child, comparable: `${qualified(parent)} ${bound}`, drop });
  }
}

export const emptyColumn = (name: string): Column => ({
  name,
  type: { sql: '', comparable: '' },
  collation: null,
  notNull: false,
  default: null,
  generated: null,
  identity: null,
  settings: new Map(),
});

export const emptyTable = (table: TableName, kind: TableDefinition['kind'], sql: string, order: number): TableDefinition => ({
  schema: table.schema,
  name: table.table,
  kind,
  columns: new Map(),
  namesOnly: false,
  partitionBy: null,
  inherits: [],
  partitionOf: null,
  unlogged: false,
  options: '',
  sql,
  order,
});

export function notNull(column: Column | undefined): void {
  if (column !== undefined) column.notNull = true;
}
