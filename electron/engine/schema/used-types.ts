// Which types of their own the columns of some tables are made of, down through domains and composite types.
import type { TableName } from '../../../shared/contract/common.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { definitionKey, type SchemaModel } from './model.ts';
import { nameOf, tokensOf } from './sql-tokens.ts';

/** `[schema, name]` as JSON, of either side. */
export function usedTypes(tables: TableName[], models: SchemaModel[]): Set<string> {
  const used = new Set<string>();
  for (const model of models) {
    const mention = (sql: string, schema: string): void => {
      for (const name of namesIn(sql, schema)) {
        const key = JSON.stringify([name.schema, name.table]);
        if (used.has(key)) continue;
        const definition = model.definitions.get(definitionKey({ type: 'TYPE', schema: name.schema, name: name.table }));
        if (definition === undefined) continue;
        used.add(key);
        mention(definition.sql, definition.schema);
      }
    };
    for (const table of tables)
      for (const column of model.tables.get(tableKey(table))?.columns?.values() ?? []) mention(column.type.sql, table.schema);
  }
  return used;
}

/** Every name in the text, qualified or not: what is no type is not found as one. */
function namesIn(sql: string, schema: string): TableName[] {
  const tokens = tokensOf(sql);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'name') return [];
    const [dot, owner] = [tokens[index - 1], tokens[index - 2]];
    return [{ schema: dot?.text === '.' && owner !== undefined ? nameOf(owner) : schema, table: nameOf(token) }];
  });
}
