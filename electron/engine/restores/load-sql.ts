// Loads a script of SQL through our own session: psql would run `\!` on the DBA's machine, and follow `\connect`
// into other databases.
import { from as copyFrom } from 'pg-copy-streams';
import { HowdahError } from '../../../shared/errors.ts';
import { judgeMeta } from '../dumps/meta-commands.ts';
import { splitSql, type SqlPiece } from '../dumps/sql-lexer.ts';
import { incomplete } from '../dumps/dump-errors.ts';
import type { Session } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';
import { judgeStatement } from './judge-statement.ts';

export type SqlLoad = {
  session: Session;
  target: Target;
  chunks: AsyncIterable<Buffer>;
  noOwner: boolean;
  /** The caller has begun a transaction and will end it: the script's own BEGIN and COMMIT are left out. */
  oneTransaction: boolean;
  signal: AbortSignal;
  /** Told of every table whose rows begin, and of each chunk's bytes. */
  onTable?: (name: string) => void;
  onBytes?: (bytes: number) => void;
};

/** undefined_table, undefined_object, undefined_function, invalid_schema_name, undefined_column, undefined_database. */
const nothingThere = new Set(['42P01', '42704', '42883', '3F000', '42703']);

/** Runs the script. Resolves with what was left out, in words; throws at the first error, with the transaction open.
 * Errors: RESTORE_HAD_ERRORS, DUMP_UNSAFE, DUMP_INCOMPLETE, CONNECTION_LOST, and the reason of the signal. */
export async function loadSql(load: SqlLoad): Promise<{ warnings: string[] }> {
  const leftOut = new Map<string, { count: number; first: string }>();
  const warn = (why: string, example: string): void => {
    const known = leftOut.get(why);
    if (known === undefined) leftOut.set(why, { count: 1, first: example });
    else known.count += 1;
  };
  const state = { encoding: 'UTF8', inTransaction: load.oneTransaction };
  const marks = { begun: false, ended: false };
  const pieces = splitSql(load.chunks, {
    onComment: (text) => {
      if (text === 'PostgreSQL database dump') [marks.begun, marks.ended] = [true, false];
      if (text === 'PostgreSQL database dump complete') marks.ended = true;
    },
  });
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    load.signal.throwIfAborted();
    const piece = next.value;
    switch (piece.kind) {
      case 'meta':
        meta(piece, warn);
        break;
      case 'statement':
        await runStatement(load, piece, state, warn);
        break;
      case 'copyStart':
        load.onTable?.(piece.table.table);
        await copyRows(load, piece, pieces, state.encoding);
        break;
      case 'copyData':
      case 'copyEnd':
        throw new Error('rows without a COPY');
    }
  }
  if (marks.begun && !marks.ended) throw incomplete('its closing line "PostgreSQL database dump complete" is missing');
  return {
    warnings: [...leftOut].map(
      ([why, { count, first }]) => `Left out: ${excerpt(first)}${count > 1 ? ` (and ${count - 1} more like it)` : ''}, because ${why}.`,
    ),
  };
}

function meta(piece: Extract<SqlPiece, { kind: 'meta' }>, warn: Warn): void {
  const verdict = judgeMeta(piece.command, piece.argument);
  if (verdict.kind === 'blocked') {
    throw new HowdahError('DUMP_UNSAFE', `${verdict.message} (line ${piece.line})`, {
      hint: 'Look at that line. Remove it only if you know what it is for.',
    });
  }
  if (verdict.kind === 'connect') warn('it would have gone to another database', `\\${piece.command} ${piece.argument}`);
}

type State = { encoding: string; inTransaction: boolean };
type Warn = (why: string, example: string) => void;

async function runStatement(load: SqlLoad, piece: Extract<SqlPiece, { kind: 'statement' }>, state: State, warn: Warn): Promise<void> {
  const verdict = judgeStatement(piece.text, load.noOwner);
  switch (verdict.kind) {
    case 'refuse':
      throw new HowdahError('DUMP_UNSAFE', `The statement at line ${piece.line} of the dump is never run: ${verdict.why}.`, {
        hint: 'Look at that line. pg_dump writes nothing like it.',
        detail: excerpt(piece.text),
      });
    case 'leaveOut':
      if (verdict.why !== null) warn(verdict.why, piece.text);
      return;
    case 'encoding':
      // Statements are sent as UTF-8 whatever the script is in; rows as they stand, with their encoding named.
      state.encoding = verdict.encoding;
      return;
    case 'transaction':
      if (load.oneTransaction) {
        if (/^(ROLLBACK|ABORT)/i.test(piece.text))
          throw failed(
            load,
            piece.line,
            piece.text,
            new Error('The dump takes back its own work with ROLLBACK; it cannot be restored in one transaction.'),
          );
        return;
      }
      await send(load, piece.text, piece.line);
      state.inTransaction = /^(BEGIN|START)/i.test(piece.text);
      return;
    case 'parameter': {
      const known = await send(load, `select current_setting('${verdict.name}', true) is not null as known`, piece.line);
      if (known === false) warn(`the target's version has no parameter "${verdict.name}"`, piece.text);
      else await send(load, piece.text, piece.line);
      return;
    }
    case 'statistics': {
      const known = await send(load, "select to_regproc('pg_catalog.pg_restore_relation_stats') is not null as known", piece.line);
      if (known === false) warn("the target's version takes no statistics", piece.text);
      else await send(load, piece.text, piece.line);
      return;
    }
    case 'drop':
      await drop(load, piece.text, piece.line, state.inTransaction, warn);
      return;
    case 'run':
      await send(load, piece.text, piece.line);
      return;
  }
}

/** A DROP of something that is not there is no error in a restore (dumps made with --clean begin with them). */
async function drop(load: SqlLoad, text: string, line: number, inTransaction: boolean, warn: Warn): Promise<void> {
  if (inTransaction) await send(load, 'savepoint howdah_drop', line);
  try {
    await load.session.query(text);
  } catch (thrown) {
    const code = (thrown as { code?: unknown }).code;
    if (typeof code !== 'string' || !nothingThere.has(code)) throw failed(load, line, text, thrown);
    if (inTransaction) await send(load, 'rollback to savepoint howdah_drop', line);
    warn('there was nothing to drop', text);
  }
  if (inTransaction) await send(load, 'release savepoint howdah_drop', line);
}

/** Runs a statement; gives the first value of its first row. */
async function send(load: SqlLoad, text: string, line: number): Promise<unknown> {
  try {
    const result = await load.session.query<Record<string, unknown>>(text);
    const row = Array.isArray(result) ? undefined : result.rows[0];
    return row === undefined ? undefined : Object.values(row)[0];
  } catch (thrown) {
    throw failed(load, line, text, thrown);
  }
}

async function copyRows(
  load: SqlLoad,
  start: Extract<SqlPiece, { kind: 'copyStart' }>,
  pieces: AsyncGenerator<SqlPiece>,
  encoding: string,
): Promise<void> {
  const stream = load.session.query(copyFrom(inEncoding(start.statement, encoding)));
  let failure: unknown;
  let wake: () => void = () => {};
  const settled = new Promise<void>((resolve) => {
    stream.once('error', (thrown: unknown) => {
      failure ??= thrown;
      resolve();
      wake();
    });
    stream.once('finish', resolve);
  });
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) throw incomplete(`it ends inside the rows of ${start.table.table}`);
      if (failure !== undefined) break;
      load.signal.throwIfAborted();
      if (next.value.kind === 'copyEnd') break;
      if (next.value.kind !== 'copyData') throw new Error('a statement inside rows');
      const { chunk } = next.value;
      load.onBytes?.(chunk.length);
      if (!stream.write(chunk)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          stream.once('drain', resolve);
        });
      }
      if (failure !== undefined) break;
    }
  } catch (thrown) {
    // The server is told to forget the rows before anything else is said on this line.
    if (failure === undefined) stream.destroy(new Error('the restore was stopped'));
    await settled;
    throw thrown;
  }
  if (failure === undefined) stream.end();
  await settled;
  if (failure !== undefined) {
    load.signal.throwIfAborted();
    throw failed(load, start.line, start.statement, failure);
  }
}

/** Names the rows' encoding where it is not the session's. */
function inEncoding(statement: string, encoding: string): string {
  if (/^(UTF-?8|UNICODE|SQL_?ASCII)$/i.test(encoding)) return statement;
  return /\bstdin\s*;?\s*$/i.test(statement) ? statement.replace(/\s*;?\s*$/, ` WITH (ENCODING '${encoding}')`) : statement;
}

function failed(load: SqlLoad, line: number, statement: string, thrown: unknown): unknown {
  if (load.signal.aborted) return load.signal.reason;
  const error = serverError(thrown, load.target);
  if (['CONNECTION_LOST', 'CONNECTION_FAILED', 'DISK_FULL'].includes(error.code)) return error;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const more = thrown as { code?: string; detail?: string; hint?: string; where?: string };
  const said = [more.detail, more.hint, more.where].filter((text) => text !== undefined && text !== '').join('\n');
  return new HowdahError('RESTORE_HAD_ERRORS', `The server refused a statement of the dump (line ${line}): ${message}`, {
    hint: 'The target is as it was. Solve what the server names, then restore again.',
    detail: `${excerpt(statement)}\n${more.code === undefined ? '' : `SQLSTATE ${more.code}\n`}${said}`.trim(),
    cause: thrown,
  });
}

const excerpt = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
};
