import { existsSync, readFileSync } from 'node:fs';

/** How to install client programs of a major version on this system, as one command or sentence. */
export function installHint(major: number): string {
  switch (process.platform) {
    case 'darwin':
      return `Install them: brew install postgresql@${major} (or Postgres.app), then try again.`;
    case 'win32':
      return `Install "Command Line Tools" of PostgreSQL ${major} from the installer at postgresql.org/download/windows, then try again.`;
    default:
      break;
  }
  const id = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (/^ID(_LIKE)?=.*(rhel|fedora|centos)/m.test(id)) {
    return `Install them: sudo dnf install postgresql${major} (from the PostgreSQL project's own repository where the system's is older), then try again.`;
  }
  return `Install them: sudo apt-get install postgresql-client-${major} (from apt.postgresql.org where your release has no such version; see postgresql.org/download/linux/debian), then try again, or name their folder in the profile.`;
}
