// Columns as a CREATE TABLE lists them: in pg_dump's words, and in those that people write by hand.
import type { Column, Expression } from './model.ts';
import { readNotNull } from './not-null.ts';
import { comparable, nameOf, sourceOf, TokenReader, type Token } from './sql-tokens.ts';

/** A constraint written beside a column or among the columns, in the words of ALTER TABLE … ADD. */
export type TableConstraint = { name: string | null; kind: ConstraintKind; columns: string[]; sql: string; comparable: string };
export type ConstraintKind = 'CONSTRAINT' | 'FK CONSTRAINT' | 'CHECK CONSTRAINT';

/** Words that end a column's type. */
const afterType = [
  'collate',
  'not',
  'null',
  'default',
  'generated',
  'constraint',
  'check',
  'primary',
  'unique',
  'references',
  'options',
  'compression',
  'storage',
  'deferrable',
  'initially',
];

const endsType = (reader: TokenReader): boolean =>
  reader.tokens[reader.at - 1]?.text !== '.' && afterType.some((word) => reader.sees(word));

export const expressionOf = (statement: string, tokens: readonly Token[], order: number): Expression => ({
  sql: sourceOf(statement, tokens),
  comparable: comparable(tokens),
  order,
});

/** One column of a CREATE TABLE; null where the tokens are none. Constraints beside it are added to `constraints`. */
export function readColumn(statement: string, tokens: readonly Token[], order: number, constraints: TableConstraint[]): Column | null {
  const [first] = tokens;
  if (first === undefined || (first.kind !== 'word' && first.kind !== 'name')) return null;
  const reader = new TokenReader(tokens);
  reader.at = 1;
  reader.take('with', 'options');
  const typeTokens = reader.until(endsType);
  const column: Column = {
    name: nameOf(first),
    type: { sql: sourceOf(statement, typeTokens), comparable: typeName(typeTokens) },
    collation: null,
    notNull: false,
    default: null,
    generated: null,
    identity: null,
    settings: new Map(),
  };
  while (!reader.done) readAttribute(statement, reader, column, order, constraints);
  return column;
}

function readAttribute(statement: string, reader: TokenReader, column: Column, order: number, constraints: TableConstraint[]): void {
  let named: string | null = null;
  if (reader.take('constraint')) named = reader.name()?.table ?? null;
  const clause = (): Token[] => reader.until((at) => endsType(at) && !at.sees('null'));
  const add = (kind: ConstraintKind, words: string, begin: number): void => {
    const tokens = reader.tokens.slice(begin, reader.at);
    constraints.push({
      name: named,
      kind,
      columns: [column.name],
      sql: `${words} ${sourceOf(statement, tokens)}`,
      comparable: `${words} ${comparable(tokens)}`,
    });
  };
  const begin = reader.at;
  if (reader.take('collate')) {
    const from = reader.at;
    reader.name();
    column.collation = comparable(reader.tokens.slice(from, reader.at));
  } else if (reader.take('not', 'null')) {
    readNotNull(reader, column, named);
  } else if (reader.take('null')) return;
  else if (reader.take('default')) column.default = expressionOf(statement, clause(), order);
  else if (reader.sees('generated')) {
    const words = reader.until((at) => at.take('as'));
    if (reader.take('identity')) {
      if (reader.sees('(')) reader.group();
      column.identity = expressionOf(statement, reader.tokens.slice(begin, reader.at), order);
      column.notNull = true;
    } else {
      reader.group();
      reader.take('stored');
      reader.take('virtual');
      column.generated = expressionOf(statement, reader.tokens.slice(begin + words.length, reader.at), order);
    }
  } else if (reader.take('check')) {
    reader.group();
    reader.take('no', 'inherit');
    enforced(reader);
    add('CHECK CONSTRAINT', '', begin);
  } else if (reader.take('primary', 'key')) {
    column.notNull = true;
    constraints.push({ name: named, kind: 'CONSTRAINT', columns: [column.name], sql: 'PRIMARY KEY', comparable: 'primary key' });
  } else if (reader.take('unique')) {
    constraints.push({ name: named, kind: 'CONSTRAINT', columns: [column.name], sql: 'UNIQUE', comparable: 'unique' });
  } else if (reader.take('references')) {
    clause();
    enforced(reader);
    add('FK CONSTRAINT', 'FOREIGN KEY', begin);
  } else if (reader.take('options')) {
    column.settings.set('OPTIONS', comparable(reader.group() ?? []));
  } else if (reader.take('storage')) column.settings.set('STORAGE', reader.name()?.table.toUpperCase() ?? '');
  else if (reader.take('compression')) column.settings.set('COMPRESSION', reader.name()?.table ?? '');
  else reader.at++;
}

const enforced = (reader: TokenReader): boolean => reader.take('not', 'enforced') || reader.take('enforced');

/** The kinds of table constraints, by their first word behind `CONSTRAINT name`. */
export function constraintKind(reader: TokenReader): ConstraintKind | 'NOT NULL' | null {
  if (reader.sees('foreign', 'key')) return 'FK CONSTRAINT';
  if (reader.sees('check', '(')) return 'CHECK CONSTRAINT';
  if (reader.sees('not', 'null')) return 'NOT NULL';
  if (reader.sees('primary', 'key') || reader.sees('exclude')) return 'CONSTRAINT';
  if (reader.sees('unique', '(') || reader.sees('unique', 'nulls')) return 'CONSTRAINT';
  return null;
}

const aliases: Record<string, string> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  float8: 'double precision',
  float4: 'real',
  varchar: 'character varying',
  decimal: 'numeric',
  char: 'character',
  varbit: 'bit varying',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
};

/** A type in the words of `format_type`, for scripts that use other names for it. */
export function typeName(tokens: readonly Token[]): string {
  const values = tokens.map((token) => token.value);
  if (values[0] === 'pg_catalog' && values[1] === '.' && values[2] !== '"char"') values.splice(0, 2);
  const [first = ''] = values;
  const alias = tokens[0]?.kind === 'word' && values[1] !== '.' ? aliases[first] : undefined;
  if (alias !== undefined) {
    const [head = '', ...tail] = alias.split(' ');
    const modifier = tail[0] === 'with' && values[1] === '(' ? values.splice(1, values.indexOf(')')) : [];
    values.splice(0, 1, head, ...modifier, ...tail);
  }
  const text = values.join(' ');
  return text.replace(/^(timestamp|time)( \( \d+ \))? without time zone/, '$1$2');
}
