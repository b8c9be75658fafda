// CREATE TABLE, in pg_dump's words and in those that people write by hand.
import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Column, TableDefinition } from './model.ts';
import { readNotNull } from './not-null.ts';
import { qualified } from './routine-names.ts';
import { emptyTable, notNull, type SchemaBuilder } from './schema-builder.ts';
import { comparable, nameOf, sourceOf, splitTopLevel, TokenReader, type Token } from './sql-tokens.ts';
import { constraintKind, readColumn, type TableConstraint } from './table-columns.ts';

export function readCreateTable(
  model: SchemaBuilder,
  text: string,
  reader: TokenReader,
  kind: TableDefinition['kind'],
  unlogged: boolean,
): void {
  reader.take('if', 'not', 'exists');
  const written = reader.name();
  if (written === null) return;
  const table = model.full(written);
  const found: TableDefinition = { ...emptyTable(table, kind, `${text};`, model.order), unlogged };
  if (reader.take('partition', 'of')) {
    found.partitionOf = model.full(reader.name() ?? { schema: '', table: '' });
    found.columns = null;
  } else if (reader.take('of')) {
    const from = reader.at;
    reader.name();
    found.options = `OF ${comparable(reader.tokens.slice(from, reader.at))} `;
  }
  const constraints: TableConstraint[] = [];
  const columns = new Map<string, Column>();
  if (reader.sees('as')) found.columns = null;
  for (const element of splitTopLevel(reader.group() ?? [])) readElement(model, text, element, columns, constraints);
  if (found.columns !== null) found.columns = columns;
  const tail = new TokenReader(reader.rest());
  const options: string[] = [];
  while (!tail.done) {
    if (tail.take('inherits')) {
      found.inherits = splitTopLevel(tail.group() ?? []).map((part) =>
        model.full(new TokenReader(part).name() ?? { schema: '', table: '' }),
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
      model.attached(text, table, found.partitionOf ?? table, comparable(bound), null);
    } else if (tail.take('tablespace')) tail.name();
    else if (tail.take('using', 'heap')) continue;
    else {
      const from = tail.at++;
      tail.until((at) => at.sees('inherits') || at.sees('partition', 'by') || at.sees('tablespace') || at.sees('using'));
      options.push(comparable(tail.tokens.slice(from, tail.at)));
    }
  }
  found.options = `${found.options}${options.join(' ')}`.trim();
  model.tables.set(tableKey(table), found);
  for (const constraint of constraints) addInlineConstraint(model, table, constraint);
}

function readElement(
  model: SchemaBuilder,
  text: string,
  tokens: Token[],
  columns: Map<string, Column>,
  constraints: TableConstraint[],
): void {
  const reader = new TokenReader(tokens);
  let name: string | null = null;
  if (reader.take('constraint')) name = reader.name()?.table ?? null;
  const kind = constraintKind(reader);
  if (kind === 'NOT NULL') {
    reader.at += 2;
    const column = columns.get(reader.name()?.table ?? '');
    if (column !== undefined) readNotNull(reader, column, name);
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
    const column = readColumn(text, tokens, model.order, constraints);
    if (column !== null) columns.set(column.name, serial(column, model.order));
  }
}

/** The server's own names for constraints without one. */
function addInlineConstraint(model: SchemaBuilder, table: TableName, constraint: TableConstraint): void {
  const primary = constraint.comparable.startsWith('primary');
  const suffix = primary ? 'pkey' : constraint.kind === 'FK CONSTRAINT' ? 'fkey' : constraint.kind === 'CHECK CONSTRAINT' ? 'check' : 'key';
  const name = constraint.name ?? [table.table, ...(primary ? [] : constraint.columns), suffix].join('_');
  const statement = `ALTER TABLE ${qualified(table)} ADD CONSTRAINT ${quoteIdentifier(name)} ${constraint.sql}`;
  model.constraint(table, name, constraint.kind, statement, constraint.comparable);
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
