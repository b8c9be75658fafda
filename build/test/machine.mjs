// What the tests need of the machine, and getting it where that is ours to do.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { canInstallPackages, hasDisplay, inPath, installPackages, say } from '../setup.mjs';

const electronLibraries =
  'libgtk-3-0 libnss3 libasound2 libgbm1 libxss1 libatk-bridge2.0-0 libcups2 libxtst6 libnotify4 libsecret-1-0 fonts-dejavu-core'.split(
    ' ',
  );

/** Installs what is missing, or says what to install. `electron`: its path, or null. */
export function prepareMachine(electron) {
  const missing = [];
  const need = (there, what, ...packages) => {
    if (!there) missing.push({ what, packages });
  };
  const serverFolder = '/usr/lib/postgresql';
  const systemServer =
    existsSync(serverFolder) && readdirSync(serverFolder).some((major) => existsSync(join(serverFolder, major, 'bin', 'initdb')));
  const linux = process.platform === 'linux';
  need(systemServer || inPath('initdb') || !linux, 'a PostgreSQL server', 'postgresql');
  need(inPath('pg_dump') || systemServer, 'pg_dump and its friends', 'postgresql-client');
  const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']; // as tests/support/browser.ts
  need(process.env.HOWDAH_TEST_CHROMIUM || browsers.some((path) => existsSync(path)) || !linux, 'Chromium', 'chromium-headless-shell');
  need(inPath('zstd'), 'zstd', 'zstd');
  need(inPath('lz4'), 'lz4', 'lz4');
  need(inPath('openssl'), 'openssl', 'openssl');
  if (electron !== null && linux) {
    need(hasDisplay() || inPath('xvfb-run'), 'a display or xvfb-run', 'xvfb', 'xauth');
    need(librariesFound(electron), 'libraries that Electron needs', ...electronLibraries);
  }
  if (missing.length === 0) return;
  const packages = missing.flatMap((one) => one.packages);
  if (canInstallPackages() && installPackages(packages)) return;
  for (const { what } of missing) say(`Missing: ${what}. Tests that need it fail or are skipped.`);
  if (existsSync('/usr/bin/apt-get')) say(`To install all of it: sudo apt-get install ${packages.join(' ')}`);
}

function librariesFound(program) {
  const { stdout, status } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return status !== 0 || !stdout.includes('not found');
}
