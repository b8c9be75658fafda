// Reads a plain SQL dump from end to end without running anything of it: what it makes, how many rows each
// table gets, and every line that would reach beyond the one database that is restored.
import type { DumpObject, DumpProblem } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { countInsertedRows, insertedTable } from './inserted-rows.ts';
import { judgeMeta } from './meta-commands.ts';
import { addRoles } from './roles.ts';
import { createdObject } from './created-object.ts';
import { splitSql, type SqlPiece } from './sql-lexer.ts';
import { nameParts, reachOf, schemaChosen, settingOf, tableOf } from './sql-statements.ts';
import type { TableName } from '../../../shared/contract/common.ts';

export type PlainTable = TableName & { created: boolean; hasData: boolean; rows: number | null; sizeBytes: number };

export type PlainDump = {
  serverVersion: string | null;
  dumpedBy: string | null;
  database: string | null;
  createdAt: string | null;
  encoding: string | null;
  /** Null: it was not written by pg_dump, so nothing says where it should end. */
  complete: boolean | null;
  tables: PlainTable[];
  objects: DumpObject[];
  extensions: string[];
  roles: string[];
  problems: DumpProblem[];
};

/** More problems of one kind than this say nothing new. */
const mostOfAKind = 20;

/** Reads the whole script. Throws only what is not about the dump's state, such as FILE_NOT_READABLE. */
export async function inspectPlain(chunks: AsyncIterable<Buffer>): Promise<PlainDump> {
  const reader = new PlainReader();
  try {
    for await (const piece of splitSql(chunks, { onComment: (text) => reader.comment(text) })) reader.piece(piece);
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || (thrown.code !== 'DUMP_INCOMPLETE' && thrown.code !== 'DUMP_NOT_RECOGNISED')) throw thrown;
    reader.broken(thrown);
  }
  return reader.result();
}

class PlainReader {
  #serverVersion: string | null = null;
  #dumpedBy: string | null = null;
  #startedOn: string | null = null;
  #encoding: string | null = null;
  /** Dumps begun and not ended: pg_dumpall nests those of databases in its own. */
  #open = 0;
  #headers = 0;
  #brokenBy: HowdahError | null = null;
  readonly #tables = new Map<string, PlainTable>();
  readonly #partitions = new Map<string, string[]>();
  readonly #announced: DumpObject[] = [];
  /** Tables whose rows a comment announces; a comment has blanks where a name has line breaks. */
  readonly #dataAnnounced: TableName[] = [];
  readonly #created: DumpObject[] = [];
  readonly #extensions = new Set<string>();
  readonly #roles = new Set<string>();
  readonly #problems: DumpProblem[] = [];
  readonly #counts = new Map<string, number>();
  /** The database that psql would be in; '' is the one it was started for. */
  #current = '';
  readonly #used = new Set<string>();
  #databaseMade: string | null = null;
  #schema = 'public';
  #copying: PlainTable | null = null;
  /** By the name as written, under the present search path: millions of INSERTs name few tables. */
  readonly #inserted = new Map<string, PlainTable>();

  comment(text: string): void {
    if (/^PostgreSQL database (cluster )?dump$/.test(text)) {
      this.#headers++;
      this.#open++;
    } else if (/^PostgreSQL database (cluster )?dump complete$/.test(text)) this.#open--;
    else if (text.startsWith('Dumped from database version ')) this.#serverVersion ??= text.slice(29);
    else if (text.startsWith('Dumped by pg_dump version ')) this.#dumpedBy ??= text.slice(26);
    else if (text.startsWith('Started on ')) this.#startedOn ??= text.slice(11);
    else if (text.includes('; Type: ')) this.#announce(text);
  }

  piece(piece: SqlPiece): void {
    if (piece.kind === 'statement') this.#statement(piece.text, piece.line, piece.raw.length);
    else if (piece.kind === 'meta') this.#meta(piece.command, piece.argument, piece.line);
    else if (piece.kind === 'copyStart') {
      this.#used.add(this.#current);
      this.#copying = this.#table(piece.table);
      this.#copying.hasData = true;
    } else if (piece.kind === 'copyData') {
      if (this.#copying !== null) this.#copying.sizeBytes += piece.chunk.length;
    } else if (this.#copying !== null) {
      if (this.#copying.rows !== null) this.#copying.rows += piece.rows;
      this.#copying = null;
    }
  }

  broken(error: HowdahError): void {
    this.#brokenBy = error;
  }

  result(): PlainDump {
    this.#judgeEnd();
    this.#judgeDatabases();
    this.#settleAnnounced();
    const tables = [...this.#tables.values()];
    for (const [parent, children] of this.#partitions) {
      const table = this.#tables.get(parent);
      if (table !== undefined && children.some((child) => this.#tables.get(child)?.hasData)) table.hasData = true;
    }
    for (const table of tables) if (!table.hasData || this.#partitions.has(keyOf(table))) table.rows = null;
    const withData = tables.some((table) => table.hasData);
    if (withData && !tables.some((table) => table.created)) {
      this.#problem({
        code: 'DATA_ONLY',
        severity: 'warning',
        message: 'It holds rows, but no table definitions: the tables must exist at the target.',
      });
    } else if (this.#headers > 0 && !withData && tables.length > 0) {
      this.#problem({ code: 'SCHEMA_ONLY', severity: 'warning', message: 'It holds definitions, but no rows.' });
    }
    if (this.#serverVersion === null) {
      this.#problem({ code: 'UNKNOWN_VERSION', severity: 'warning', message: 'It does not say which PostgreSQL version it comes from.' });
    }
    const [onlyDatabase] = [...this.#used].filter((name) => name !== '');
    const started = this.#startedOn === null ? Number.NaN : Date.parse(this.#startedOn);
    return {
      serverVersion: this.#serverVersion,
      dumpedBy: this.#dumpedBy,
      database: this.#used.size > 1 ? null : (onlyDatabase ?? this.#databaseMade),
      createdAt: Number.isNaN(started) ? null : new Date(started).toISOString(),
      encoding: this.#encoding,
      complete: this.#brokenBy !== null ? false : this.#headers === 0 ? null : this.#open <= 0,
      tables,
      objects: this.#announced.length > 0 ? this.#announced : this.#created,
      extensions: [...this.#extensions].toSorted(),
      roles: [...this.#roles].toSorted(),
      problems: this.#problems,
    };
  }

  /** `Name: orders; Type: TABLE; Schema: app; Owner: anna`, as pg_dump writes above each object. */
  #announce(text: string): void {
    const found =
      /^(?:(Data for |Statistics for ))?Name: ([\s\S]*); Type: ([A-Z ]+); Schema: ([\s\S]*?); Owner: ([\s\S]*?)(?:; Tablespace: [\s\S]*)?$/.exec(
        text,
      );
    if (found === null) return;
    const [, , name = '', type = '', schema = '', owner = ''] = found;
    const object = { type, schema: schema === '-' ? '' : schema, name, owner: owner === '-' ? '' : owner };
    this.#announced.push(object);
    if (type === 'TABLE DATA' && object.schema !== '') this.#dataAnnounced.push({ schema: object.schema, table: name });
    if (object.owner !== '') this.#roles.add(object.owner);
  }

  #statement(text: string, line: number, bytes: number): void {
    const first = text.charCodeAt(0) | 32;
    if (first === 105 /* i */) {
      const written = insertedTable(text);
      if (written !== null) return this.#insert(text, written, bytes);
    }
    if (first === 115 || first === 114 /* s, r */) {
      const schema = schemaChosen(text);
      if (schema !== null && schema !== 'pg_catalog') this.#schema = schema;
      if (schema !== null) this.#inserted.clear();
      this.#encoding = settingOf(text, 'client_encoding') ?? this.#encoding;
      if (/^(SET|RESET|SELECT\s+(pg_catalog\s*\.\s*)?set_config)\b/i.test(text)) return;
    }
    const reach = reachOf(text);
    if (reach.kind === 'serverFile') {
      this.#problem({ code: 'SHELL_ESCAPE', severity: 'blocker', message: `${reach.what} reaches the server's programs or files.`, line });
    } else if (reach.kind === 'dropDatabase') {
      this.#problem({
        code: 'DROP_DATABASE',
        severity: 'warning',
        message: `It would drop the database ${reach.database}. The restore leaves this out.`,
        line,
      });
    } else if (reach.kind === 'createDatabase') {
      this.#databaseMade ??= reach.database;
      this.#problem({
        code: 'CREATE_DATABASE',
        severity: 'warning',
        message: `It would create the database ${reach.database}. The restore leaves this out and uses the database that you choose.`,
        line,
      });
    }
    if (reach.kind === 'createDatabase' || reach.kind === 'dropDatabase' || reach.kind === 'alterDatabase')
      return addRoles(text, this.#roles);
    if (!ofTheCluster.test(text)) this.#used.add(this.#current);
    this.#object(text);
  }

  #object(text: string): void {
    const head = text.length > 65_536 ? text.slice(0, 65_536) : text;
    if (/^(GRANT|REVOKE|ALTER)\b/i.test(head)) addRoles(head, this.#roles);
    const attached = /^ALTER\s+TABLE\s+(?:ONLY\s+)?([\s\S]+?)\s+ATTACH\s+PARTITION\s+([\s\S]+?)\s+(?:FOR\s+VALUES|DEFAULT)\b/i.exec(head);
    if (attached !== null) this.#partition(attached[1] ?? '', attached[2] ?? '');
    const object = createdObject(head);
    if (object === null) return;
    const { type, written } = object;
    if (type === 'EXTENSION') this.#extensions.add(nameParts(written)[0] ?? '');
    const name =
      type === 'SCHEMA' || type === 'EXTENSION' ? { schema: '', table: nameParts(written)[0] ?? '' } : this.#qualified(tableOf(written));
    this.#created.push({ type, schema: name.schema, name: name.table, owner: '' });
    if (type !== 'TABLE' && type !== 'FOREIGN TABLE') return;
    this.#table(name).created = true;
    const parent = /\bPARTITION\s+OF\s+((?:"(?:[^"]|"")+"|[^\s"(])+)/i.exec(head)?.[1];
    if (parent !== undefined) this.#partition(parent, written);
  }

  #partition(parent: string, child: string): void {
    const key = keyOf(this.#qualified(tableOf(parent)));
    this.#partitions.set(key, [...(this.#partitions.get(key) ?? []), keyOf(this.#qualified(tableOf(child)))]);
  }

  #insert(text: string, written: string, bytes: number): void {
    this.#used.add(this.#current);
    const table = this.#inserted.get(written) ?? this.#table(tableOf(written));
    this.#inserted.set(written, table);
    const rows = countInsertedRows(text);
    table.hasData = true;
    table.sizeBytes += bytes;
    table.rows = rows === null || table.rows === null ? null : table.rows + rows;
  }

  #meta(command: string, argument: string, line: number): void {
    const verdict = judgeMeta(command, argument);
    if (verdict.kind === 'benign') return;
    if (verdict.kind === 'connect') {
      this.#current = verdict.database;
      const to = verdict.database === '' ? 'again' : `to the database ${verdict.database}`;
      this.#problem({
        code: 'CONNECT_COMMAND',
        severity: 'warning',
        message: `\\${command} would connect ${to}. The restore leaves this out.`,
        line,
      });
    } else this.#problem({ code: verdict.code, severity: 'blocker', message: verdict.message, line });
  }

  #judgeEnd(): void {
    if (this.#brokenBy !== null) {
      const problem = this.#brokenBy;
      const damaged = problem.code === 'DUMP_NOT_RECOGNISED';
      this.#problem({ code: damaged ? 'DAMAGED' : 'CUT_OFF', severity: 'blocker', message: problem.message });
    } else if (this.#headers === 0) {
      this.#problem({
        code: 'NO_END_MARK',
        severity: 'warning',
        message: 'It was not written by pg_dump, so nothing shows whether its end is there.',
      });
    } else if (this.#open > 0) {
      this.#problem({
        code: 'CUT_OFF',
        severity: 'blocker',
        message: 'The closing line "PostgreSQL database dump complete" is missing: the dump is cut off.',
      });
    }
  }

  #judgeDatabases(): void {
    if (this.#used.size <= 1) return;
    const names = [...this.#used].map((name) => (name === '' ? 'the one at its start' : name)).join(', ');
    this.#problem({
      code: 'MULTIPLE_DATABASES',
      severity: 'blocker',
      message: `It holds several databases (${names}), which cannot go into one.`,
    });
  }

  /** An empty table of a dump with INSERTs has nothing but the comment to show that its rows are all there. */
  #settleAnnounced(): void {
    const asInComments = new Map([...this.#tables.values()].map((table) => [keyOf(onOneLine(table)), table]));
    for (const name of this.#dataAnnounced) (asInComments.get(keyOf(name)) ?? this.#table(name)).hasData = true;
  }

  #qualified(name: TableName): TableName {
    return name.schema === '' ? { schema: this.#schema, table: name.table } : name;
  }

  #table(name: TableName): PlainTable {
    const full = this.#qualified(name);
    const key = keyOf(full);
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = { ...full, created: false, hasData: false, rows: 0, sizeBytes: 0 };
      this.#tables.set(key, table);
    }
    return table;
  }

  #problem(problem: DumpProblem): void {
    const count = (this.#counts.get(problem.code) ?? 0) + 1;
    this.#counts.set(problem.code, count);
    if (count <= mostOfAKind) this.#problems.push(problem);
  }
}

/** Statements about roles and tablespaces belong to no database. */
const ofTheCluster =
  /^(?:(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP|TABLESPACE)|(?:COMMENT|SECURITY\s+LABEL)\s+ON\s+(?:ROLE|TABLESPACE)|(?:GRANT|REVOKE)(?![\s\S]*\sON\s)|BEGIN|COMMIT|START\s+TRANSACTION|END|ALTER\s+SYSTEM|UPDATE\s+pg_catalog\.pg_database)\b/i;

/** As pg_dump writes names into its comments (`sanitize_line`). */
const onOneLine = ({ schema, table }: TableName): TableName => ({
  schema: schema.replaceAll(/[\r\n]/g, ' '),
  table: table.replaceAll(/[\r\n]/g, ' '),
});

function keyOf(table: TableName): string {
  return JSON.stringify([table.schema, table.table]);
}
