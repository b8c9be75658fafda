// What a CREATE statement makes, for scripts that carry none of pg_dump's comments.
import { namePattern, withoutComments } from './sql-statements.ts';

const types =
  'FOREIGN\\s+TABLE|TABLE|MATERIALIZED\\s+VIEW|VIEW|SEQUENCE|SCHEMA|EXTENSION|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|COLLATION|PUBLICATION|SUBSCRIPTION|SERVER|FOREIGN\\s+DATA\\s+WRAPPER|EVENT\\s+TRIGGER|TRIGGER|INDEX|STATISTICS|TEXT\\s+SEARCH\\s+(?:CONFIGURATION|DICTIONARY)';
const between = String.raw`(?:OR\s+REPLACE|UNLOGGED|RECURSIVE|UNIQUE|CONSTRAINT|TEMP|TEMPORARY|GLOBAL|LOCAL)\s+`;
const created = new RegExp(
  String.raw`^CREATE\s+(?:${between})*(${types})\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(${namePattern})`,
  'i',
);

/** `type` in pg_dump's words; `written` is the name as it stands there. Null for any other statement. */
export function createdObject(text: string): { type: string; written: string } | null {
  if (!/^CREATE\b/i.test(text)) return null;
  const found = created.exec(withoutComments(text.slice(0, 4096)));
  if (found?.[1] === undefined || found[2] === undefined) return null;
  return { type: found[1].toUpperCase().replaceAll(/\s+/g, ' '), written: found[2] };
}
