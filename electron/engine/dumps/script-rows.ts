// Picks the rows of some tables out of a script: COPY data as it stands, INSERTs turned into the same format.
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { insertedTable } from './inserted-rows.ts';
import { readInsertedRows, readInsertHead, refused, type InsertHead } from './insert-values.ts';
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
type Head = { prefix: string; at: number; columns: string[] | null; table: TableName };
/** What INSERTs that follow each other must have in common. */
type Run = { head: Head; table: TableName; columns: string[]; width: number; defaults: number[]; encoding: string };
type Inserted = { kind: 'inserted'; run: Run; text: string };

const flushBytes = 128 * 1024;

export class ScriptRows {
  readonly #pieces: AsyncGenerator<SqlPiece>;
  readonly #wanted: Set<string>;
  readonly #known: KnownTables;
  readonly #settings: ScriptSettings;
  readonly #signal: AbortSignal;
  /** Tables of which rows have been met. */
  readonly seen = new Set<string>();
  #pending: SqlPiece | Inserted | null = null;
  #head: Head | null = null;
  #run: Run | null = null;

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
        } else if (piece.kind === 'statement' || piece.kind === 'inserted') {
          const first = piece.kind === 'inserted' ? piece : this.#statement(piece);
          if (first === null) continue;
          const { table, columns, encoding } = first.run;
          this.seen.add(tableKey(table));
          const chunks = this.#inserted(first);
          yield { table, columns, encoding, chunks };
          // Rows that nobody asked for still belong to this run.
          for await (const _chunk of chunks);
        }
      }
    } finally {
      await this.#pieces.return(undefined);
    }
  }

  async #next(): Promise<SqlPiece | Inserted | null> {
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

  async *#inserted(first: Inserted): AsyncGenerator<Buffer> {
    let text = first.text;
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
      const next = piece.kind === 'statement' ? this.#statement(piece) : null;
      if (piece.kind === 'statement' && next === null) continue;
      if (next === null || !sameRun(first.run, next.run)) {
        this.#pending = next ?? piece;
        break;
      }
      text += next.text;
      if (text.length < flushBytes) continue;
      yield Buffer.from(text, 'latin1');
      text = '';
    }
    if (text !== '') yield Buffer.from(text, 'latin1');
  }

  /** The rows of an INSERT into a wanted table; null for any other statement. */
  #statement(piece: StatementPiece): Inserted | null {
    const first = piece.text.charCodeAt(0) | 32;
    if (first === 105 /* i */) return this.#insert(piece);
    if (this.#settings.obey(piece.text)) this.#head = null;
    if (first === 99 || first === 97 /* c, a */) {
      this.#known.take(piece.text, (name) => this.#settings.qualified(name));
      this.#run = null;
    }
    this.#refuseChange(piece);
    return null;
  }

  #insert(piece: StatementPiece): Inserted | null {
    const bytes = piece.raw.toString('latin1');
    const head = this.#headOf(piece, bytes);
    if (head === null) return null;
    if (head.at === -1) {
      const known = this.#known.columnsOf(head.table);
      if (known === null || known.some((column) => !column.generated)) throw refused(piece.line, 'has nothing but defaults');
      const { encoding } = this.#settings;
      return { kind: 'inserted', run: { head, table: head.table, columns: [], width: 0, defaults: [], encoding }, text: '\n' };
    }
    const { text, width, defaults } = readInsertedRows(bytes, head.at, piece.line, this.#strings());
    let run = this.#run;
    if (
      run === null ||
      run.head !== head ||
      run.width !== width ||
      run.encoding !== this.#settings.encoding ||
      run.defaults.join() !== defaults.join()
    ) {
      run = this.#runOf(piece, head, width, defaults);
      this.#run = run;
    }
    return { kind: 'inserted', run, text };
  }

  /** Millions of INSERTs have few beginnings. */
  #headOf(piece: StatementPiece, bytes: string): Head | null {
    if (this.#head !== null && bytes.startsWith(this.#head.prefix)) return this.#head;
    const written = insertedTable(piece.text);
    if (written === null) return null;
    const table = this.#settings.qualified(tableOf(written));
    if (!this.#isWanted(table)) return null;
    const { columns }: InsertHead = readInsertHead(piece.text, piece.line);
    const { at } = readInsertHead(bytes, piece.line);
    const head = { prefix: bytes.slice(0, at), at, columns, table };
    if (at !== -1) this.#head = head;
    return head;
  }

  #runOf({ line }: StatementPiece, head: Head, width: number, defaults: number[]): Run {
    const { table } = head;
    const known = this.#known.columnsOf(table);
    const names = head.columns ?? known?.map((column) => column.name) ?? null;
    if (names !== null && (head.columns === null ? width > names.length : width !== names.length))
      throw refused(line, 'has another number of values than columns');
    const generated = new Set(known?.filter((column) => column.generated).map((column) => column.name));
    if (defaults.some((place) => !generated.has(names?.[place] ?? ''))) throw refused(line, 'asks for a default');
    const columns = names?.slice(0, width).filter((_name, place) => !defaults.includes(place)) ?? [];
    return { head, table, columns, width, defaults, encoding: this.#settings.encoding };
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
  a === b ||
  (tableKey(a.table) === tableKey(b.table) &&
    a.width === b.width &&
    a.encoding === b.encoding &&
    JSON.stringify([a.columns, a.defaults]) === JSON.stringify([b.columns, b.defaults]));

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
