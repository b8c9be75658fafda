// Our own sessions on the server, by the `pg` package, reached as libpq would reach it.
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { HowdahError } from '../../../shared/errors.ts';
import { readPasswordFile } from './password-file.ts';
import { serverError } from './server-error.ts';
import type { Target } from './target.ts';

export type Session = pg.Client;

const connectTimeoutMs = 15_000;
/** A line that carries nothing is tried after so long; the system gives it up when nobody answers. */
const keepAliveAfterMs = 30_000;
/** So long a server may take over a goodbye. */
const goodbyeMs = 5_000;

export type SessionOptions = {
  /** The name it carries at the server; `howdah` where absent. */
  applicationName?: string | undefined;
  /** Its abort breaks the line at once, whatever the session is doing: a server that says nothing is not waited for. */
  signal?: AbortSignal | undefined;
  /** For a session that only asks: no answer to a query for so long counts as a broken line.
   * Absent: a query may take its time (counting, `analyze`, `create database`). */
  quietMs?: number | undefined;
};

/** Opens a session. The caller ends it (`session.end()`), or uses `withSession`. `options`: a text is the application name.
 * Errors: CONNECTION_FAILED, AUTHENTICATION_FAILED, DATABASE_NOT_FOUND, TLS_FAILED, CANCELLED (by the signal). */
export async function connect(target: Target, options: string | SessionOptions = {}): Promise<Session> {
  const { applicationName = 'howdah', signal, quietMs } = optionsOf(options);
  let failure: unknown;
  for (const ssl of sslAttempts(target)) {
    throwIfBroken(signal, target);
    const session = new pg.Client({
      host: target.host,
      port: target.port,
      user: target.user,
      database: target.database,
      password: () => passwordFor(target), // asked for only where the server wants one
      ssl,
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveAfterMs,
      // lc_messages needs no right for the session's own role on most servers; client_encoding is ours to set.
      client_encoding: 'UTF8',
      ...(quietMs === undefined ? {} : { query_timeout: quietMs }),
    });
    // A server that goes away between statements must not end the program; the next statement tells.
    session.on('error', () => {});
    breakable(session, signal);
    try {
      await session.connect();
      return session;
    } catch (thrown) {
      // Of several attempts the one that got furthest tells most: "no TLS here" only where nothing else was said.
      if (failure === undefined || !offersNoTls(thrown)) failure = thrown;
      await session.end().catch(() => {});
      throwIfBroken(signal, target);
      // Only how the line is encrypted may be tried another way; a wrong password stays wrong.
      if (!mayRetryOtherTls(thrown)) break;
    }
  }
  if (offersNoTls(failure)) {
    throw new HowdahError(
      'TLS_FAILED',
      `The server at ${target.host}:${target.port} offers no encryption, and sslmode "${target.sslMode}" asks for it.`,
      {
        hint: 'Turn ssl on at the server, or choose sslmode "prefer" where the line is safe.',
        cause: failure,
      },
    );
  }
  throw serverError(failure, target);
}

/** Runs `work` in a session of its own; errors of the server come out as HowdahError. `options`: see `connect`. */
export async function withSession<T>(
  target: Target,
  work: (session: Session) => Promise<T>,
  options: string | SessionOptions = {},
): Promise<T> {
  const { signal, quietMs } = optionsOf(options);
  const session = await connect(target, options);
  try {
    return await work(session);
  } catch (thrown) {
    if (isQuiet(thrown)) throw silent(target, quietMs ?? 0, thrown);
    if (!isServerFault(thrown)) throw thrown;
    throwIfBroken(signal, target);
    throw serverError(thrown, target);
  } finally {
    await session.end().catch(() => {});
  }
}

const optionsOf = (options: string | SessionOptions): SessionOptions =>
  typeof options === 'string' ? { applicationName: options } : options;

/** Lets the signal break the session's line, and bounds how long its end may take: a frozen server never says goodbye. */
function breakable(session: Session, signal: AbortSignal | undefined): void {
  const { connection } = session as unknown as { connection: { stream: Socket } };
  const plain = connection.stream; // TLS puts its own in front of it
  const breakOff = (): void => {
    connection.stream.destroy();
    plain.destroy();
  };
  signal?.addEventListener('abort', breakOff, { once: true });
  session.once('end', () => signal?.removeEventListener('abort', breakOff));
  const sayGoodbye = session.end.bind(session) as () => Promise<void>;
  session.end = async (): Promise<void> => {
    const timer = setTimeout(breakOff, goodbyeMs);
    try {
      await sayGoodbye();
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What the abort of a session's signal means: a cancel, or that a time limit (`AbortSignal.timeout`) is over. */
function throwIfBroken(signal: AbortSignal | undefined, target: Target): void {
  if (signal?.aborted !== true) return;
  const reason: unknown = signal.reason;
  if (reason instanceof HowdahError) throw reason;
  if (reason instanceof DOMException && reason.name === 'TimeoutError') {
    throw new HowdahError('CONNECTION_LOST', `${target.host}:${target.port} gave no answer in time.`, { hint: silenceHint });
  }
  throw new HowdahError('CANCELLED', 'The job was cancelled.', { hint: 'Nothing was left behind. Start it again when you want to.' });
}

const silenceHint = 'See the state of the server, of its disks and of the network in between, then start over.';

const silent = (target: Target, quietMs: number, cause: unknown): HowdahError =>
  new HowdahError('CONNECTION_LOST', `${target.host}:${target.port} gave no answer for ${Math.round(quietMs / 1000)} seconds.`, {
    hint: silenceHint,
    cause,
  });

/** The `pg` package says so in these words, without a code. */
const isQuiet = (thrown: unknown): boolean => thrown instanceof Error && thrown.message === 'Query read timeout';

/** The same server, another database. */
export const onDatabase = (target: Target, database: string): Target => ({ ...target, database });

/** Runs `work` in a session on a database that is always there (`postgres`, else `template1`),
 * for statements about other databases. */
export async function withMaintenanceSession<T>(
  target: Target,
  work: (session: Session) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  try {
    return await withSession(onDatabase(target, 'postgres'), work, options);
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || thrown.code !== 'DATABASE_NOT_FOUND') throw thrown;
    return await withSession(onDatabase(target, 'template1'), work, options);
  }
}

/** `"…"`, for any name. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `'…'`, for any text. */
export const quoteLiteral = (text: string): string => pg.escapeLiteral(text);

function passwordFor(target: Target): string {
  const password = target.password ?? readPasswordFile(target) ?? '';
  if (password !== '') return password;
  throw new HowdahError('AUTHENTICATION_FAILED', `${target.host}:${target.port} asks "${target.user}" for a password, and none is kept.`, {
    hint: 'Enter the password in the profile, or add a line to your .pgpass file.',
  });
}

function isServerFault(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof HowdahError) return false;
  const code = (thrown as { code?: unknown }).code;
  return (
    'severity' in thrown || typeof code === 'string' || /Connection terminated|not queryable|connection is closed/i.test(thrown.message)
  );
}

function mayRetryOtherTls(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown }).code;
  if (offersNoTls(thrown)) return true;
  return code === '28000' || (typeof code === 'string' && /CERT|TLS|SSL|EPROTO|ECONNRESET/.test(code));
}

/** The `pg` package says so in these words, without a code. */
const offersNoTls = (thrown: unknown): boolean => thrown instanceof Error && /does not support SSL/.test(thrown.message);

type SslOption = NonNullable<pg.ClientConfig['ssl']>;

/** What libpq would try, in order. https://www.postgresql.org/docs/current/libpq-ssl.html */
function sslAttempts(target: Target): SslOption[] {
  if (target.host.startsWith('/') || target.host.startsWith('@')) return [false];
  const verify = (mode: 'none' | 'ca' | 'full'): SslOption => {
    const files = certificateFiles(target, mode !== 'none');
    if (mode === 'none') return { ...files, rejectUnauthorized: false };
    return { ...files, rejectUnauthorized: true, ...(mode === 'ca' ? { checkServerIdentity: () => undefined } : {}) };
  };
  switch (target.sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, verify('none')];
    case 'prefer':
      return [verify('none'), false];
    case 'require':
      return [verify(target.sslRootCert !== '' ? 'ca' : 'none')];
    case 'verify-ca':
      return [verify('ca')];
    case 'verify-full':
      return [verify('full')];
  }
}

function certificateFiles(target: Target, needRoot: boolean): { ca?: string; cert?: string; key?: string; servername?: string } {
  const folder = process.platform === 'win32' ? join(process.env['APPDATA'] ?? homedir(), 'postgresql') : join(homedir(), '.postgresql');
  const read = (named: string, fallback: string, needed: boolean): string | undefined => {
    const file = named || join(folder, fallback);
    if (named === '' && !existsSync(file)) {
      if (!needed) return undefined;
      throw new HowdahError('TLS_FAILED', `sslmode "${target.sslMode}" needs a root certificate, and there is none at ${file}.`, {
        hint: 'Name the root certificate file in the profile.',
      });
    }
    try {
      return readFileSync(file, 'utf8');
    } catch (thrown) {
      throw new HowdahError('TLS_FAILED', `The certificate file ${file} cannot be read.`, {
        hint: 'Check the path and its permissions in the profile.',
        cause: thrown,
      });
    }
  };
  const useSystem = target.sslRootCert === 'system';
  const ca = needRoot && !useSystem ? read(target.sslRootCert, 'root.crt', true) : undefined;
  const cert = read(target.sslCert, 'postgresql.crt', false);
  const key = cert === undefined ? undefined : read(target.sslKey, 'postgresql.key', true);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(/^[\d.:]+$/.test(target.host) ? {} : { servername: target.host }),
  };
}
