// pg_service.conf, which libpq reads and the `pg` package does not.
// https://www.postgresql.org/docs/current/libpq-pgservice.html
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';

/** The parameters of a service, by libpq's names (`host`, `port`, `dbname`, `user`, `sslmode` …).
 * Errors: BAD_INPUT where no file defines the service. */
export function readService(name: string, env: NodeJS.ProcessEnv = process.env): Map<string, string> {
  const files = [
    env['PGSERVICEFILE'] ?? join(homedir(), '.pg_service.conf'),
    join(env['PGSYSCONFDIR'] ?? '/etc/postgresql-common', 'pg_service.conf'),
  ];
  for (const file of files) {
    const found = sectionOf(file, name);
    if (found !== null) return found;
  }
  throw new HowdahError('BAD_INPUT', `The service "${name}" is not defined in ${files.join(' or ')}.`, {
    hint: 'Add a section of that name to the service file, or clear the service in the profile.',
  });
}

function sectionOf(file: string, name: string): Map<string, string> | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new HowdahError('FILE_NOT_READABLE', `The service file ${file} cannot be read.`, {
      hint: 'Give your user the right to read it.',
      cause: thrown,
    });
  }
  let found: Map<string, string> | null = null;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header) {
      if (found !== null) return found;
      if (header[1] === name) found = new Map();
    } else if (found !== null) {
      const equals = line.indexOf('=');
      if (equals > 0) found.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
    }
  }
  return found;
}
