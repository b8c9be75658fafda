// Names as they stand in definitions: of tables, and of functions by their arguments.
import type { TableName } from '../../../shared/contract/common.ts';
import { quoteIdentifier } from '../postgres/connection.ts';
import { splitTopLevel, TokenReader, type Token } from './sql-tokens.ts';
import { typeName } from './table-columns.ts';

/** `"schema"."name"`. */
export const qualified = (name: TableName): string => `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.table)}`;

/** Types of more than one word, by their first, with what can follow it there. */
const longTypes: Record<string, string[]> = {
  double: ['precision'],
  character: ['varying', '('],
  bit: ['varying', '('],
  national: ['character', 'char'],
  timestamp: ['with', 'without', '('],
  time: ['with', 'without', '('],
  interval: ['year', 'month', 'day', 'hour', 'minute', 'second', '('],
};

/** Types of the arguments that a function or aggregate is called by: the same for all ways to write its arguments. */
export function argumentTypes(tokens: readonly Token[], aggregate: boolean): string {
  if (aggregate && tokens.length === 1 && tokens[0]?.text === '*') return '*';
  const [direct = [], ...ordered] = aggregate ? splitAtOrderBy(tokens) : [tokens];
  const list = (part: readonly Token[]): string =>
    splitTopLevel(part)
      .map(argumentType)
      .filter((type) => type !== null)
      .join(', ');
  return ordered.length === 0 ? list(direct) : `${list(direct)} ORDER BY ${list(ordered[0] ?? [])}`.trim();
}

function splitAtOrderBy(tokens: readonly Token[]): (readonly Token[])[] {
  const at = tokens.findIndex((token, index) => token.value === 'order' && token.kind === 'word' && tokens[index + 1]?.value === 'by');
  return at === -1 ? [tokens] : [tokens.slice(0, at), tokens.slice(at + 2)];
}

/** Null for an argument that only gives back. */
function argumentType(tokens: readonly Token[]): string | null {
  const reader = new TokenReader(tokens);
  if (reader.take('out')) return null;
  const variadic = reader.take('variadic');
  if (!variadic && !reader.take('inout')) reader.take('in');
  const [first, second] = [reader.peek(), reader.peek(1)];
  if (first === undefined) return null;
  const unnamed =
    second === undefined ||
    ['.', '[', '(', 'default', '='].includes(second.text.toLowerCase()) ||
    (first.kind === 'word' && (longTypes[first.value]?.includes(second.value) ?? false));
  if (!unnamed) reader.at++;
  const type = reader.until((at) => at.sees('default') || at.sees('='));
  const text = typeName(type).replaceAll(' . ', '.').replaceAll(' [ ]', '[]');
  return variadic ? `VARIADIC ${text}` : text;
}
