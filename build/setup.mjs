// What every script does first. Plain JavaScript for Node 20 without node_modules: it is what installs them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

/** One plain line for the person at the terminal. Standard output stays free for what a command answers. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends the script with one plain line. */
export function fail(line) {
  say(line);
  process.exit(1);
}

/** Runs a program to its end with our terminal; its output goes to standard error. Gives its exit code. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows && program === 'npm', ...options });
  if (result.error) return result.error.code === 'ENOENT' ? 127 : 1;
  return result.status ?? 1;
}

/** Runs a program that takes over: terminal, signals and exit code are its own. */
export async function handOver(program, args, env = process.env) {
  const child = spawn(program, args, { cwd: process.cwd(), env, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; this script only waits for it. What is sent to us alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${program} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('close', (exitCode, signal) => resolve(exitCode ?? 128 + (constants.signals[signal] ?? 0)));
  });
  return code;
}

/** Installs the packages of package-lock.json where node_modules does not hold exactly those. */
export function ensureDependencies() {
  const difference = dependencyDifference();
  if (difference === null) return;
  say(`Installing packages (${difference}) …`);
  const code = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 'ignore', 2] });
  if (code !== 0)
    fail(`npm ci ended with ${code}. Its message is above; with a working registry and Node 20 or newer, run the command again.`);
  const left = dependencyDifference();
  if (left !== null) fail(`npm ci succeeded, yet ${left}. Remove node_modules and run the command again.`);
}

/** Compares npm's record of what is installed with what the lock asks for; null where they agree. */
function dependencyDifference() {
  const recordPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(recordPath)) return 'none are installed yet';
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(recordPath, 'utf8')).packages;
  for (const [path, { version, optional, devOptional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined && (optional || devOptional)) continue;
    if (found?.version !== version) return `${path.replace(/^.*node_modules\//, '')} ${version} is not installed`;
  }
  return null;
}

/** The Node that the project brings along (24); the one that runs this where it is new enough or none came. */
export function projectNode() {
  const brought = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  return existsSync(brought) ? brought : process.execPath;
}

/** Starts this script again under the project's Node, unless it already runs there. Returns only in that case. */
export async function underProjectNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const node = projectNode();
  if (node === process.execPath) fail(`Node ${process.versions.node} is too old to run the sources: Node 24 or newer is needed.`);
  const bin = join(root, 'node_modules', '.bin');
  process.exit(await handOver(node, process.argv.slice(1), { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }));
}

/** Whether this is Debian or a child of it, run by root: where packages can simply be installed. */
export function canInstallPackages() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

let listsFresh = false;

/** Installs Debian packages. Says so first; gives false where that failed. */
export function installPackages(names) {
  say(`Installing from Debian: ${names.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 2] };
  if (!listsFresh && run('apt-get', ['update', '-qq'], quiet) !== 0) return false;
  listsFresh = true;
  return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], quiet) === 0;
}

/** Whether a program of that name is in PATH. */
export function inPath(name) {
  const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && names.some((one) => existsSync(join(folder, one))));
}

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Path of an Electron program that is already on this machine, or null. Downloads nothing. */
export function installedElectron() {
  const pathFile = join(root, 'node_modules', 'electron', 'path.txt');
  const name = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8')
    : ({ darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron');
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH || join(root, 'node_modules', 'electron', 'dist');
  const path = join(folder, name);
  return existsSync(path) ? path : null;
}

/** The same, after one attempt of bounded length to download it. */
export function electronOrDownload(limitMs = 120_000) {
  const found = installedElectron();
  if (found !== null || process.env.ELECTRON_OVERRIDE_DIST_PATH || process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) return found;
  say('Downloading Electron …');
  run(projectNode(), [join(root, 'node_modules', 'electron', 'install.js')], { timeout: limitMs, stdio: 'ignore' });
  return installedElectron();
}
