// Where a profile really leads: its fields, then the service, then PG* variables, then libpq's defaults.
// Resolved once, so that our own sessions and the client programs reach the same server.
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { ProfileFields } from '../../../shared/contract/profiles.ts';
import { readService } from './service-file.ts';

export type Target = {
  /** A host name, an address, or the folder of a Unix socket. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Null: libpq's own ways (pgpass, trust, certificates). */
  password: string | null;
  sslMode: ProfileFields['sslMode'];
  sslRootCert: string;
  sslCert: string;
  sslKey: string;
};

/** Errors: BAD_INPUT (service not defined). */
export function resolveTarget(fields: Omit<ProfileFields, 'name'>, password: string | null, env: NodeJS.ProcessEnv = process.env): Target {
  const serviceName = fields.service || env['PGSERVICE'] || '';
  const service = serviceName === '' ? new Map<string, string>() : readService(serviceName, env);
  const pick = (own: string, key: string, variable: string): string => own || service.get(key) || env[variable] || '';
  const port = fields.port ?? (Number(service.get('port') || env['PGPORT']) || 5432);
  const user = pick(fields.user, 'user', 'PGUSER') || userInfo().username;
  const named = service.get('sslmode') ?? env['PGSSLMODE'];
  return {
    host: pick(fields.host, 'host', 'PGHOST') || service.get('hostaddr') || defaultHost(port),
    port,
    user,
    database: pick(fields.database, 'dbname', 'PGDATABASE') || user,
    password: password ?? service.get('password') ?? env['PGPASSWORD'] ?? null,
    // 'prefer' is libpq's default as well as ours: only then may service or environment say otherwise.
    sslMode: fields.sslMode === 'prefer' && named ? (named as Target['sslMode']) : fields.sslMode,
    sslRootCert: pick(fields.sslRootCert, 'sslrootcert', 'PGSSLROOTCERT'),
    sslCert: pick(fields.sslCert, 'sslcert', 'PGSSLCERT'),
    sslKey: pick(fields.sslKey, 'sslkey', 'PGSSLKEY'),
  };
}

/** Jobs on one server share this: host and port, not database or user. */
export const serverKey = (target: Target): string => `${target.host}:${target.port}`;

/** The environment that leads a libpq program to the target: nothing of it stands in arguments,
 * and a database name is never read as a connection string.
 * https://www.postgresql.org/docs/current/libpq-envars.html */
export function libpqEnvironment(target: Target, applicationName: string): Record<string, string | undefined> {
  return {
    PGHOST: target.host,
    PGHOSTADDR: undefined,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    PGPASSWORD: target.password ?? undefined,
    PGSSLMODE: target.sslMode,
    PGSSLROOTCERT: target.sslRootCert || undefined,
    PGSSLCERT: target.sslCert || undefined,
    PGSSLKEY: target.sslKey || undefined,
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '15',
    PGSERVICE: undefined,
    PGOPTIONS: undefined,
    PGCLIENTENCODING: undefined,
  };
}

/** `dbname='…'` for programs that insist on a `-d` argument: quoted, so that no name can be read as more than a name.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
export const databaseArgument = (database: string): string => `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function defaultHost(port: number): string {
  if (process.platform === 'win32') return 'localhost';
  const folder = ['/var/run/postgresql', '/tmp'].find((candidate) => existsSync(join(candidate, `.s.PGSQL.${port}`)));
  return folder ?? 'localhost';
}
