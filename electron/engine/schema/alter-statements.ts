// What an ALTER statement adds to definitions, or defines by itself.
import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { readNotNull } from './not-null.ts';
import { qualified } from './routine-names.ts';
import { emptyColumn, notNull, ofNoSchema, type SchemaBuilder } from './schema-builder.ts';
import { comparable, nameOf, sourceOf, splitTopLevel, TokenReader } from './sql-tokens.ts';
import { constraintKind, expressionOf } from './table-columns.ts';

export function readAlter(model: SchemaBuilder, text: string, reader: TokenReader): void {
  if (reader.take('table') || reader.take('foreign', 'table')) return alterTable(model, text, reader);
  if (reader.take('index')) {
    const parent = reader.name();
    if (parent === null || !reader.take('attach', 'partition')) return;
    const child = model.full(reader.name() ?? { schema: '', table: '' });
    return model.put({ ...model.part('INDEX ATTACH', child, text), comparable: qualified(model.full(parent)), drop: null });
  }
  if (reader.take('sequence')) {
    const name = reader.name();
    if (name === null || !reader.take('owned', 'by')) return;
    const sequence = model.full(name);
    const owner = comparable(reader.rest());
    return model.put({
      ...model.part('SEQUENCE OWNED BY', sequence, text),
      comparable: owner,
      drop: `ALTER SEQUENCE ${qualified(sequence)} OWNED BY NONE;`,
    });
  }
  alterOther(model, text, reader);
}

/** `ALTER TEXT SEARCH CONFIGURATION … ADD MAPPING`, `ALTER PUBLICATION … ADD TABLE` and the like go on with what was made. */
function alterOther(model: SchemaBuilder, text: string, reader: TokenReader): void {
  const kinds: [string[], string][] = [
    [['text', 'search', 'configuration'], 'TEXT SEARCH CONFIGURATION'],
    [['event', 'trigger'], 'EVENT TRIGGER'],
    [['domain'], 'DOMAIN'],
    [['statistics'], 'STATISTICS'],
  ];
  for (const [words, type] of kinds) {
    if (!reader.take(...words)) continue;
    const name = reader.name();
    if (name === null || reader.sees('owner', 'to')) return;
    const full = ofNoSchema.has(type) ? { schema: '', table: name.table } : model.full(name);
    return model.extend({ type, schema: full.schema, name: full.table }, text, comparable(reader.rest()));
  }
  if (reader.take('publication')) {
    const name = reader.name();
    if (name === null || reader.sees('owner', 'to') || !reader.take('add')) return;
    const what = comparable(reader.rest()).replace(/^table only /, 'table ');
    model.put({
      type: 'PUBLICATION TABLE',
      schema: '',
      name: `${name.table} ${what}`,
      table: null,
      sql: `${text};`,
      comparable: what,
      drop: `ALTER PUBLICATION ${quoteIdentifier(name.table)} DROP ${sourceOf(text, reader.tokens.slice(4)).replace(/\s+(WHERE|\()[\s\S]*$/, '')};`,
      order: model.order,
    });
  }
}

function alterTable(model: SchemaBuilder, text: string, reader: TokenReader): void {
  reader.take('if', 'exists');
  reader.take('only');
  const written = reader.name();
  if (written === null || reader.sees('owner', 'to')) return;
  const table = model.full(written);
  if (reader.take('add', 'constraint')) {
    const name = reader.name();
    const kind = constraintKind(reader);
    if (name === null || kind === null) return;
    const rest = reader.rest();
    if (kind === 'NOT NULL') {
      // Rows that were there before may hold NULL: of the column itself nothing is promised.
      if (comparable(rest).endsWith(' not valid'))
        return model.constraint(table, name.table, 'NOT NULL CONSTRAINT', text, comparable(rest));
      const column = model.tables.get(tableKey(table))?.columns?.get(rest[2] === undefined ? '' : nameOf(rest[2]));
      const more = new TokenReader(rest.slice(3));
      if (column !== undefined) readNotNull(more, column, name.table);
      return;
    }
    if (rest[0]?.value === 'primary') {
      const columns = model.tables.get(tableKey(table))?.columns;
      for (const part of splitTopLevel(new TokenReader(rest.slice(2)).group() ?? []))
        if (part[0] !== undefined) notNull(columns?.get(nameOf(part[0])));
    }
    return model.constraint(table, name.table, kind, text, comparable(rest));
  }
  if (reader.take('alter', 'column') || reader.take('alter')) return alterColumn(model, text, reader, table);
  if (reader.take('attach', 'partition')) {
    const child = model.full(reader.name() ?? { schema: '', table: '' });
    const found = model.tables.get(tableKey(child));
    if (found !== undefined) found.partitionOf = table;
    return model.attached(
      text,
      child,
      table,
      comparable(reader.rest()),
      `ALTER TABLE ${qualified(table)} DETACH PARTITION ${qualified(child)};`,
    );
  }
  if (reader.sees('enable', 'row', 'level') || reader.sees('force', 'row', 'level')) {
    const force = reader.sees('force');
    const undo = force ? 'NO FORCE' : 'DISABLE';
    return model.put({
      ...model.part(force ? 'FORCE ROW SECURITY' : 'ROW SECURITY', table, text),
      table,
      comparable: '',
      drop: `ALTER TABLE ${qualified(table)} ${undo} ROW LEVEL SECURITY;`,
    });
  }
  if (reader.take('cluster', 'on')) {
    return model.put({
      ...model.part('CLUSTER', table, text),
      table,
      comparable: comparable(reader.rest()),
      drop: `ALTER TABLE ${qualified(table)} SET WITHOUT CLUSTER;`,
    });
  }
  if (reader.take('replica', 'identity')) {
    return model.put({
      ...model.part('REPLICA IDENTITY', table, text),
      table,
      comparable: comparable(reader.rest()),
      drop: `ALTER TABLE ${qualified(table)} REPLICA IDENTITY DEFAULT;`,
    });
  }
  // ENABLE ALWAYS TRIGGER, DISABLE RULE …: how a part of the table is switched.
  const from = reader.at;
  reader.until((at) => at.sees('trigger') || at.sees('rule'));
  const type = reader.tokens[reader.at++]?.value.toUpperCase();
  const part = type === undefined ? null : reader.name();
  if (part === null || type === undefined) return;
  const state = comparable(reader.tokens.slice(from, reader.at));
  model.extend({ type, schema: table.schema, name: `${table.table} ${part.table}` }, text, state);
}

function alterColumn(model: SchemaBuilder, text: string, reader: TokenReader, table: TableName): void {
  const name = reader.name();
  const definition = model.tables.get(tableKey(table));
  if (name === null || definition === undefined) return viewDefault(model, text, reader, table, name);
  let column = definition.columns?.get(name.table);
  if (column === undefined) {
    // An inherited column that the child's CREATE TABLE does not list.
    column = { ...emptyColumn(name.table), type: { sql: '', comparable: '' } };
    definition.columns?.set(name.table, column);
  }
  if (reader.take('set', 'default')) column.default = expressionOf(text, reader.rest(), model.order);
  else if (reader.take('set', 'not', 'null')) column.notNull = true;
  else if (reader.take('add')) column.identity = expressionOf(text, reader.rest(), model.order);
  else if (reader.take('set', 'storage')) column.settings.set('STORAGE', comparable(reader.rest()).toUpperCase());
  else if (reader.take('set', 'statistics')) column.settings.set('STATISTICS', comparable(reader.rest()));
  else if (reader.take('set', 'compression')) column.settings.set('COMPRESSION', comparable(reader.rest()));
  else if (reader.sees('set', '(')) column.settings.set('(', comparable(reader.rest().slice(1)));
  else if (reader.take('options')) column.settings.set('OPTIONS', comparable(reader.group() ?? []));
}

/** Columns of views have defaults, too. */
function viewDefault(model: SchemaBuilder, text: string, reader: TokenReader, table: TableName, name: TableName | null): void {
  if (name === null || !reader.take('set', 'default')) return;
  model.put({
    ...model.part('DEFAULT', { schema: table.schema, table: `${table.table} ${name.table}` }, text),
    table,
    comparable: comparable(reader.rest()),
    drop: `ALTER TABLE ${qualified(table)} ALTER COLUMN ${quoteIdentifier(name.table)} DROP DEFAULT;`,
  });
}
