// The SQL that makes a definition at the target like the backup's. What PostgreSQL cannot change in place is dropped and
// made again; null where even that is not possible without losing more than the definition.
import { changeDomain, changeType } from './mend-types.ts';
import type { Definition } from './model.ts';
import { qualified } from './routine-names.ts';
import { sequenceOptions, withCycle } from './sequence-options.ts';
import { comparable, nameOf, splitTopLevel, TokenReader, tokensOf } from './sql-tokens.ts';

/** Of two definitions of one thing. `parts`: what goes with the live one when it is dropped, as the backup has it. */
export function change(backup: Definition, live: Definition, parts: Definition[]): string | null {
  if (backup.type === live.type) {
    switch (backup.type) {
      case 'FUNCTION':
      case 'PROCEDURE':
        if (callable(backup) === callable(live)) return backup.sql.replace(/^CREATE\s+(OR\s+REPLACE\s+)?/i, 'CREATE OR REPLACE ');
        break;
      case 'VIEW':
        if (goesOn(viewColumns(live.sql), viewColumns(backup.sql)))
          return backup.sql.replace(/^CREATE\s+(OR\s+REPLACE\s+)?/i, 'CREATE OR REPLACE ');
        break;
      case 'SEQUENCE':
        return changeSequence(backup);
      case 'TYPE':
        return changeType(backup, live);
      case 'DOMAIN':
        return changeDomain(backup, live);
      default:
    }
  }
  if (live.drop === null) return null;
  return [live.drop, create(backup), ...parts.map((part) => part.sql)].join('\n');
}

/** A materialized view is filled at once: nothing else would. */
export const create = (definition: Definition): string =>
  definition.type === 'MATERIALIZED VIEW' ? definition.sql.replace(/\s+WITH NO DATA;$/, ';') : definition.sql;

/** What CREATE OR REPLACE cannot change: names of arguments, what is given back. */
function callable({ sql, type }: Definition): string {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees(type.toLowerCase()));
  reader.at++;
  reader.name();
  const names = splitTopLevel(reader.group() ?? []).map((argument) =>
    comparable(new TokenReader(argument).until((at) => at.sees('default') || at.sees('='))),
  );
  const result = reader.take('returns')
    ? comparable(reader.until((at) => ['language', 'as', 'window', 'immutable', 'stable', 'transform'].some((word) => at.sees(word))))
    : '';
  return `${names.join(',')} ${result}`;
}

/** Names of a view's columns as its SELECT list gives them; null where that cannot be told from its text. */
function viewColumns(sql: string): string[] | null {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees('as', 'select'));
  if (!reader.take('as', 'select') || reader.sees('distinct')) return null;
  return splitTopLevel(reader.until((at) => at.sees('from') || at.sees('union') || at.sees(';'))).map((item) => {
    const last = item.at(-1);
    return last === undefined ? '' : nameOf(last);
  });
}

const goesOn = (live: string[] | null, backup: string[] | null): boolean =>
  live !== null && backup !== null && live.every((name, index) => backup[index] === name);

function changeSequence({ sql, schema, name }: Definition): string {
  const tokens = tokensOf(sql.replace(/;$/, ''));
  const reader = new TokenReader(tokens);
  reader.until((at) => at.sees('sequence'));
  reader.at++;
  reader.name();
  const options = sequenceOptions(tokens.slice(reader.at));
  const typed = options.some((option) => /^as\b/i.test(option)) ? options : ['AS bigint', ...options];
  return `ALTER SEQUENCE ${qualified({ schema, table: name })} ${withCycle(typed).join(' ')};`;
}
