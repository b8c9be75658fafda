// pg_dump's name patterns, expanded as pg_dump itself would: what a quick backup leaves out is known beforehand.
import { HowdahError } from '../../../shared/errors.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { Session } from '../postgres/connection.ts';

/** A table's exact name as a pattern: quoted, so that nothing in it is a wildcard. */
export const exactPattern = (name: TableName): string => `${quoted(name.schema)}.${quoted(name.table)}`;

/** A schema's exact name as a pattern. */
export const exactSchemaPattern = (schema: string): string => quoted(schema);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A pattern as regular expressions for schema (null: whatever is on the search path) and name.
 * After `processSQLNamePattern` in src/fe_utils/string_utils.c. Errors: BAD_INPUT. */
export function patternToRegex(pattern: string): { schema: string | null; name: string } {
  const parts = [''];
  let inQuotes = false;
  const add = (text: string): void => {
    parts[parts.length - 1] += text;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '"') {
      if (inQuotes && pattern.charAt(at + 1) === '"') {
        add('"');
        at++;
      } else inQuotes = !inQuotes;
    } else if (!inQuotes && character >= 'A' && character <= 'Z') add(character.toLowerCase());
    else if (!inQuotes && character === '*') add('.*');
    else if (!inQuotes && character === '?') add('.');
    else if (!inQuotes && character === '.') parts.push('');
    else if (character === '$') add('\\$');
    else add(inQuotes && '|*+?()[]{}.^\\'.includes(character) ? `\\${character}` : character);
  }
  if (parts.length > 2) {
    throw new HowdahError('BAD_INPUT', `The table pattern ${pattern} has too many dots.`, {
      hint: 'Write table or schema.table; put names that hold dots into double quotes.',
    });
  }
  const [first = '', second] = parts;
  const whole = (text: string): string => `^(${text})$`;
  return second === undefined ? { schema: null, name: whole(first) } : { schema: whole(first), name: whole(second) };
}

/** The tables (ordinary, partitioned, materialized views) that the patterns mean. The session keeps its role's search path.
 * Errors: BAD_INPUT (not a pattern). */
export async function expandPatterns(session: Session, patterns: string[]): Promise<TableName[]> {
  const found = new Map<string, TableName>();
  for (const pattern of patterns) {
    const { schema, name } = patternToRegex(pattern);
    try {
      const { rows } = await session.query<TableName>(
        `select n.nspname as schema, c.relname as "table"
           from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'm') and c.relname operator(pg_catalog.~) $1
            and case when $2::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname operator(pg_catalog.~) $2 end
          order by 1, 2`,
        [name, schema],
      );
      for (const row of rows) found.set(JSON.stringify(row), row);
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== '2201B') throw thrown;
      throw new HowdahError('BAD_INPUT', `The table pattern ${pattern} is not one that PostgreSQL understands.`, {
        hint: 'Use * and ? as wildcards, and put names with special characters into double quotes.',
        detail: thrown instanceof Error ? thrown.message : String(thrown),
        cause: thrown,
      });
    }
  }
  return [...found.values()];
}
