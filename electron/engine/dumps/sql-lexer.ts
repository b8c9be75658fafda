// Splits a script of SQL as psql does (src/fe_utils/psqlscan.l): statements, COPY data, backslash commands.
// It must see every backslash command that psql would run, because a dump from outside is hostile input, and it
// must hold no more than one statement, because a dump can be larger than memory.
import type { TableName } from '../../../shared/contract/common.ts';
import { CopyData } from './copy-data.ts';
import { incomplete, notRecognised } from './dump-errors.ts';
import { copyFromStdin, settingOf } from './sql-statements.ts';
import { decoderFor } from './toc.ts';

/**
 * `line` is 1-based. `raw` holds the bytes as they stand in the script, in its client encoding; `text` is the same
 * decoded. Both include the closing semicolon and leave out comments before the statement. A backslash command
 * inside a statement is blanked out in both.
 */
export type SqlPiece =
  | { kind: 'statement'; text: string; line: number; raw: Buffer; terminated: boolean }
  /** `table.schema` is empty where the statement names none. */
  | { kind: 'copyStart'; statement: string; table: TableName; line: number; raw: Buffer }
  /** Rows as they stand in the script, cut anywhere; the end mark is left out. */
  | { kind: 'copyData'; chunk: Buffer }
  | { kind: 'copyEnd'; rows: number }
  /** `command` without its backslash; `argument` is all the rest of the line. */
  | { kind: 'meta'; command: string; argument: string; line: number };

export type SplitOptions = {
  /** Called for each `--` comment outside statements, without its dashes. */
  onComment?: ((text: string, line: number) => void) | undefined;
  /** A larger statement is refused (DUMP_NOT_RECOGNISED). Default 256 MiB. */
  largestStatementBytes?: number | undefined;
};

/**
 * Splits a script. Memory is bounded by its largest statement.
 * Errors: DUMP_INCOMPLETE where it ends inside a quote, comment, parenthesis or COPY data; DUMP_NOT_RECOGNISED
 * where it cannot be told apart safely (an encoding whose characters can hide quotes, an immense statement).
 */
export async function* splitSql(chunks: AsyncIterable<Buffer>, options: SplitOptions = {}): AsyncGenerator<SqlPiece> {
  const lexer = new SqlLexer(options);
  for await (const chunk of chunks) {
    let given: Buffer | null = chunk;
    for (;;) {
      if (lexer.copy !== null) {
        const data = lexer.copy.take(given ?? lexer.drain());
        given = null;
        if (data.chunk.length > 0) yield { kind: 'copyData', chunk: data.chunk };
        if (data.rest === null) break;
        yield lexer.endCopy(data.rest);
      } else if (given !== null) {
        lexer.append(given);
        given = null;
      }
      const piece = lexer.next(false);
      if (piece !== null) yield piece;
      else if (lexer.copy === null) break;
    }
  }
  for (;;) {
    if (lexer.copy !== null) {
      const last = lexer.drain();
      const data = lexer.copy.take(last);
      if (data.chunk.length > 0) yield { kind: 'copyData', chunk: data.chunk };
      if (data.rest === null && !lexer.copy.endsHere())
        throw incomplete(`it ends inside the rows of a table (the COPY of line ${lexer.copyLine})`);
      yield lexer.endCopy(data.rest ?? Buffer.alloc(0));
    }
    const piece = lexer.next(true);
    if (piece !== null) yield piece;
    else if (lexer.copy === null) break;
  }
}

type Mode = 'normal' | 'identifier' | 'string' | 'escapeString' | 'quotedName' | 'dollar' | 'lineComment' | 'blockComment' | 'afterCopy';

const [ordinary, space, letter, quote, doubleQuote, dollar, dash, slash, open, close, semicolon, backslash, nul] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
];
const classes = new Uint8Array(256).fill(ordinary);
for (const byte of [9, 10, 11, 12, 13, 32]) classes[byte] = space;
for (let byte = 0; byte < 256; byte++) if (byte >= 128 || /[A-Za-z_]/.test(String.fromCharCode(byte))) classes[byte] = letter;
for (const [char, kind] of [
  ["'", quote],
  ['"', doubleQuote],
  ['$', dollar],
  ['-', dash],
  ['/', slash],
  ['(', open],
  [')', close],
  [';', semicolon],
  ['\\', backslash],
  ['\0', nul],
] as const) {
  classes[char.charCodeAt(0)] = kind;
}
/** What an identifier goes on with: letters, digits, `$`. */
const goesOn = Uint8Array.from(classes, (kind, byte) => (kind === letter || kind === dollar || (byte >= 48 && byte <= 57) ? 1 : 0));
const longestTag = 1024;
const longestMetaLine = 1024 * 1024;

class SqlLexer {
  copy: CopyData | null = null;
  copyLine = 0;
  readonly #onComment: SplitOptions['onComment'];
  readonly #largest: number;
  #buffer: Buffer = Buffer.allocUnsafe(1 << 20);
  #at = 0;
  #end = 0;
  #first = true;
  /** Where the statement begins; -1 between statements. */
  #start = -1;
  #startLine = 1;
  #line = 1;
  #lineAt = 0;
  #mode: Mode = 'normal';
  /** Where the identifier or comment in hand begins. */
  #token = 0;
  #tag = Buffer.alloc(0);
  #commentDepth = 0;
  #parentheses = 0;
  #beginDepth = 0;
  #identifiers = '';
  #identifierCount = 0;
  /** E'…' goes on in E'' fashion after a line break: 1 just closed, 2 a line break was seen since. */
  #escapeGoesOn = 0;
  #standardStrings = true;
  #decode = decoderFor('UTF8');

  constructor(options: SplitOptions) {
    this.#onComment = options.onComment;
    this.#largest = options.largestStatementBytes ?? 256 * 1024 * 1024;
  }

  append(chunk: Buffer): void {
    const keep = this.#keepFrom();
    const held = this.#end - keep;
    if (held > this.#largest) {
      throw notRecognised(
        `The statement at line ${this.#start >= 0 ? this.#startLine : this.#lineOf(keep)} is larger than ${Math.round(this.#largest / 1048576)} MB.`,
        'Dump again without --inserts or with a smaller --rows-per-insert, or in custom format.',
      );
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      this.#lineOf(keep);
      const needed = held + chunk.length;
      const target = needed > this.#buffer.length / 2 ? Buffer.allocUnsafe(Math.max(this.#buffer.length, 2 * needed)) : this.#buffer;
      this.#buffer.copy(target, 0, keep, this.#end);
      this.#buffer = target;
      this.#at -= keep;
      this.#token -= keep;
      this.#lineAt -= keep;
      if (this.#start >= 0) this.#start -= keep;
      this.#end = held;
    }
    this.#end += chunk.copy(this.#buffer, this.#end);
    if (this.#first && this.#end >= 3) {
      this.#first = false;
      if (this.#buffer.readUIntBE(0, 3) === 0xefbbbf) this.#at = this.#lineAt = 3;
    }
  }

  /** What has been appended and not been read. */
  drain(): Buffer {
    this.#lineOf(this.#at);
    const rest = Buffer.from(this.#buffer.subarray(this.#at, this.#end));
    this.#at = this.#end = this.#lineAt = this.#token = 0;
    return rest;
  }

  /** Closes the COPY data and goes on with what follows it. */
  endCopy(rest: Buffer): SqlPiece {
    const rows = this.copy?.rows ?? 0;
    this.#line += rows + 1;
    this.copy = null;
    this.#at = this.#end = this.#lineAt = 0;
    this.append(rest);
    return { kind: 'copyEnd', rows };
  }

  /** The next piece that is there whole; null where more of the script is needed or it has ended. */
  next(final: boolean): SqlPiece | null {
    if (this.copy !== null || (this.#first && !final)) return null;
    while (this.#at < this.#end || (final && (this.#mode === 'identifier' || this.#mode === 'lineComment'))) {
      const before = this.#at;
      const mode = this.#mode;
      const piece = this.#step(final);
      if (piece !== null) return piece;
      if (this.copy !== null) return null;
      if (this.#at === before && this.#mode === mode) break;
    }
    return final ? this.#finish() : null;
  }

  /** One token or a part of one. Neither place nor mode moves where more bytes are needed to decide. */
  #step(final: boolean): SqlPiece | null {
    switch (this.#mode) {
      case 'normal':
        return this.#normal(final);
      case 'identifier':
        this.#identifier(final);
        return null;
      case 'string':
        this.#string();
        return null;
      case 'escapeString':
        this.#escapeString(final);
        return null;
      case 'quotedName':
        this.#seek(34);
        if (this.#at < this.#end) this.#leave(1);
        return null;
      case 'dollar': {
        const found = this.#view().indexOf(this.#tag, this.#at);
        if (found === -1) this.#at = Math.max(this.#at, this.#end - this.#tag.length + 1);
        else {
          this.#at = found;
          this.#leave(this.#tag.length);
        }
        return null;
      }
      case 'lineComment':
        this.#lineComment(final);
        return null;
      case 'blockComment':
        this.#blockComment();
        return null;
      case 'afterCopy':
        return this.#afterCopy(final);
    }
  }

  #normal(final: boolean): SqlPiece | null {
    const buffer = this.#buffer;
    const end = this.#end;
    for (let at = this.#at; at < end; at++) {
      const kind = classes[buffer[at] as number];
      if (kind === space) {
        if (this.#escapeGoesOn === 1 && (buffer[at] === 10 || buffer[at] === 13)) this.#escapeGoesOn = 2;
        continue;
      }
      this.#at = at;
      if (kind === dash || kind === slash) {
        if (at + 1 >= end && !final) return null;
        if (at + 1 < end && buffer[at + 1] === (kind === dash ? 45 : 42)) {
          this.#token = at;
          if (kind === slash) this.#escapeGoesOn = 0;
          this.#mode = kind === dash ? 'lineComment' : 'blockComment';
          this.#commentDepth = 0;
          return null;
        }
      }
      if (kind === backslash) return this.#meta(final);
      if (kind === nul) throw incomplete(`line ${this.#lineOf(at)} holds a zero byte, which SQL text cannot`);
      const goesOnAsEscape = this.#escapeGoesOn === 2 && kind === quote;
      this.#escapeGoesOn = 0;
      if (this.#start === -1 && kind !== semicolon) {
        this.#start = at;
        this.#startLine = this.#lineOf(at);
      }
      if (kind === letter) {
        this.#enter('identifier', 0);
        this.#token = at;
        return null;
      }
      if (kind === quote) {
        this.#enter(goesOnAsEscape || !this.#standardStrings ? 'escapeString' : 'string', 1);
        return null;
      }
      if (kind === doubleQuote) {
        this.#enter('quotedName', 1);
        return null;
      }
      if (kind === dollar) {
        const entered = this.#dollarTag(final);
        if (entered !== false) return null;
        continue;
      }
      if (kind === open) this.#parentheses++;
      else if (kind === close) this.#parentheses = Math.max(0, this.#parentheses - 1);
      else if (kind === semicolon && this.#parentheses === 0 && this.#beginDepth === 0) {
        this.#at = at + 1;
        const piece = this.#statement(true);
        if (piece !== null) return piece;
      }
    }
    this.#at = end;
    return null;
  }

  /** `true`: a dollar quote has begun; `false`: only a dollar sign; `null`: more is needed. */
  #dollarTag(final: boolean): boolean | null {
    const buffer = this.#buffer;
    let at = this.#at + 1;
    while (at < this.#end && goesOn[buffer[at] as number] === 1 && buffer[at] !== 36) {
      if (at === this.#at + 1 && classes[buffer[at] as number] !== letter) return false;
      at++;
    }
    if (at - this.#at > longestTag)
      throw notRecognised(`Line ${this.#lineOf(this.#at)} holds a dollar quote of unheard-of length.`, 'The file may be damaged.');
    if (at >= this.#end) return final ? false : null;
    if (buffer[at] !== 36) return false;
    this.#tag = Buffer.from(buffer.subarray(this.#at, at + 1));
    this.#enter('dollar', this.#tag.length);
    return true;
  }

  #identifier(final: boolean): void {
    let at = this.#at;
    while (at < this.#end && goesOn[this.#buffer[at] as number] === 1) at++;
    this.#at = at;
    if (at >= this.#end && !final) return;
    const length = at - this.#token;
    if (length === 1 && at < this.#end) {
      // The prefixes of strings are no identifiers: psql does not count them when it looks for CREATE FUNCTION.
      const prefix = String.fromCharCode(this.#buffer[this.#token] as number).toLowerCase();
      const quoted = this.#buffer[at] === 39;
      if (quoted && prefix === 'e') return this.#enter('escapeString', 1);
      if (quoted && (prefix === 'b' || prefix === 'x')) return this.#enter('string', 1);
      if (quoted && prefix === 'n') return this.#enter(this.#standardStrings ? 'string' : 'escapeString', 1);
      if (prefix === 'u' && this.#buffer[at] === 38) {
        if (at + 1 >= this.#end && !final) return;
        const next = at + 1 < this.#end ? this.#buffer[at + 1] : 0;
        if (next === 39 || next === 34) return this.#enter('normal', 1);
      }
    }
    this.#mode = 'normal';
    this.#trackBegin(length > 9 ? '' : this.#buffer.toString('latin1', this.#token, at).toLowerCase());
  }

  /** Follows BEGIN … END of SQL-standard function bodies exactly as psql does: their semicolons do not end the statement. */
  #trackBegin(word: string): void {
    if (this.#identifierCount < 4) {
      const known = word === 'create' || word === 'function' || word === 'procedure' || word === 'or' || word === 'replace';
      this.#identifiers += known ? word.charAt(0) : ' ';
    }
    this.#identifierCount++;
    if (this.#parentheses > 0 || !/^c(f|p|or[fp])/.test(this.#identifiers)) return;
    if (word === 'begin' || (word === 'case' && this.#beginDepth > 0)) this.#beginDepth++;
    else if (word === 'end' && this.#beginDepth > 0) this.#beginDepth--;
  }

  #string(): void {
    this.#seek(39);
    // A doubled quote closes and opens again at once: the same as going on.
    if (this.#at < this.#end) this.#leave(1);
  }

  #escapeString(final: boolean): void {
    const buffer = this.#buffer;
    for (let at = this.#at; at < this.#end; at++) {
      const byte = buffer[at];
      if (byte !== 92 && byte !== 39) continue;
      this.#at = at;
      if (at + 1 >= this.#end && !final) return;
      if (byte === 92 || (at + 1 < this.#end && buffer[at + 1] === 39)) {
        at++;
        continue;
      }
      this.#leave(1);
      this.#escapeGoesOn = 1;
      return;
    }
    this.#at = this.#end;
  }

  #lineComment(final: boolean): void {
    let at = this.#at;
    while (at < this.#end && this.#buffer[at] !== 10 && this.#buffer[at] !== 13) at++;
    this.#at = at;
    if (at >= this.#end && !final) return;
    this.#mode = 'normal';
    if (this.#start === -1 && this.#onComment !== undefined) {
      this.#onComment(this.#decode(this.#buffer.subarray(this.#token + 2, at)).trim(), this.#lineOf(this.#token));
    }
  }

  #blockComment(): void {
    const buffer = this.#buffer;
    let at = this.#at;
    for (; at + 1 < this.#end; at++) {
      if (buffer[at] === 47 && buffer[at + 1] === 42) {
        this.#commentDepth++;
        at++;
      } else if (buffer[at] === 42 && buffer[at + 1] === 47) {
        this.#commentDepth--;
        at++;
        if (this.#commentDepth === 0) {
          this.#at = at + 1;
          this.#mode = 'normal';
          return;
        }
      }
    }
    this.#at = Math.min(at, this.#end);
  }

  /** The line of COPY … FROM stdin must hold nothing more: psql would run it after the data. */
  #afterCopy(final: boolean): null {
    const end = this.#lineEnd(final);
    if (end === null) return null;
    const rest = this.#buffer.toString('latin1', this.#at, end);
    if (!/^[ \t\f\v]*(--[^\r]*)?\r?$/.test(rest)) {
      throw notRecognised(
        `Line ${this.#lineOf(this.#at)} holds more after COPY … FROM stdin.`,
        'Put the data on the next line and other statements behind it.',
      );
    }
    this.#at = end;
    if (end >= this.#end) return null;
    this.#at++;
    this.#mode = 'normal';
    this.copyLine = this.#startLine;
    this.copy = new CopyData();
    return null;
  }

  /** Where this line ends; null where that needs more bytes. */
  #lineEnd(final: boolean): number | null {
    let end = this.#at;
    while (end < this.#end && this.#buffer[end] !== 10) end++;
    if (end - this.#at > longestMetaLine) {
      throw notRecognised(`Line ${this.#lineOf(this.#at)} is longer than such a line can be.`, 'The file may be damaged.');
    }
    return end >= this.#end && !final ? null : end;
  }

  #meta(final: boolean): SqlPiece | null {
    const end = this.#lineEnd(final);
    if (end === null) return null;
    this.#escapeGoesOn = 0;
    const line = this.#lineOf(this.#at);
    const text = this.#decode(this.#buffer.subarray(this.#at + 1, end)).trimEnd();
    const command = /^[^\s\\]*/.exec(text)?.[0] ?? '';
    const rest = text.slice(command.length);
    if (this.#start >= 0) this.#buffer.fill(32, this.#at, end);
    this.#at = end;
    // `\;` and `\:` are not commands to psql, but nothing that a dump needs either.
    return { kind: 'meta', command: command === '' ? rest.slice(0, 1) : command, argument: rest.trim(), line };
  }

  #statement(terminated: boolean): SqlPiece | null {
    const start = this.#start;
    this.#start = -1;
    this.#parentheses = 0;
    this.#beginDepth = 0;
    this.#identifierCount = 0;
    this.#identifiers = '';
    if (start === -1) return null;
    const raw = Buffer.from(this.#buffer.subarray(start, this.#at));
    const text = this.#decode(raw);
    const line = this.#startLine;
    const table = copyFromStdin(text);
    if (table !== null) {
      this.#mode = 'afterCopy';
      return { kind: 'copyStart', statement: text, table, line, raw };
    }
    this.#obey(text);
    return { kind: 'statement', text, line, raw, terminated };
  }

  /** Two settings change how the rest of the script reads. */
  #obey(text: string): void {
    const standard = settingOf(text, 'standard_conforming_strings');
    if (standard !== null) this.#standardStrings = !/^(off|false|f|no|n|0)$/i.test(standard);
    const encoding = settingOf(text, 'client_encoding');
    if (encoding === null) return;
    if (
      /^(SJIS|SHIFT_?JIS|MSKANJI|WIN932|WINDOWS932|SHIFT_JIS_2004|BIG5|WIN950|WINDOWS950|GBK|WIN936|WINDOWS936|UHC|WIN949|WINDOWS949|GB18030|JOHAB)$/i.test(
        encoding,
      )
    ) {
      throw notRecognised(
        `The script is in ${encoding}, whose characters can hold bytes that look like quotes.`,
        'Dump again with pg_dump --encoding=UTF8.',
      );
    }
    this.#decode = decoderFor(encoding);
  }

  #finish(): SqlPiece | null {
    const where = `line ${this.#startLine}`;
    if (this.#mode === 'afterCopy') throw incomplete(`it ends before the rows of the COPY at ${where}`);
    if (this.#mode === 'blockComment') throw incomplete('it ends inside a comment');
    if (this.#mode !== 'normal') throw incomplete(`it ends inside a quoted part of the statement at ${where}`);
    if (this.#parentheses > 0 || this.#beginDepth > 0) throw incomplete(`it ends inside the statement at ${where}`);
    return this.#statement(false);
  }

  #enter(mode: Mode, length: number): void {
    this.#mode = mode;
    this.#at += length;
  }

  #leave(length: number): void {
    this.#mode = 'normal';
    this.#at += length;
  }

  /** Moves to the next such byte, or to the end. */
  #seek(byte: number): void {
    const buffer = this.#buffer;
    const near = Math.min(this.#end, this.#at + 64);
    let at = this.#at;
    while (at < near && buffer[at] !== byte) at++;
    if (at === near && at < this.#end) {
      const found = this.#view().indexOf(byte, at);
      at = found === -1 ? this.#end : found;
    }
    this.#at = at;
  }

  #view(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  #keepFrom(): number {
    if (this.#start >= 0) return this.#start;
    return this.#mode === 'lineComment' ? Math.min(this.#token, this.#at) : this.#at;
  }

  /** The line of a place at or behind the last one asked for. */
  #lineOf(at: number): number {
    const buffer = this.#buffer;
    for (let i = this.#lineAt; i < at; i++) if (buffer[i] === 10) this.#line++;
    this.#lineAt = Math.max(this.#lineAt, at);
    return this.#line;
  }
}
