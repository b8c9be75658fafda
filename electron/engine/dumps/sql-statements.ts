// What kind of statement a piece of a script is, as far as inspecting and restoring it need to know.
import type { TableName } from '../../../shared/contract/common.ts';

/** The first words of a long statement say what it is; a regular expression need not see its megabytes. */
const headLength = 8192;

/** A name as written (`public."Orders"`) into its parts, unquoted. Unquoted parts are folded to lower case. */
export function nameParts(written: string): string[] {
  return [...written.matchAll(/"((?:[^"]|"")*)"|([^\s".]+)/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? '').toLowerCase() : match[1].replaceAll('""', '"'),
  );
}

/** A possibly qualified name as a table; the schema is empty where the name has none. */
export function tableOf(written: string): TableName {
  const parts = nameParts(written);
  return { schema: parts.length > 1 ? (parts.at(-2) ?? '') : '', table: parts.at(-1) ?? '' };
}

/** A pattern for one possibly qualified name. */
export const namePattern = String.raw`(?:"(?:[^"]|"")+"|[^\s"'.,;()]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[^\s"'.,;()]+))*`;

/** Takes comments away, so that none can stand between the words that matter. Quoted text stays whole. */
export function withoutComments(text: string): string {
  if (!text.includes('--') && !text.includes('/*')) return text;
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1);
      const stop = end === -1 ? text.length : end + 1;
      plain += text.slice(at, stop);
      at = stop;
    } else if (text.startsWith('--', at)) {
      const end = /[\r\n]/.exec(text.slice(at));
      at = end === null ? text.length : at + end.index;
    } else if (text.startsWith('/*', at)) {
      let depth = 0;
      do {
        if (text.startsWith('/*', at)) depth++;
        else if (text.startsWith('*/', at)) depth--;
        at += text.startsWith('/*', at) || text.startsWith('*/', at) ? 2 : 1;
      } while (depth > 0 && at < text.length);
      plain += ' ';
    } else {
      plain += char;
      at++;
    }
  }
  return plain;
}

const copyTarget = new RegExp(
  String.raw`^COPY\s+(?:BINARY\s+)?(${namePattern})\s*(?:\((?:"(?:[^"]|"")*"|[^")])*\)\s*)?(?:WITH\s+OIDS\s+)?FROM\s+(STDIN\b|PROGRAM\b|')`,
  'i',
);

/** The table of a `COPY … FROM stdin`; null for any other statement. */
export function copyFromStdin(text: string): TableName | null {
  if (!/^COPY\b/i.test(text)) return null;
  const found = copyTarget.exec(withoutComments(text.slice(0, 262_144)));
  return found?.[1] !== undefined && found[2]?.toUpperCase() === 'STDIN' ? tableOf(found[1]) : null;
}

/** The value that a `SET name = value`, `RESET` or `set_config()` gives; null where the statement is none of these. */
export function settingOf(text: string, name: 'standard_conforming_strings' | 'client_encoding' | 'search_path'): string | null {
  if (!/^(SET|SELECT|RESET|DISCARD)\b/i.test(text) || text.length > headLength) return null;
  const plain = withoutComments(text);
  const set = new RegExp(String.raw`^SET\s+(?:SESSION\s+|LOCAL\s+)?"?${name}"?\s*(?:=|\s+TO\s)\s*(.*?)\s*;?\s*$`, 'is').exec(plain);
  if (set?.[1] !== undefined) return name === 'search_path' ? set[1] : set[1].replace(/^['"](.*)['"]$/s, '$1');
  const called = new RegExp(String.raw`set_config\s*\(\s*'${name}'\s*,\s*'([^']*)'`, 'i').exec(plain);
  if (called?.[1] !== undefined) return called[1];
  if (name === 'standard_conforming_strings' && /^(RESET\s+(ALL|"?standard_conforming_strings"?)|DISCARD\s+ALL)\b/i.test(plain))
    return 'on';
  if (name === 'client_encoding') return /^SET\s+NAMES\s+'?([\w-]+)/i.exec(plain)?.[1] ?? null;
  return null;
}

/** The schema that a statement makes the first of the search path; null where it leaves that as it is. */
export function schemaChosen(text: string): string | null {
  const path = settingOf(text, 'search_path');
  const [schema = ''] = path === null ? [] : nameParts(path.replace(/^'([^']*)'/, '$1').split(',')[0] ?? '');
  return schema === '' ? null : schema;
}

/** What a statement would do outside the one database that is restored. */
export type StatementReach =
  | { kind: 'createDatabase' | 'dropDatabase' | 'alterDatabase'; database: string }
  | { kind: 'serverFile'; what: string }
  | { kind: 'ordinary' };

/**
 * Tells statements that a restore into one database must leave out or refuse from the others. `serverFile`: COPY
 * to or from a program or a file of the server.
 */
export function reachOf(text: string): StatementReach {
  if (!/^(COPY|CREATE|DROP|ALTER|COMMENT|GRANT|REVOKE|SECURITY)\b/i.test(text)) return { kind: 'ordinary' };
  const head = withoutComments(text.slice(0, headLength));
  if (/^COPY\b/i.test(head)) return copyReach(withoutComments(text.slice(0, 1_048_576)));
  const found = new RegExp(String.raw`^(CREATE|DROP|ALTER)\s+DATABASE\s+(?:IF\s+EXISTS\s+)?(${namePattern})`, 'i').exec(head);
  if (found?.[1] !== undefined) {
    const verb = found[1].toLowerCase();
    const database = nameParts(found[2] ?? '').at(-1) ?? '';
    return { kind: verb === 'create' ? 'createDatabase' : verb === 'drop' ? 'dropDatabase' : 'alterDatabase', database };
  }
  const about = new RegExp(
    String.raw`^(?:COMMENT\s+ON\s+DATABASE|SECURITY\s+LABEL\s+(?:FOR\s+\S+\s+)?ON\s+DATABASE|(?:GRANT|REVOKE)\s[\w\s,]*?\sON\s+DATABASE)\s+(${namePattern})`,
    'i',
  ).exec(head);
  if (about?.[1] !== undefined) return { kind: 'alterDatabase', database: nameParts(about[1]).at(-1) ?? '' };
  return { kind: 'ordinary' };
}

/** Looks only outside quotes and parentheses, where COPY names its other end. */
function copyReach(text: string): StatementReach {
  let depth = 0;
  for (const token of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|[()]|[A-Za-z_]\w*/g)) {
    const word = token[0];
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (depth === 0 && /^(FROM|TO)$/i.test(word)) {
      const rest = text.slice(token.index + word.length).trimStart();
      if (/^(STDIN|STDOUT)\b/i.test(rest)) return { kind: 'ordinary' };
      return { kind: 'serverFile', what: /^PROGRAM\b/i.test(rest) ? 'COPY … PROGRAM' : `COPY ${word.toUpperCase()} a file of the server` };
    }
  }
  return { kind: 'ordinary' };
}
