// Turns the statements of a dump into a model of the schema. Every statement says itself what it defines; what a
// dump's comments or table of contents say beside it is not needed, so scripts of any origin are read alike.
import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { definitionKey, tableKey, type Column, type Definition, type SchemaModel, type TableDefinition } from './model.ts';
import { argumentTypes, qualified } from './routine-names.ts';
import { comparable, nameOf, sourceOf, splitTopLevel, TokenReader, tokensOf, type Token } from './sql-tokens.ts';
import { constraintKind, expressionOf, readColumn, typeName, type TableConstraint } from './table-columns.ts';

export type StatementReader = {
  /** One statement without its semicolon. `schema`: where unqualified names are looked for. `drop`: its DROP, where known. */
  read(text: string, tokens: Token[], schema: string, drop?: string): void;
  /** Columns of a table that only rows are known of, as COPY names them. */
  rowsOf(table: TableName, columns: string[]): void;
  result(facts: Pick<SchemaModel, 'unqualified' | 'canonical' | 'serverMajor'>): SchemaModel;
};

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
/** Those whose names have no schema. */
const global = new Set([
  'SCHEMA',
  'SERVER',
  'FOREIGN DATA WRAPPER',
  'PUBLICATION',
  'SUBSCRIPTION',
  'ACCESS METHOD',
  'PROCEDURAL LANGUAGE',
  'EVENT TRIGGER',
]);

export function statementReader(): StatementReader {
  return new Statements();
}

class Statements implements StatementReader {
  readonly #tables = new Map<string, TableDefinition>();
  readonly #definitions = new Map<string, Definition>();
  /** Defaults and the like can come before anything else that is known of a column. */
  #order = 0;
  #schema = 'public';
  #drop: string | null = null;

  read(text: string, tokens: Token[], schema: string, drop?: string): void {
    this.#order++;
    this.#schema = schema;
    this.#drop = drop ?? null;
    const reader = new TokenReader(tokens);
    if (reader.take('create')) this.#create(text, reader);
    else if (reader.take('alter')) this.#alter(text, reader);
  }

  rowsOf(table: TableName, columns: string[]): void {
    const key = tableKey(table);
    if (this.#tables.has(key)) return;
    this.#tables.set(key, {
      ...emptyTable(table, 'TABLE', '', this.#order),
      namesOnly: true,
      columns: new Map(columns.map((name) => [name, { ...emptyColumn(name) }])),
    });
  }

  result(facts: Pick<SchemaModel, 'unqualified' | 'canonical' | 'serverMajor'>): SchemaModel {
    return { ...facts, tables: this.#tables, definitions: this.#definitions };
  }

  #create(text: string, reader: TokenReader): void {
    let unlogged = false;
    let aside = '';
    for (;;) {
      if (reader.take('or', 'replace') || reader.take('global') || reader.take('local') || reader.take('trusted')) continue;
      if (reader.take('unlogged')) unlogged = true;
      else if (reader.take('temp') || reader.take('temporary')) return;
      else if (reader.sees('unique', 'index') || reader.sees('constraint', 'trigger')) aside = reader.tokens[reader.at++]?.value ?? '';
      else break;
    }
    if (reader.take('table')) return this.#table(text, reader, 'TABLE', unlogged);
    if (reader.take('foreign', 'table')) return this.#table(text, reader, 'FOREIGN TABLE', false);
    if (reader.take('index')) return this.#index(text, reader, aside !== '');
    if (reader.take('trigger')) return this.#partOfTable(text, reader, 'TRIGGER');
    if (reader.take('policy')) return this.#partOfTable(text, reader, 'POLICY');
    if (reader.take('rule')) return this.#partOfTable(text, reader, 'RULE');
    if (reader.take('extension')) return this.#extension(text, reader);
    for (const type of ['FUNCTION', 'PROCEDURE', 'AGGREGATE'] as const)
      if (reader.take(type.toLowerCase())) return this.#routine(text, reader, type);
    if (reader.take('operator')) return this.#operator(text, reader);
    if (reader.take('cast')) return this.#bare(text, reader, 'CAST', comparable(reader.group() ?? []));
    if (reader.take('transform', 'for')) return this.#bare(text, reader, 'TRANSFORM', comparable(reader.until((at) => at.sees('('))));
    if (reader.take('user', 'mapping'))
      return this.#bare(text, reader, 'USER MAPPING', comparable(reader.until((at) => at.sees('options'))));
    for (const [words, type] of named) {
      if (!reader.take(...words)) continue;
      reader.take('if', 'not', 'exists');
      const name = reader.name();
      if (name === null) return;
      const shell = type === 'TYPE' && reader.done;
      const full = global.has(type) ? { schema: '', table: name.table } : this.#full(name);
      const tokens = type === 'STATISTICS' ? columnsSorted(reader.tokens) : reader.tokens;
      this.#add(text, tokens, shell ? 'SHELL TYPE' : type, full.schema, full.table, null);
      return;
    }
  }

  #table(text: string, reader: TokenReader, kind: TableDefinition['kind'], unlogged: boolean): void {
    reader.take('if', 'not', 'exists');
    const written = reader.name();
    if (written === null) return;
    const table = this.#full(written);
    const found: TableDefinition = { ...emptyTable(table, kind, `${text};`, this.#order), unlogged };
    if (reader.take('partition', 'of')) {
      found.partitionOf = this.#full(reader.name() ?? { schema: '', table: '' });
      found.columns = null;
    } else if (reader.take('of')) {
      const from = reader.at;
      reader.name();
      found.options = `OF ${comparable(reader.tokens.slice(from, reader.at))} `;
    }
    const constraints: TableConstraint[] = [];
    const columns = new Map<string, Column>();
    if (reader.sees('as')) found.columns = null;
    for (const element of splitTopLevel(reader.group() ?? [])) this.#element(text, element, columns, constraints);
    if (found.columns !== null) found.columns = columns;
    const tail = new TokenReader(reader.rest());
    const options: string[] = [];
    while (!tail.done) {
      if (tail.take('inherits')) {
        found.inherits = splitTopLevel(tail.group() ?? []).map((part) =>
          this.#full(new TokenReader(part).name() ?? { schema: '', table: '' }),
        );
      } else if (tail.take('partition', 'by'))
        found.partitionBy = comparable(tail.until((at) => at.sees('with', '(') || at.sees('using') || at.sees('tablespace')));
      else if (tail.sees('for', 'values') || tail.sees('default')) {
        const bound = tail.until(
          (at) =>
            at.sees('partition', 'by') ||
            at.sees('server') ||
            at.sees('tablespace') ||
            (at.sees('with', '(') && at.peek(2)?.value !== 'modulus'),
        );
        this.#attached(text, table, found.partitionOf ?? table, comparable(bound), null);
      } else if (tail.take('tablespace')) tail.name();
      else if (tail.take('using', 'heap')) continue;
      else {
        const from = tail.at++;
        tail.until((at) => at.sees('inherits') || at.sees('partition', 'by') || at.sees('tablespace') || at.sees('using'));
        options.push(comparable(tail.tokens.slice(from, tail.at)));
      }
    }
    found.options = `${found.options}${options.join(' ')}`.trim();
    this.#tables.set(tableKey(table), found);
    for (const constraint of constraints) this.#inlineConstraint(table, constraint);
  }

  #element(text: string, tokens: Token[], columns: Map<string, Column>, constraints: TableConstraint[]): void {
    const reader = new TokenReader(tokens);
    let name: string | null = null;
    if (reader.take('constraint')) name = reader.name()?.table ?? null;
    const kind = constraintKind(reader);
    if (kind === 'NOT NULL') {
      reader.at += 2;
      const column = columns.get(reader.name()?.table ?? '');
      if (column !== undefined) column.notNull = true;
    } else if (kind !== null) {
      const rest = tokens.slice(reader.at);
      if (kind === 'CONSTRAINT') reader.take('primary', 'key');
      const at = new TokenReader(rest);
      at.until((now) => now.sees('('));
      const listed = splitTopLevel(at.group() ?? []).map((part) => (part[0] === undefined ? '' : nameOf(part[0])));
      if (rest[0]?.value === 'primary') for (const column of listed) notNull(columns.get(column));
      constraints.push({
        name,
        kind,
        columns: kind === 'CHECK CONSTRAINT' ? [] : listed,
        sql: sourceOf(text, rest),
        comparable: comparable(rest),
      });
    } else if (!reader.sees('like')) {
      const column = readColumn(text, tokens, this.#order, constraints);
      if (column !== null) columns.set(column.name, serial(column, this.#order));
    }
  }

  /** The server's own names for constraints without one. */
  #inlineConstraint(table: TableName, constraint: TableConstraint): void {
    const primary = constraint.comparable.startsWith('primary');
    const suffix = primary
      ? 'pkey'
      : constraint.kind === 'FK CONSTRAINT'
        ? 'fkey'
        : constraint.kind === 'CHECK CONSTRAINT'
          ? 'check'
          : 'key';
    const name = constraint.name ?? [table.table, ...(primary ? [] : constraint.columns), suffix].join('_');
    const statement = `ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${quoteIdentifier(name)} ${constraint.sql}`;
    this.#constraint(table, name, constraint.kind, statement, constraint.comparable);
  }

  #constraint(table: TableName, name: string, kind: string, statement: string, comparableText: string): void {
    const on = `ALTER TABLE ${qualified(table)}`;
    this.#put({
      type: kind,
      schema: table.schema,
      name: `${table.table} ${name}`,
      table,
      sql: `${statement};`,
      comparable: comparableText,
      drop: `${on} DROP CONSTRAINT ${quoteIdentifier(name)};`,
      order: this.#order,
    });
  }

  #index(text: string, reader: TokenReader, unique: boolean): void {
    reader.take('concurrently');
    reader.take('if', 'not', 'exists');
    const name = reader.sees('on') ? null : reader.name();
    if (!reader.take('on')) return;
    const only = reader.take('only');
    const written = reader.name();
    if (written === null || name === null) return;
    const table = this.#full(written);
    const rest = comparable(reader.rest()).replace(/^using btree /, '');
    this.#put({
      type: 'INDEX',
      schema: table.schema,
      name: `${name.table}`,
      table,
      sql: `${text};`,
      comparable: `${unique ? 'unique ' : ''}${only ? 'only ' : ''}${qualified(table)} ${rest}`,
      drop: `DROP INDEX ${qualified({ schema: table.schema, table: name.table })};`,
      order: this.#order,
    });
  }

  /** `CREATE TRIGGER name … ON table`, policies, and rules (`… TO table`). */
  #partOfTable(text: string, reader: TokenReader, type: 'TRIGGER' | 'POLICY' | 'RULE'): void {
    const name = reader.name();
    if (name === null) return;
    if (type === 'RULE') {
      reader.until((at) => at.sees('on'));
      reader.until((at) => at.sees('to'));
    } else reader.until((at) => at.sees('on'));
    reader.at++;
    const written = reader.name();
    if (written === null) return;
    const table = this.#full(written);
    const text2 = comparable(reader.tokens)
      .replace('execute procedure', 'execute function')
      .replace(/^create or replace /, 'create ');
    this.#put({
      type,
      schema: table.schema,
      name: `${table.table} ${name.table}`,
      table,
      sql: `${text};`,
      comparable: text2,
      drop: `DROP ${type} ${quoteIdentifier(name.table)} ON ${qualified(table)};`,
      order: this.#order,
    });
  }

  #extension(text: string, reader: TokenReader): void {
    reader.take('if', 'not', 'exists');
    const name = reader.name();
    if (name !== null) this.#add(text, reader.tokens, 'EXTENSION', '', name.table, null);
  }

  #routine(text: string, reader: TokenReader, type: string): void {
    const written = reader.name();
    if (written === null) return;
    const name = this.#full(written);
    const types = argumentTypes(reader.group() ?? [], type === 'AGGREGATE');
    this.#drop ??= `DROP ${type} ${qualified(name)}(${types});`;
    this.#add(text, reader.tokens, type, name.schema, `${name.table}(${types})`, null);
  }

  #operator(text: string, reader: TokenReader): void {
    if (reader.sees('class') || reader.sees('family')) {
      const type = `OPERATOR ${reader.tokens[reader.at++]?.value.toUpperCase() ?? ''}`;
      const written = reader.name();
      if (written === null) return;
      const name = this.#full(written);
      reader.until((at) => at.sees('using'));
      reader.at++;
      const method = reader.name()?.table ?? '';
      this.#drop ??= `DROP ${type} ${qualified(name)} USING ${quoteIdentifier(method)};`;
      return this.#add(text, reader.tokens, type, name.schema, `${name.table} USING ${method}`, null);
    }
    const begin = reader.at;
    reader.until((at) => at.sees('('));
    const [symbol] = reader.tokens.slice(reader.at - 1);
    const schema = reader.at - begin > 1 ? nameOf(reader.tokens[begin] as Token) : this.#schema;
    const parts = new Map(splitTopLevel(reader.group() ?? []).map((part) => [part[0]?.value ?? '', typeName(part.slice(2))]));
    const sides = ['leftarg', 'rightarg'].map((side) => parts.get(side) ?? 'NONE').join(', ');
    this.#drop ??= `DROP OPERATOR ${quoteIdentifier(schema)}.${symbol?.text ?? ''} (${sides.replaceAll(' . ', '.')});`;
    this.#add(text, reader.tokens, 'OPERATOR', schema, `${symbol?.text ?? ''} (${sides})`, null);
  }

  /** Things without a name of their own. */
  #bare(text: string, reader: TokenReader, type: string, name: string): void {
    this.#add(text, reader.tokens, type, '', name, null);
  }

  #alter(text: string, reader: TokenReader): void {
    if (reader.take('table') || reader.take('foreign', 'table')) return this.#alterTable(text, reader);
    if (reader.take('index')) {
      const parent = reader.name();
      if (parent === null || !reader.take('attach', 'partition')) return;
      const child = this.#full(reader.name() ?? { schema: '', table: '' });
      return this.#put({ ...this.#part('INDEX ATTACH', child, text), comparable: qualified(this.#full(parent)), drop: null });
    }
    if (reader.take('sequence')) {
      const name = reader.name();
      if (name === null || !reader.take('owned', 'by')) return;
      const sequence = this.#full(name);
      const owner = comparable(reader.rest());
      return this.#put({
        ...this.#part('SEQUENCE OWNED BY', sequence, text),
        comparable: owner,
        drop: `ALTER SEQUENCE ${qualified(sequence)} OWNED BY NONE;`,
      });
    }
    this.#alterOther(text, reader);
  }

  /** `ALTER TEXT SEARCH CONFIGURATION … ADD MAPPING`, `ALTER PUBLICATION … ADD TABLE` and the like go on with what was made. */
  #alterOther(text: string, reader: TokenReader): void {
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
      const full = global.has(type) ? { schema: '', table: name.table } : this.#full(name);
      return this.#extend({ type, schema: full.schema, name: full.table }, text, comparable(reader.rest()));
    }
    if (reader.take('publication')) {
      const name = reader.name();
      if (name === null || reader.sees('owner', 'to') || !reader.take('add')) return;
      const what = comparable(reader.rest()).replace(/^table only /, 'table ');
      this.#put({
        type: 'PUBLICATION TABLE',
        schema: '',
        name: `${name.table} ${what}`,
        table: null,
        sql: `${text};`,
        comparable: what,
        drop: `ALTER PUBLICATION ${quoteIdentifier(name.table)} DROP ${sourceOf(text, reader.tokens.slice(4)).replace(/\s+(WHERE|\()[\s\S]*$/, '')};`,
        order: this.#order,
      });
    }
  }

  #alterTable(text: string, reader: TokenReader): void {
    reader.take('if', 'exists');
    reader.take('only');
    const written = reader.name();
    if (written === null || reader.sees('owner', 'to')) return;
    const table = this.#full(written);
    if (reader.take('add', 'constraint')) {
      const name = reader.name();
      const kind = constraintKind(reader);
      if (name === null || kind === null) return;
      const rest = reader.rest();
      if (kind === 'NOT NULL')
        return notNull(this.#tables.get(tableKey(table))?.columns?.get(rest[2] === undefined ? '' : nameOf(rest[2])));
      if (rest[0]?.value === 'primary') {
        const columns = this.#tables.get(tableKey(table))?.columns;
        for (const part of splitTopLevel(new TokenReader(rest.slice(2)).group() ?? []))
          if (part[0] !== undefined) notNull(columns?.get(nameOf(part[0])));
      }
      return this.#constraint(table, name.table, kind, text, comparable(rest));
    }
    if (reader.take('alter', 'column') || reader.take('alter')) return this.#alterColumn(text, reader, table);
    if (reader.take('attach', 'partition')) {
      const child = this.#full(reader.name() ?? { schema: '', table: '' });
      const found = this.#tables.get(tableKey(child));
      if (found !== undefined) found.partitionOf = table;
      return this.#attached(
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
      return this.#put({
        ...this.#part(force ? 'FORCE ROW SECURITY' : 'ROW SECURITY', table, text),
        table,
        comparable: '',
        drop: `ALTER TABLE ${qualified(table)} ${undo} ROW LEVEL SECURITY;`,
      });
    }
    if (reader.take('cluster', 'on')) {
      return this.#put({
        ...this.#part('CLUSTER', table, text),
        table,
        comparable: comparable(reader.rest()),
        drop: `ALTER TABLE ${qualified(table)} SET WITHOUT CLUSTER;`,
      });
    }
    if (reader.take('replica', 'identity')) {
      return this.#put({
        ...this.#part('REPLICA IDENTITY', table, text),
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
    this.#extend({ type, schema: table.schema, name: `${table.table} ${part.table}` }, text, state);
  }

  #alterColumn(text: string, reader: TokenReader, table: TableName): void {
    const name = reader.name();
    const definition = this.#tables.get(tableKey(table));
    if (name === null || definition === undefined) return this.#viewDefault(text, reader, table, name);
    let column = definition.columns?.get(name.table);
    if (column === undefined) {
      // An inherited column that the child's CREATE TABLE does not list.
      column = { ...emptyColumn(name.table), type: { sql: '', comparable: '' } };
      definition.columns?.set(name.table, column);
    }
    if (reader.take('set', 'default')) column.default = expressionOf(text, reader.rest(), this.#order);
    else if (reader.take('set', 'not', 'null')) column.notNull = true;
    else if (reader.take('add')) column.identity = expressionOf(text, reader.rest(), this.#order);
    else if (reader.take('set', 'storage')) column.settings.set('STORAGE', comparable(reader.rest()).toUpperCase());
    else if (reader.take('set', 'statistics')) column.settings.set('STATISTICS', comparable(reader.rest()));
    else if (reader.take('set', 'compression')) column.settings.set('COMPRESSION', comparable(reader.rest()));
    else if (reader.sees('set', '(')) column.settings.set('(', comparable(reader.rest().slice(1)));
    else if (reader.take('options')) column.settings.set('OPTIONS', comparable(reader.group() ?? []));
  }

  /** Columns of views have defaults, too. */
  #viewDefault(text: string, reader: TokenReader, table: TableName, name: TableName | null): void {
    if (name === null || !reader.take('set', 'default')) return;
    this.#put({
      ...this.#part('DEFAULT', { schema: table.schema, table: `${table.table} ${name.table}` }, text),
      table,
      comparable: comparable(reader.rest()),
      drop: `ALTER TABLE ${qualified(table)} ALTER COLUMN ${quoteIdentifier(name.table)} DROP DEFAULT;`,
    });
  }

  #attached(text: string, child: TableName, parent: TableName, bound: string, drop: string | null): void {
    this.#put({ ...this.#part('TABLE ATTACH', child, text), table: child, comparable: `${qualified(parent)} ${bound}`, drop });
  }

  #part(type: string, name: TableName, text: string): Definition {
    return { type, schema: name.schema, name: name.table, table: null, sql: `${text};`, comparable: '', drop: null, order: this.#order };
  }

  #add(text: string, tokens: readonly Token[], type: string, schema: string, name: string, table: TableName | null): void {
    const written = global.has(type) || schema === '' ? quoteIdentifier(name) : qualified({ schema, table: name });
    this.#put({
      type,
      schema,
      name,
      table,
      sql: `${text};`,
      comparable: comparable(tokens).replace(/^create or replace /, 'create '),
      drop: this.#drop ?? `DROP ${type === 'PROCEDURAL LANGUAGE' ? 'LANGUAGE' : type} ${written};`,
      order: this.#order,
    });
  }

  #put(definition: Definition): void {
    const before = this.#definitions.get(definitionKey(definition));
    // A view in a circle of dependencies is made empty first, and whole where its rule would be: what stands last counts.
    this.#definitions.set(
      definitionKey(definition),
      before === undefined ? definition : { ...definition, drop: before.drop ?? definition.drop },
    );
  }

  /** Text that belongs to a definition made before. */
  #extend(of: { type: string; schema: string; name: string }, text: string, more: string): void {
    const known = this.#definitions.get(definitionKey(of));
    if (known === undefined) return;
    known.sql += `\n${text};`;
    known.comparable += ` ; ${more}`;
  }

  #full(name: TableName): TableName {
    return name.schema === '' ? { schema: this.#schema, table: name.table } : name;
  }
}

/** Statistics list their columns in the table's order, which is nothing to them. */
function columnsSorted(tokens: readonly Token[]): Token[] {
  const reader = new TokenReader(tokens);
  reader.until((at) => at.sees('on'));
  const head = tokens.slice(0, ++reader.at);
  const columns = splitTopLevel(reader.until((at) => at.sees('from')));
  return [...head, ...columns.toSorted((a, b) => (comparable(a) < comparable(b) ? -1 : 1)).flat(), ...reader.rest()];
}

const emptyColumn = (name: string): Column => ({
  name,
  type: { sql: '', comparable: '' },
  collation: null,
  notNull: false,
  default: null,
  generated: null,
  identity: null,
  settings: new Map(),
});

const emptyTable = (table: TableName, kind: TableDefinition['kind'], sql: string, order: number): TableDefinition => ({
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

function notNull(column: Column | undefined): void {
  if (column !== undefined) column.notNull = true;
}

/** `serial` is short for a type, a default and NOT NULL. */
function serial(column: Column, order: number): Column {
  const type = {
    serial: 'integer',
    serial4: 'integer',
    bigserial: 'bigint',
    serial8: 'bigint',
    smallserial: 'smallint',
    serial2: 'smallint',
  }[column.type.comparable];
  if (type === undefined) return column;
  return { ...column, type: { sql: type, comparable: type }, notNull: true, default: { sql: '', comparable: 'nextval', order } };
}

/** For statements that come one by one, as text. */
export function readText(reader: StatementReader, text: string, schema: string): void {
  const bare = text.replace(/;\s*$/, '');
  reader.read(bare, tokensOf(bare), schema);
}
