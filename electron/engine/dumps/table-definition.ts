// Reads CREATE TABLE and the ALTER TABLE statements around it as pg_dump writes them: columns, keys, parents.
import type { TableName } from '../../../shared/contract/common.ts';
import { namePattern, nameParts, tableOf, withoutComments } from './sql-statements.ts';

export type DefinedColumn = {
  name: string;
  /** As written, e.g. `numeric(10,2)`, `character varying(20)`, `app."Mood"[]`. */
  type: string;
  /** GENERATED ALWAYS AS (…) STORED or VIRTUAL: it takes no values. */
  generated: boolean;
};

export type DefinedTable = {
  table: TableName;
  columns: DefinedColumn[];
  /** PRIMARY KEY and UNIQUE constraints inside the definition: their columns. */
  keys: string[][];
  /** Names of INHERITS, as written by the script: the schema may be empty. */
  inherits: TableName[];
  partitionOf: TableName | null;
  partitioned: boolean;
  /** Columns come from elsewhere: OF a type, LIKE another table, AS a query. */
  open: boolean;
};

const head = new RegExp(
  String.raw`^CREATE\s+(?:(?:UNLOGGED|FOREIGN|TEMP|TEMPORARY|GLOBAL|LOCAL)\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(${namePattern})\s*`,
  'i',
);
const column = /^("(?:[^"]|"")+"|[^\s"(),]+)\s+/;
/** What ends a column's type: constraints and properties of the column. */
const typeEnd =
  /\s+(?:COLLATE|NOT\s+NULL|NULL|DEFAULT|GENERATED|CONSTRAINT|CHECK|PRIMARY\s+KEY|UNIQUE|REFERENCES|STORAGE|COMPRESSION|OPTIONS|WITH\s+OPTIONS)\b/i;
const tableConstraint =
  /^(?:CONSTRAINT\s+(?:"(?:[^"]|"")+"|\S+)\s+)?(?:(PRIMARY\s+KEY|UNIQUE)\b|(?:CHECK\s*\(|FOREIGN\s+KEY\b|EXCLUDE\s*(?:\(|USING\b)|NOT\s+NULL\b))/i;

/** Null for any other statement. */
export function definedTable(text: string): DefinedTable | null {
  if (!/^CREATE\b/i.test(text)) return null;
  const plain = withoutComments(text);
  const found = head.exec(plain);
  if (found?.[1] === undefined) return null;
  const result: DefinedTable = {
    table: tableOf(found[1]),
    columns: [],
    keys: [],
    inherits: [],
    partitionOf: null,
    partitioned: false,
    open: false,
  };
  let rest = plain.slice(found[0].length);
  const parent = new RegExp(String.raw`^PARTITION\s+OF\s+(${namePattern})`, 'i').exec(rest);
  if (parent?.[1] !== undefined) {
    result.partitionOf = tableOf(parent[1]);
    result.partitioned = /\bPARTITION\s+BY\b/i.test(rest);
    return result;
  }
  if (!rest.startsWith('(')) return { ...result, open: true };
  const close = closing(rest, 0);
  for (const part of splitTop(rest.slice(1, close))) addPart(result, part);
  rest = rest.slice(close + 1);
  const inherits = /^\s*INHERITS\s*\(/i.exec(rest);
  if (inherits !== null) {
    const end = closing(rest, inherits[0].length - 1);
    result.inherits = splitTop(rest.slice(inherits[0].length, end)).map(tableOf);
    rest = rest.slice(end + 1);
  }
  result.partitioned = /^\s*PARTITION\s+BY\b/i.test(rest);
  if (/\bAS\s*(?:\(|SELECT|TABLE|VALUES|WITH)\b/i.test(rest)) result.open = true;
  return result;
}

function addPart(result: DefinedTable, part: string): void {
  const constraint = tableConstraint.exec(part);
  if (constraint !== null) {
    if (constraint[1] !== undefined) addKey(result.keys, part.slice(constraint[0].length));
    return;
  }
  if (/^LIKE\s/i.test(part)) {
    result.open = true;
    return;
  }
  const found = column.exec(part);
  if (found?.[1] === undefined) return;
  const name = nameParts(found[1])[0] ?? '';
  const rest = part.slice(found[0].length);
  const cut = endOfType(rest);
  result.columns.push({
    name,
    type: rest.slice(0, cut).trim(),
    generated: /\bGENERATED\s+ALWAYS\s+AS\s*\(/i.test(withoutStrings(rest.slice(cut))),
  });
  if (/\b(?:PRIMARY\s+KEY|UNIQUE)\b/i.test(withoutStrings(rest.slice(cut)))) result.keys.push([name]);
}

/** Quoted type names may hold any words. */
function endOfType(text: string): number {
  const masked = text.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, (quoted) => '"'.padEnd(quoted.length, '_'));
  return typeEnd.exec(masked)?.index ?? text.length;
}

const withoutStrings = (text: string): string => text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '""');

/** The columns of `PRIMARY KEY (a, b) …`, of which `text` is what follows the words. */
function addKey(keys: string[][], text: string): void {
  const open = text.indexOf('(');
  if (open === -1 || !/^\s*(?:NULLS\s+(?:NOT\s+)?DISTINCT\s*)?$/i.test(text.slice(0, open))) return;
  const parts = splitTop(text.slice(open + 1, closing(text, open)));
  // A range key (WITHOUT OVERLAPS) is no key of single values.
  if (parts.some((part) => /\bWITHOUT\s+OVERLAPS$/i.test(part))) return;
  keys.push(parts.map((part) => nameParts(part)[0] ?? ''));
}

const alter = new RegExp(
  String.raw`^ALTER\s+(?:FOREIGN\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(${namePattern})\s*\*?\s+([\s\S]*)$`,
  'i',
);

export type Alteration =
  | { kind: 'key'; table: TableName; columns: string[] }
  | { kind: 'attach'; table: TableName; partition: TableName }
  /** Columns come, go or are renamed, so that the definition no longer tells them. */
  | { kind: 'columns'; table: TableName };

/** What ALTER TABLE does to columns, keys and partitions; empty for any other statement. */
export function alterations(text: string): Alteration[] {
  if (!/^ALTER\b/i.test(text)) return [];
  const found = alter.exec(withoutComments(text).replace(/;\s*$/, ''));
  if (found?.[1] === undefined || found[2] === undefined) return [];
  const table = tableOf(found[1]);
  const attached = new RegExp(String.raw`^ATTACH\s+PARTITION\s+(${namePattern})`, 'i').exec(found[2]);
  if (attached?.[1] !== undefined) return [{ kind: 'attach', table, partition: tableOf(attached[1]) }];
  return splitTop(found[2]).flatMap((action): Alteration[] => {
    const key = /^ADD\s+(?:CONSTRAINT\s+(?:"(?:[^"]|"")+"|\S+)\s+)?(?:PRIMARY\s+KEY|UNIQUE)\b/i.exec(action);
    if (key !== null) {
      const keys: string[][] = [];
      addKey(keys, action.slice(key[0].length));
      return keys.map((columns) => ({ kind: 'key', table, columns }));
    }
    const other =
      /^(?:ADD\s+(?!CONSTRAINT\b|CHECK\b|FOREIGN\s|EXCLUDE\b|NOT\s)|DROP\s+(?!CONSTRAINT\b)|RENAME\s+(?!TO\b|CONSTRAINT\b)|(?:NO\s+)?INHERIT\b|OF\b)/i;
    return other.test(action) ? [{ kind: 'columns', table }] : [];
  });
}

/** Where the parenthesis that opens at `open` closes. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = quoteEnd(text, at);
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  return text.length;
}

/** Splits at commas outside parentheses and quotes; parts are trimmed. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = quoteEnd(text, at);
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  const last = text.slice(from).trim();
  if (last !== '') parts.push(last);
  return parts;
}

/** Where the quote that opens at `at` closes; E'…' knows backslashes. */
function quoteEnd(text: string, at: number): number {
  const quote = text.charAt(at);
  const escapes = quote === "'" && /(?:^|[^\w$])[eE]$/.test(text.slice(Math.max(0, at - 2), at));
  for (let i = at + 1; i < text.length; i++) {
    if (escapes && text.charAt(i) === '\\') i++;
    else if (text.charAt(i) === quote) return i;
  }
  return text.length;
}
