// Turns the statements of a dump into a model of the schema. Every statement says itself what it defines; what a
// dump's comments or table of contents say beside it is not needed, so scripts of any origin are read alike.
import type { TableName } from '../../../shared/contract/common.ts';
import { readAlter } from './alter-statements.ts';
import { readCreate } from './create-statements.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { SchemaModel } from './model.ts';
import { emptyColumn, emptyTable, SchemaBuilder } from './schema-builder.ts';
import { TokenReader, type Token } from './sql-tokens.ts';

export type StatementReader = {
  /** One statement without its semicolon. `schema`: where unqualified names are looked for. `drop`: its DROP, where known. */
  read(text: string, tokens: Token[], schema: string, drop?: string): void;
  /** Columns of a table that only rows are known of, as COPY names them. */
  rowsOf(table: TableName, columns: string[]): void;
  result(facts: Pick<SchemaModel, 'unqualified' | 'canonical' | 'serverMajor'>): SchemaModel;
};

export function statementReader(): StatementReader {
  const model = new SchemaBuilder();
  return {
    read(text, tokens, schema, drop) {
      model.order++;
      model.path = schema;
      model.drop = drop ?? null;
      const reader = new TokenReader(tokens);
      if (reader.take('create')) readCreate(model, text, reader);
      else if (reader.take('alter')) readAlter(model, text, reader);
    },
    rowsOf(table, columns) {
      const key = tableKey(table);
      if (model.tables.has(key)) return;
      model.tables.set(key, {
        ...emptyTable(table, 'TABLE', '', model.order),
        namesOnly: true,
        columns: new Map(columns.map((name) => [name, emptyColumn(name)])),
      });
    },
    result: (facts) => ({ ...facts, tables: model.tables, definitions: model.definitions }),
  };
}
