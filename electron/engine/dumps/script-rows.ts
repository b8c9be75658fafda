// Picks the rows of some tables out of a script: COPY data as it stands, INSERTs turned into the same format.
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { insertedTable } from './inserted-rows.ts';
import { readInsertedRows, readInsertHead, refused, type InsertedRow, type InsertHead } from './insert-values.ts';
import type { KnownTables } from './known-tables.ts';
import type { ScriptSettings } from './script-settings.ts';
import type { SqlPiece } from './sql-lexer.ts';
import { namePattern, nameParts, tableOf, withoutComments } from './sql-statements.ts';

/** One run of rows: a COPY, or INSERTs that follow each other. */
export type TableRows = {
  table: TableName;
  /** Unquoted, in the order of the values. Empty: all columns of the table in its own order save generated ones, as
   * COPY without a list means it. A restore gives columns that are not listed their default. */
  columns: string[];
  /** The client_encoding in which the bytes stand. */
  encoding: string;
  /** What COPY … FROM stdin reads, in text format, cut anywhere; the end mark left out. To be drained before the next run. */
  chunks: AsyncIterable<Buffer>;
};

type StatementPiece = Extract<SqlPiece, { kind: 'statement' }>;
type Run = { table: TableName; columns: string[]; defaults: string };

const flushBytes = 128 * 1024;

export class ScriptRows {
  readonly #pieces: AsyncGenerator<SqlPiece>;
  readonly #wanted: Set<string>;
  readonly #known: KnownTables;
  readonly #settings: ScriptSettings;
  readonly #signal: AbortSignal;
  /** Tables of which rows have been met. */
  readonly seen = new Set<string>();
  #pending: SqlPiece | null = null;
  #head: { prefix: string; head: InsertHead; table: TableName; wanted: boolean } | null = null;

  constructor(pieces: AsyncGenerator<SqlPiece>, tables: Set<string>, known: KnownTables, settings: ScriptSettings, signal: AbortSignal) {
    this.#pieces = pieces;
    this.#wanted = tables;
    this.#known = known;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Errors: DUMP_UNSAFE, DUMP_INCOMPLETE, those of the pieces. Ended early it ends the pieces. */
  async *runs(): AsyncGenerator<TableRows> {
    try {
      for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
        if (piece.kind === 'copyStart') {
          const table = this.#settings.qualified(piece.table);
          if (!this.#isWanted(table)) continue;
          this.seen.add(tableKey(table));
          yield { table, columns: copyColumns(piece), encoding: this.#settings.encoding, chunks: this.#copied() };
        } else if (piece.kind === 'statement') {
          const run = this.#statement(piece);
          if (run === null) continue;
          const { table, columns } = run;
          this.seen.add(tableKey(table));
          const chunks = this.#inserted(run, piece);
          yield { table, columns, encoding: this.#settings.encoding, chunks };
          // Rows that nobody asked for still belong to this run.
          for await (const _chunk of chunks);
        }
      }
    } finally {
      await this.#pieces.return(undefined);
    }
  }

  async #next(): Promise<SqlPiece | null> {
    const pending = this.#pending;
    if (pending !== null) {
      this.#pending = null;
      return pending;
    }
    this.#signal.throwIfAborted();
    const { done, value } = await this.#pieces.next();
    return done === true ? null : value;
  }

  /** By hand, for a loop that is left early must not end the pieces. What is left behind is passed over. */
  async *#copied(): AsyncGenerator<Buffer> {
    for (let piece = await this.#next(); piece !== null && piece.kind !== 'copyEnd'; piece = await this.#next()) {
      if (piece.kind === 'copyData') yield piece.chunk;
    }
  }

  async *#inserted(run: Run, first: StatementPiece): AsyncGenerator<Buffer> {
    const known = this.#known.columnsOf(run.table);
    let rows: string[] = [];
    let size = 0;
    for (let piece: SqlPiece | null = first; piece !== null; piece = await this.#next()) {
      if (piece.kind === 'statement') {
        const next = piece === first ? run : this.#statement(piece);
        if (next === null) continue;
        if (sameRun(run, next)) {
          const { line } = piece;
          this.#rowsOf(piece, (row) => {
            if (defaultsOf(row) !== run.defaults) throw refused(line, 'has DEFAULT in some rows and values in others');
            const text = `${row.filter((value) => value !== null).join('\t')}\n`;
            const width = run.columns.length === 0 && known === null ? null : run.columns.length;
            if (width !== null && row.length - run.defaults.replaceAll(/[^d]/g, '').length !== width)
              throw refused(line, 'has rows of unequal length');
            rows.push(text);
            size += text.length;
          });
          if (size >= flushBytes) {
            yield Buffer.from(rows.join(''), 'latin1');
            rows = [];
            size = 0;
          }
          continue;
        }
      }
      this.#pending = piece;
      break;
    }
    if (size > 0) yield Buffer.from(rows.join(''), 'latin1');
  }

  /** The run that an INSERT into a wanted table belongs to; null for any other statement. */
  #statement(piece: StatementPiece): Run | null {
    const first = piece.text.charCodeAt(0) | 32;
    if (first === 105 /* i */) {
      const found = this.#headOf(piece);
      return found === null ? null : this.#runOf(piece, found.head, found.table);
    }
    if (this.#settings.obey(piece.text)) this.#head = null;
    if (first === 99 || first === 97 /* c, a */) this.#known.take(piece.text, (name) => this.#settings.qualified(name));
    this.#refuseChange(piece);
    return null;
  }

  /** Millions of INSERTs have few beginnings. */
  #headOf(piece: StatementPiece): { head: InsertHead; table: TableName } | null {
    const bytes = piece.raw.toString('latin1', 0, Math.min(piece.raw.length, 262_144));
    if (this.#head === null || !bytes.startsWith(this.#head.prefix)) {
      const written = insertedTable(piece.text);
      if (written === null) return null;
      const table = this.#settings.qualified(tableOf(written));
      if (!this.#isWanted(table)) return null;
      const decoded = readInsertHead(piece.text, piece.line);
      const { at } = readInsertHead(bytes, piece.line);
      if (at === -1) return { head: { ...decoded, at }, table };
      this.#head = { prefix: bytes.slice(0, at), head: { ...decoded, at }, table, wanted: true };
    }
    return this.#head;
  }

  #runOf(piece: StatementPiece, head: InsertHead, table: TableName): Run {
    const known = this.#known.columnsOf(table);
    let names = head.columns ?? known?.map((column) => column.name) ?? [];
    if (head.at === -1) {
      if (known === null || known.some((column) => !column.generated)) throw refused(piece.line, 'has nothing but defaults');
      return { table, columns: [], defaults: '' };
    }
    const row = firstRow(piece, head, this.#strings());
    if (head.columns === null && names.length > row.length) names = names.slice(0, row.length);
    const defaults = defaultsOf(row);
    if (defaults.includes('d')) {
      const generated = new Set(known?.filter((column) => column.generated).map((column) => column.name));
      if (row.some((value, index) => value === null && !generated.has(names[index] ?? ''))) throw refused(piece.line, 'asks for a default');
      names = names.filter((_name, index) => row[index] !== null);
    }
    return { table, columns: names, defaults };
  }

  #rowsOf(piece: StatementPiece, take: (row: InsertedRow) => void): void {
    const found = this.#headOf(piece);
    if (found === null) throw new Error('an INSERT that is none');
    if (found.head.at === -1) return take([]);
    readInsertedRows(piece.raw.toString('latin1'), found.head, piece.line, this.#strings(), take);
  }

  #strings(): { standard: boolean; utf8: boolean } {
    return { standard: this.#settings.standardStrings, utf8: /^(UTF-?8|UNICODE)$/i.test(this.#settings.encoding) };
  }

  #isWanted(table: TableName): boolean {
    return this.#known.isWithin(table, this.#wanted);
  }

  /** Rows that a later statement changes are not the rows that a restore would bring. */
  #refuseChange(piece: StatementPiece): void {
    const found = changing.exec(piece.text.slice(0, 8192));
    if (found === null) return;
    const table = this.#settings.qualified(tableOf(found[1] ?? ''));
    if (this.seen.has(tableKey(table))) throw changed(piece.line, table);
  }
}

const changing = new RegExp(
  String.raw`^(?:UPDATE\s+(?:ONLY\s+)?|DELETE\s+FROM\s+(?:ONLY\s+)?|TRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?|MERGE\s+INTO\s+(?:ONLY\s+)?|DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?)(${namePattern})`,
  'i',
);

const changed = (line: number, { schema, table }: TableName): HowdahError =>
  new HowdahError('DUMP_UNSAFE', `The statement at line ${line} changes rows of ${schema}.${table} after they were written.`, {
    hint: 'The script is more than a dump: restore it beside, and compare there.',
  });

const sameRun = (a: Run, b: Run): boolean =>
  tableKey(a.table) === tableKey(b.table) && a.defaults === b.defaults && JSON.stringify(a.columns) === JSON.stringify(b.columns);

/** Which places hold DEFAULT; empty where none does. */
const defaultsOf = (row: InsertedRow): string => (row.includes(null) ? row.map((value) => (value === null ? 'd' : 'v')).join('') : '');

function firstRow(piece: StatementPiece, head: InsertHead, strings: { standard: boolean; utf8: boolean }): InsertedRow {
  const stop = new Error('enough');
  let first: InsertedRow = [];
  try {
    readInsertedRows(piece.raw.toString('latin1'), head, piece.line, strings, (row) => {
      first = row;
      throw stop;
    });
  } catch (thrown) {
    if (thrown !== stop) throw thrown;
  }
  return first;
}

const copyStatement = new RegExp(String.raw`^COPY\s+${namePattern}\s*(?:\(((?:"(?:[^"]|"")*"|[^")])*)\)\s*)?FROM\s+STDIN\s*;?\s*$`, 'i');

/** Errors: DUMP_UNSAFE where the rows are not in COPY's text format as pg_dump writes it. */
function copyColumns(piece: Extract<SqlPiece, { kind: 'copyStart' }>): string[] {
  const found = copyStatement.exec(withoutComments(piece.statement));
  if (found === null) {
    throw new HowdahError(
      'DUMP_UNSAFE',
      `The COPY at line ${piece.line} has options that pg_dump does not write: its rows cannot be read.`,
      {
        hint: 'Dump again with pg_dump, without --oids.',
      },
    );
  }
  return nameParts((found[1] ?? '').replaceAll(/"(?:[^"]|"")*"|,/g, (part) => (part === ',' ? ' ' : part)));
}
