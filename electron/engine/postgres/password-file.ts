// ~/.pgpass, as libpq reads it. https://www.postgresql.org/docs/current/libpq-pgpass.html
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Target } from './target.ts';

/** The password of the first line that fits; null where none does, or where the file is open to others (libpq ignores it then). */
export function readPasswordFile(
  target: Pick<Target, 'host' | 'port' | 'database' | 'user'>,
  env: NodeJS.ProcessEnv = process.env,
): string | null {
  const file =
    env['PGPASSFILE'] ??
    (process.platform === 'win32' ? join(env['APPDATA'] ?? homedir(), 'postgresql', 'pgpass.conf') : join(homedir(), '.pgpass'));
  if (!existsSync(file)) return null;
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) return null;
  // A socket in the default folder is called localhost in the file.
  const hosts = target.host.startsWith('/') ? [target.host, 'localhost'] : [target.host];
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/gs)].map((match) => (match[1] ?? '').replace(/\\(.)/gs, '$1'));
    const [host, port, database, user] = fields;
    const password = fields[4];
    if (password === undefined) continue;
    const fits =
      (host === '*' || hosts.includes(host ?? '')) &&
      (port === '*' || port === String(target.port)) &&
      (database === '*' || database === target.database) &&
      (user === '*' || user === target.user);
    if (fits) return password;
  }
  return null;
}
