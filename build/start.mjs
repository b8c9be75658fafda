// `npm start`: the window where there is a display and an Electron, else the same page in a browser.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  canInstallPackages,
  electronOrDownload,
  ensureDependencies,
  handOver,
  hasDisplay,
  inPath,
  installPackages,
  projectNode,
  root,
  say,
  underProjectNode,
} from './setup.mjs';

ensureDependencies();
await underProjectNode();
const { bundle } = await import('./bundle.mjs');
await bundle();
offerClientPrograms();

const args = process.argv.slice(2).map((word) => (!word.startsWith('-') && existsSync(word) ? resolve(word) : word));
process.exit(await start());

async function start() {
  if (!hasDisplay()) return serve('There is no display: serving the page to a browser instead of opening a window.');
  const electron = electronOrDownload();
  if (electron === null) return serve('There is no Electron for a window on this machine: serving the page to a browser instead.');
  const began = Date.now();
  // Chromium's sandbox refuses to work for root.
  const rootFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const code = await handOver(electron, [...rootFlags, '-r', join(root, 'dist', 'early.cjs'), root, ...args]);
  if (code === 127 && Date.now() - began < 10_000)
    return serve('Electron cannot run here (see above): serving the page to a browser instead.');
  return code;
}

function serve(why) {
  say(why);
  return handOver(projectNode(), ['--disable-warning=ExperimentalWarning', join(root, 'electron', 'cli.ts'), 'serve', ...args]);
}

/** Without any pg_dump there is nothing to try out. Only root on Debian gets it installed unasked. */
function offerClientPrograms() {
  if (process.platform !== 'linux' || inPath('pg_dump')) return;
  const folder = '/usr/lib/postgresql';
  if (existsSync(folder) && readdirSync(folder).some((major) => existsSync(join(folder, major, 'bin', 'pg_dump')))) return;
  if (canInstallPackages()) {
    if (!installPackages(['postgresql-client'])) say('PostgreSQL’s client programs could not be installed; Howdah will ask for them.');
  } else if (existsSync('/etc/debian_version')) {
    say('No pg_dump was found. Install it with: sudo apt-get install postgresql-client');
  } else {
    say('No pg_dump was found. Install PostgreSQL’s client programs with your system’s package manager.');
  }
}
