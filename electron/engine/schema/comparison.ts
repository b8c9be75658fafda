// Whether two definitions that are written in other words mean the same.
import type { SchemaModel } from './model.ts';

/** Whether two comparable texts mean the same thing. */
export type Comparison = (backup: string, live: string) => boolean;

export function comparison(backup: SchemaModel, live: SchemaModel): Comparison {
  // Servers differ in the names that they qualify and in the parentheses that they set when they print an expression.
  const loose =
    backup.unqualified ||
    live.unqualified ||
    (backup.serverMajor !== null && live.serverMajor !== null && backup.serverMajor !== live.serverMajor);
  const plain = (text: string): string => text.replaceAll(/(?<=^|[ (,])pg_catalog \. /g, '');
  const bare = (text: string): string =>
    plain(text)
      .replaceAll(/(?:"(?:[^"]|"")*"|[^\s"'().,;]+) \. /g, '')
      .replaceAll(/'(?:"(?:[^"']|"")*"|[^'".]+)\.([^'.]+)' :: regclass/g, "'$1' :: regclass")
      .replaceAll(/[()] ?/g, '')
      .trim();
  return (a, b) => a === b || plain(a) === plain(b) || (loose && bare(a) === bare(b));
}
