// What a CREATE statement defines.
import { quoteIdentifier } from '../postgres/connection.ts';
import { readCreateTable } from './create-table.ts';
import { argumentTypes, qualified } from './routine-names.ts';
import { ofNoSchema, type SchemaBuilder } from './schema-builder.ts';
import { comparable, nameOf, splitTopLevel, TokenReader, type Token } from './sql-tokens.ts';
import { typeName } from './table-columns.ts';

/** Kinds of CREATE whose name comes straight behind. */
const named: [words: string[], type: string][] = [
  [['foreign', 'data', 'wrapper'], 'FOREIGN DATA WRAPPER'],
  [['text', 'search', 'configuration'], 'TEXT SEARCH CONFIGURATION'],
  [['text', 'search', 'dictionary'], 'TEXT SEARCH DICTIONARY'],
  [['text', 'search', 'parser'], 'TEXT SEARCH PARSER'],
  [['text', 'search', 'template'], 'TEXT SEARCH TEMPLATE'],
  [['materialized', 'view'], 'MATERIALIZED VIEW'],
  [['recursive', 'view'], 'VIEW'],
  [['view'], 'VIEW'],
  [['sequence'], 'SEQUENCE'],
  [['schema'], 'SCHEMA'],
  [['domain'], 'DOMAIN'],
  [['type'], 'TYPE'],
  [['collation'], 'COLLATION'],
  [['conversion'], 'CONVERSION'],
  [['default', 'conversion'], 'CONVERSION'],
  [['server'], 'SERVER'],
  [['statistics'], 'STATISTICS'],
  [['publication'], 'PUBLICATION'],
  [['subscription'], 'SUBSCRIPTION'],
  [['access', 'method'], 'ACCESS METHOD'],
  [['procedural', 'language'], 'PROCEDURAL LANGUAGE'],
  [['language'], 'PROCEDURAL LANGUAGE'],
  [['event', 'trigger'], 'EVENT TRIGGER'],
];

export function readCreate(model: SchemaBuilder, text: string, reader: TokenReader): void {
  let unlogged = false;
  let aside = '';
  for (;;) {
    if (reader.take('or', 'replace') || reader.take('global') || reader.take('local') || reader.take('trusted')) continue;
    if (reader.take('unlogged')) unlogged = true;
    else if (reader.take('temp') || reader.take('temporary')) return;
    else if (reader.sees('unique', 'index') || reader.sees('constraint', 'trigger')) aside = reader.tokens[reader.at++]?.value ?? '';
    else break;
  }
  if (reader.take('table')) return readCreateTable(model, text, reader, 'TABLE', unlogged);
  if (reader.take('foreign', 'table')) return readCreateTable(model, text, reader, 'FOREIGN TABLE', false);
  if (reader.take('index')) return readIndex(model, text, reader, aside !== '');
  if (reader.take('trigger')) return readPartOfTable(model, text, reader, 'TRIGGER');
  if (reader.take('policy')) return readPartOfTable(model, text, reader, 'POLICY');
  if (reader.take('rule')) return readPartOfTable(model, text, reader, 'RULE');
  if (reader.take('extension')) return readExtension(model, text, reader);
  for (const type of ['FUNCTION', 'PROCEDURE', 'AGGREGATE'] as const)
    if (reader.take(type.toLowerCase())) return readRoutine(model, text, reader, type);
  if (reader.take('operator')) return readOperator(model, text, reader);
  if (reader.take('cast')) return addBare(model, text, reader, 'CAST', comparable(reader.group() ?? []));
  if (reader.take('transform', 'for')) return addBare(model, text, reader, 'TRANSFORM', comparable(reader.until((at) => at.sees('('))));
  if (reader.take('user', 'mapping'))
    return addBare(model, text, reader, 'USER MAPPING', comparable(reader.until((at) => at.sees('options'))));
  for (const [words, type] of named) {
    if (!reader.take(...words)) continue;
    reader.take('if', 'not', 'exists');
    const name = reader.name();
    if (name === null) return;
    const shell = type === 'TYPE' && reader.done;
    const full = ofNoSchema.has(type) ? { schema: '', table: name.table } : model.full(name);
    const tokens = type === 'STATISTICS' ? columnsSorted(reader.tokens) : reader.tokens;
    model.add(text, tokens, shell ? 'SHELL TYPE' : type, full.schema, full.table, null);
    return;
  }
}

function readIndex(model: SchemaBuilder, text: string, reader: TokenReader, unique: boolean): void {
  reader.take('concurrently');
  reader.take('if', 'not', 'exists');
  const name = reader.sees('on') ? null : reader.name();
  if (!reader.take('on')) return;
  const only = reader.take('only');
  const written = reader.name();
  if (written === null || name === null) return;
  const table = model.full(written);
  const rest = comparable(reader.rest()).replace(/^using btree /, '');
  model.put({
    type: 'INDEX',
    schema: table.schema,
    name: `${name.table}`,
    table,
    sql: `${text};`,
    comparable: `${unique ? 'unique ' : ''}${only ? 'only ' : ''}${qualified(table)} ${rest}`,
    drop: `DROP INDEX ${qualified({ schema: table.schema, table: name.table })};`,
    order: model.order,
  });
}

/** `CREATE TRIGGER name … ON table`, policies, and rules (`… TO table`). */
function readPartOfTable(model: SchemaBuilder, text: string, reader: TokenReader, type: 'TRIGGER' | 'POLICY' | 'RULE'): void {
  const name = reader.name();
  if (name === null) return;
  if (type === 'RULE') {
    reader.until((at) => at.sees('on'));
    reader.until((at) => at.sees('to'));
  } else reader.until((at) => at.sees('on'));
  reader.at++;
  const written = reader.name();
  if (written === null) return;
  const table = model.full(written);
  const text2 = comparable(reader.tokens)
    .replace('execute procedure', 'execute function')
    .replace(/^create or replace /, 'create ');
  model.put({
    type,
    schema: table.schema,
    name: `${table.table} ${name.table}`,
    table,
    sql: `${text};`,
    comparable: text2,
    drop: `DROP ${type} ${quoteIdentifier(name.table)} ON ${qualified(table)};`,
    order: model.order,
  });
}

function readExtension(model: SchemaBuilder, text: string, reader: TokenReader): void {
  reader.take('if', 'not', 'exists');
  const name = reader.name();
  if (name !== null) model.add(text, reader.tokens, 'EXTENSION', '', name.table, null);
}

function readRoutine(model: SchemaBuilder, text: string, reader: TokenReader, type: string): void {
  const written = reader.name();
  if (written === null) return;
  const name = model.full(written);
  const types = argumentTypes(reader.group() ?? [], type === 'AGGREGATE');
  model.drop ??= `DROP ${type} ${qualified(name)}(${types});`;
  model.add(text, reader.tokens, type, name.schema, `${name.table}(${types})`, null);
}

function readOperator(model: SchemaBuilder, text: string, reader: TokenReader): void {
  if (reader.sees('class') || reader.sees('family')) {
    const type = `OPERATOR ${reader.tokens[reader.at++]?.value.toUpperCase() ?? ''}`;
    const written = reader.name();
    if (written === null) return;
    const name = model.full(written);
    reader.until((at) => at.sees('using'));
    reader.at++;
    const method = reader.name()?.table ?? '';
    model.drop ??= `DROP ${type} ${qualified(name)} USING ${quoteIdentifier(method)};`;
    return model.add(text, reader.tokens, type, name.schema, `${name.table} USING ${method}`, null);
  }
  const begin = reader.at;
  reader.until((at) => at.sees('('));
  const [symbol] = reader.tokens.slice(reader.at - 1);
  const schema = reader.at - begin > 1 ? nameOf(reader.tokens[begin] as Token) : model.path;
  const parts = new Map(splitTopLevel(reader.group() ?? []).map((part) => [part[0]?.value ?? '', typeName(part.slice(2))]));
  const sides = ['leftarg', 'rightarg'].map((side) => parts.get(side) ?? 'NONE').join(', ');
  model.drop ??= `DROP OPERATOR ${quoteIdentifier(schema)}.${symbol?.text ?? ''} (${sides.replaceAll(' . ', '.')});`;
  model.add(text, reader.tokens, 'OPERATOR', schema, `${symbol?.text ?? ''} (${sides})`, null);
}

/** Things without a name of their own. */
function addBare(model: SchemaBuilder, text: string, reader: TokenReader, type: string, name: string): void {
  model.add(text, reader.tokens, type, '', name, null);
}

/** Statistics list their columns in the table's order, which is nothing to them. */
function columnsSorted(tokens: readonly Token[]): Token[] {
  const reader = new TokenReader(tokens);
  reader.until((at) => at.sees('on'));
  const head = tokens.slice(0, ++reader.at);
  const columns = splitTopLevel(reader.until((at) => at.sees('from')));
  return [...head, ...columns.toSorted((a, b) => (comparable(a) < comparable(b) ? -1 : 1)).flat(), ...reader.rest()];
}
