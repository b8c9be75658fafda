// What went wrong on the way to the server or inside it, as our own codes: by SQLSTATE and errno, never by text.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
import { HowdahError, type ErrorCode } from '../../../shared/errors.ts';
import type { Target } from './target.ts';

const bySqlState: [RegExp, ErrorCode, string][] = [
  [/^28/, 'AUTHENTICATION_FAILED', "Check user and password in the profile; the server's pg_hba.conf must admit this user from here."],
  [/^3D000/, 'DATABASE_NOT_FOUND', 'Check the database name, or create the database first.'],
  [/^42501/, 'PERMISSION_DENIED', 'Ask the owner for the right, or use a role that has it.'],
  [/^57P0[1-5]/, 'CONNECTION_LOST', 'The server ended the session. See that it runs again, then start over.'],
  [/^08/, 'CONNECTION_LOST', 'See that the server is up and reachable, then start over.'],
  [/^53300/, 'CONNECTION_FAILED', 'The server has no free connections: close some, or raise max_connections.'],
  [/^53100/, 'DISK_FULL', "The server's disk is full: make room there, then start over."],
  [/^53/, 'SERVER_ERROR', 'The server is short of resources: see its log.'],
];

/** Turns an error of the `pg` package or of a socket into a HowdahError. */
export function serverError(thrown: unknown, target: Pick<Target, 'host' | 'port' | 'user' | 'database'>): HowdahError {
  if (thrown instanceof HowdahError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = (error as { code?: unknown }).code;
  const where = `${target.host}:${target.port}`;
  // A refused connection to a name with several addresses comes as an AggregateError without a message.
  const detail = error.message || (error instanceof AggregateError ? error.errors.map(String).join('; ') : String(code));
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error) {
    const rule = bySqlState.find(([pattern]) => pattern.test(code));
    return new HowdahError(rule?.[1] ?? 'SERVER_ERROR', `${where}: ${detail}`, {
      hint: rule?.[2] ?? 'The server refused a statement; its message says why. Its log has more.',
      detail: `SQLSTATE ${code}`,
      cause: thrown,
    });
  }
  if (typeof code === 'string' && ['ENOTFOUND', 'EAI_AGAIN'].includes(code)) {
    return new HowdahError('CONNECTION_FAILED', `The host "${target.host}" is not known.`, {
      hint: 'Check the spelling of the host and your DNS.',
      detail,
      cause: thrown,
    });
  }
  if (
    typeof code === 'string' &&
    ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EACCES', 'EHOSTDOWN'].includes(code)
  ) {
    return new HowdahError('CONNECTION_FAILED', `No PostgreSQL server answers at ${where}.`, {
      hint: 'See that the server runs, listens there (listen_addresses, port), and that no firewall is in between.',
      detail,
      cause: thrown,
    });
  }
  if (typeof code === 'string' && /CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) {
    return new HowdahError('TLS_FAILED', `The encrypted connection to ${where} was not accepted: ${detail}`, {
      hint: 'Check the certificate files and the sslmode in the profile.',
      detail: code,
      cause: thrown,
    });
  }
  return new HowdahError('CONNECTION_LOST', `The connection to ${where} broke: ${detail}`, {
    hint: 'See that the server is up and reachable, then start over.',
    ...(typeof code === 'string' ? { detail: code } : {}),
    cause: thrown,
  });
}
