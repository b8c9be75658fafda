// What a schema is to a comparison: definitions by what they define, whatever program or version wrote them down.
import type { TableName } from '../../../shared/contract/common.ts';

export type Definition = {
  /** pg_dump's own words: `INDEX`, `FK CONSTRAINT`, `FUNCTION` … */
  type: string;
  schema: string;
  /** With the arguments of functions; parts of a table stand behind its name: `orders orders_pkey`. */
  name: string;
  /** The table (or view) that it is part of. */
  table: TableName | null;
  /** The statements as written, each with its semicolon. */
  sql: string;
  /** Equal for equal definitions. */
  comparable: string;
  /** The statement that drops it; null where there is none. */
  drop: string | null;
  /** Its place in the dump: what comes later may need what comes before. */
  order: number;
};

export type Column = {
  name: string;
  /** As written and comparable. */
  type: { sql: string; comparable: string };
  collation: string | null;
  notNull: boolean;
  default: Expression | null;
  /** The expression with STORED or without. */
  generated: Expression | null;
  /** What stands behind `ADD`: `GENERATED ALWAYS AS IDENTITY (…)`. */
  identity: Expression | null;
  /** STORAGE, STATISTICS, COMPRESSION, attribute options: statements behind ALTER COLUMN. */
  settings: Map<string, string>;
};

export type Expression = { sql: string; comparable: string; order: number };

export type TableDefinition = {
  schema: string;
  name: string;
  kind: 'TABLE' | 'FOREIGN TABLE';
  /** Null where the definition does not list them (`PARTITION OF`), or where only rows are known. */
  columns: Map<string, Column> | null;
  /** Only the names are known, from the COPY of a dump without definitions; types and all else are empty. */
  namesOnly: boolean;
  partitionBy: string | null;
  /** Tables that it inherits from, as comparable names. */
  inherits: TableName[];
  partitionOf: TableName | null;
  unlogged: boolean;
  /** `WITH (…)`, `USING …`, `SERVER … OPTIONS …`. */
  options: string;
  sql: string;
  order: number;
};

export type SchemaModel = {
  tables: Map<string, TableDefinition>;
  /** By `definitionKey`. */
  definitions: Map<string, Definition>;
  /** Names are written for a search path, as pg_dump did before 10.3. */
  unqualified: boolean;
  /** By pg_dump, whose words are the same for the same thing; a script by hand can be compared only in part. */
  canonical: boolean;
  /** Version of the server that printed the definitions; null where unknown. */
  serverMajor: number | null;
};

/** One name space an object type; parts of a table have one a table. */
export const definitionKey = (definition: Pick<Definition, 'type' | 'schema' | 'name'>): string =>
  JSON.stringify([spaceOf(definition.type), definition.schema, definition.name]);

/** Things of different types that cannot both bear one name. */
function spaceOf(type: string): string {
  if (type === 'FUNCTION' || type === 'PROCEDURE' || type === 'AGGREGATE') return 'ROUTINE';
  if (type === 'VIEW' || type === 'MATERIALIZED VIEW') return 'VIEW';
  if (type === 'TYPE' || type === 'DOMAIN' || type === 'SHELL TYPE') return 'TYPE';
  if (type === 'CONSTRAINT' || type === 'FK CONSTRAINT' || type === 'CHECK CONSTRAINT' || type === 'NOT NULL CONSTRAINT')
    return 'CONSTRAINT';
  return type;
}
