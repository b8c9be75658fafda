// Turns INSERT … VALUES with literals into rows in COPY text format. Whatever would have to be computed is refused:
// nothing of a dump is run to read its rows.
// Works on the bytes as latin1 text: every encoding that the lexer lets through keeps ASCII in place.
import { HowdahError } from '../../../shared/errors.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { namePattern, nameParts, tableOf } from './sql-statements.ts';

export type InsertHead = {
  /** As written; the schema may be empty. */
  table: TableName;
  /** Null: none are named. In latin1 text as all of the statement. */
  columns: string[] | null;
  /** Where the first row's parenthesis opens; -1: DEFAULT VALUES. */
  at: number;
};

const insertHead = new RegExp(String.raw`^INSERT\s+INTO\s+(${namePattern})\s*`, 'i');
const name = String.raw`(?:"(?:[^"]|"")+"|[^\s"'.,;()]+)`;
const columnList = new RegExp(String.raw`^\(\s*(${name}(?:\s*,\s*${name})*)\s*\)\s*`);
const overriding = /^OVERRIDING\s+SYSTEM\s+VALUE\s*/i;

/** The statement up to its values. `text` is the statement's bytes as latin1. Errors: DUMP_UNSAFE. */
export function readInsertHead(text: string, line: number): InsertHead {
  const limit = text.slice(0, 262_144);
  const found = insertHead.exec(limit);
  if (found?.[1] === undefined) throw refused(line, 'cannot be read');
  const table = tableOf(found[1]);
  let at = found[0].length;
  const listed = columnList.exec(limit.slice(at));
  at += listed?.[0].length ?? 0;
  at += overriding.exec(limit.slice(at))?.[0].length ?? 0;
  const columns =
    listed?.[1] === undefined ? null : [...listed[1].matchAll(new RegExp(name, 'g'))].map((match) => nameParts(match[0])[0] ?? '');
  if (/^DEFAULT\s+VALUES\s*;?\s*$/i.test(limit.slice(at))) return { table, columns, at: -1 };
  const values = /^VALUES\s*(?=\()/i.exec(limit.slice(at));
  if (values === null) throw refused(line, 'takes its rows from something other than a list of values');
  return { table, columns, at: at + values[0].length };
}

export type InsertedRows = {
  /** All rows in COPY text format, as latin1. */
  text: string;
  /** Values of a row, those that are DEFAULT included. */
  width: number;
  /** Places where every row has DEFAULT instead of a value: they are left out of the text. */
  defaults: number[];
};

/** The rows of one INSERT with values. Errors: DUMP_UNSAFE. */
export function readInsertedRows(text: string, at: number, line: number, strings: { standard: boolean; utf8: boolean }): InsertedRows {
  const reader = new ValuesReader(text, line, strings);
  reader.at = at;
  let rows = reader.row();
  const { width, defaults } = reader;
  for (reader.space(); text.charCodeAt(reader.at) === 44; reader.space()) {
    reader.at++;
    reader.space();
    rows += reader.row();
    if (reader.width !== width || reader.defaults.join() !== defaults.join()) throw refused(line, 'has rows that are not alike');
  }
  const rest = text.slice(reader.at, reader.at + 4096);
  if (rest !== ';' && !ending.test(rest)) throw refused(line, 'goes on behind its values');
  return { text: rows, width, defaults };
}

const ending = /^(?:ON\s+CONFLICT\s*(?:\((?:"(?:[^"]|"")+"|[^"'()])*\)\s*)?DO\s+NOTHING\s*)?;?\s*$/i;

export function refused(line: number, why: string): HowdahError {
  return new HowdahError('DUMP_UNSAFE', `The INSERT at line ${line} ${why}: its rows cannot be told without running it.`, {
    hint: 'Dump again with pg_dump without --inserts, or restore the dump beside and compare there.',
  });
}

const number = /[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.$])/y;
const word = /[A-Za-z_]+/y;
const bits = /([bBxX])'([0-9a-fA-F]*)'/y;
const cast = new RegExp(
  String.raw`\s*::\s*((?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)(?:\.(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*))?(?:\s+(?:precision|varying|with(?:out)?\s+time\s+zone))*(?:\s*\[\s*\])*)`,
  'iy',
);
/** To these, a number stays the text that it is. */
const integerTypes = /^(?:pg_catalog\.)?(?:smallint|integer|int|bigint|int2|int4|int8|oid|numeric|decimal)$/i;
const fractionTypes = /^(?:pg_catalog\.)?(?:numeric|decimal|real|float4|float8|double\s+precision)$/i;
/** Without a length these cut to one character or bit, or to 63 bytes. */
const cutting = /^(?:pg_catalog\.)?(?:char|character|bit|name|"char")(?:\s*\[\s*\])*$/i;

const none: number[] = [];

class ValuesReader {
  at = 0;
  /** Of the last row. */
  width = 0;
  defaults = none;
  readonly #text: string;
  readonly #line: number;
  readonly #strings: { standard: boolean; utf8: boolean };

  constructor(text: string, line: number, strings: { standard: boolean; utf8: boolean }) {
    this.#text = text;
    this.#line = line;
    this.#strings = strings;
  }

  /** One row, in COPY text format with its line end. */
  row(): string {
    let row = '';
    let width = 0;
    let defaults = none;
    if (this.#text.charCodeAt(this.at) !== 40) throw this.#refused();
    this.at++;
    for (;;) {
      this.space();
      const value = this.#value();
      if (value === null) defaults = [...defaults, width];
      else row += width === defaults.length ? value : `\t${value}`;
      width++;
      this.space();
      const next = this.#text.charCodeAt(this.at++);
      if (next === 44) continue;
      if (next !== 41) throw this.#refused();
      this.width = width;
      this.defaults = defaults;
      return `${row}\n`;
    }
  }

  space(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 32 || (code >= 9 && code <= 13)) this.at++;
      else if (code === 45 && text.charCodeAt(this.at + 1) === 45) {
        while (this.at < text.length && text.charCodeAt(this.at) !== 10 && text.charCodeAt(this.at) !== 13) this.at++;
      } else return;
    }
  }

  #value(): string | null {
    const text = this.#text;
    const code = text.charCodeAt(this.at);
    if (code === 39) return this.#casted(this.#strings.standard ? this.#string() : this.#escapeString(), 'string');
    if ((code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46) return this.#number();
    if ((code | 32) === 101 && text.charCodeAt(this.at + 1) === 39) {
      this.at++;
      return this.#casted(this.#escapeString(), 'string');
    }
    if (text.charCodeAt(this.at + 1) === 39) {
      const found = this.#match(bits);
      if (found === null) throw this.#refused();
      return this.#casted(
        bitText(found, () => this.#refused()),
        'bits',
      );
    }
    const found = this.#match(word)?.[0].toUpperCase();
    if (found === 'NULL') return this.#casted('\\N', 'any');
    if (found === 'TRUE' || found === 'FALSE') return this.#casted(found.toLowerCase(), 'boolean');
    if (found === 'DEFAULT') return null;
    throw this.#refused();
  }

  #number(): string {
    const found = this.#match(number)?.[0];
    if (found === undefined) throw this.#refused();
    const plain = found
      .replace(/^\+?\s*/, '')
      .replace(/^-\s+/, '-')
      .replace(/^(-?)0+(?=\d)/, '$1');
    return this.#casted(plain, /^-?\d+$/.test(plain) ? 'integer' : 'fraction');
  }

  /** A cast that leaves the literal's text as it is. */
  #casted(value: string, kind: 'string' | 'integer' | 'fraction' | 'bits' | 'boolean' | 'any'): string {
    if (this.#text.charCodeAt(this.at) > 58) return value;
    for (let found = this.#match(cast); found !== null; found = this.#match(cast)) {
      const type = (found[1] ?? '').trim();
      const keeps =
        kind === 'any' ||
        (kind === 'string' && !cutting.test(type)) ||
        (kind === 'integer' && integerTypes.test(type)) ||
        (kind === 'fraction' && fractionTypes.test(type)) ||
        (kind === 'boolean' && /^(?:pg_catalog\.)?bool(?:ean)?$/i.test(type));
      if (!keeps || this.#text.charCodeAt(this.at) === 40) throw this.#refused();
    }
    return value;
  }

  #string(): string {
    const text = this.#text;
    let from = this.at + 1;
    let value = '';
    for (;;) {
      const end = text.indexOf("'", from);
      if (end === -1) throw this.#refused();
      if (text.charCodeAt(end + 1) !== 39) {
        this.at = end + 1;
        return escaped(value + text.slice(from, end));
      }
      value += text.slice(from, end + 1);
      from = end + 2;
    }
  }

  /** E'…': https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE */
  #escapeString(): string {
    const text = this.#text;
    let value = '';
    let at = this.at + 1;
    for (;;) {
      const char = text.charAt(at);
      if (char === '') throw this.#refused();
      if (char === "'") {
        if (text.charAt(at + 1) !== "'") break;
        value += "'";
        at += 2;
      } else if (char !== '\\') {
        value += char;
        at++;
      } else {
        const [bytes, length] = this.#escape(text.slice(at + 1, at + 10));
        value += bytes;
        at += 1 + length;
      }
    }
    this.at = at + 1;
    return escaped(value);
  }

  #escape(rest: string): [string, number] {
    const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
    if (octal !== undefined) return [this.#byte(Number.parseInt(octal, 8) & 255), octal.length];
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    if (hex?.[1] !== undefined) return [this.#byte(Number.parseInt(hex[1], 16)), hex[0].length];
    const point = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
    if (point !== null) {
      const code = Number.parseInt(point[1] ?? point[2] ?? '', 16);
      // Halves of a pair, and characters of another encoding than theirs, are not worth the trouble.
      if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code > 127 && !this.#strings.utf8)) throw this.#refused();
      return [Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1'), point[0].length];
    }
    const simple: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
    const char = rest.charAt(0);
    if (char === '' || char === 'u' || char === 'U') throw this.#refused();
    return [simple[char] ?? char, 1];
  }

  #byte(code: number): string {
    if (code === 0) throw this.#refused();
    return String.fromCharCode(code);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  #refused(): HowdahError {
    const before = this.#text.slice(0, this.at);
    const line = this.#line + (before.match(/\n/g)?.length ?? 0);
    return refused(line, 'holds a value that is not a plain literal');
  }
}

/** Bits as PostgreSQL prints them. */
function bitText(found: RegExpExecArray, error: () => HowdahError): string {
  const digits = found[2] ?? '';
  if (found[1]?.toLowerCase() === 'x')
    return Array.from(digits, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  if (!/^[01]*$/.test(digits)) throw error();
  return digits;
}

const copyEscapes = new Map([
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

const special = /[\\\n\r\t\f\v]|[\b]/;
const specials = new RegExp(special, 'g');

/** As COPY TO writes it: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.2 */
function escaped(value: string): string {
  return special.test(value) ? value.replaceAll(specials, (char) => copyEscapes.get(char) ?? char) : value;
}
