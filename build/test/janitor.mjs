// Waits until its standard input ends, which it does when the run of the tests ends or is killed; then stops whatever of
// that run still lives, and removes the run's folder. Prints a line for each process that a finished run left behind.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { runVariable } from './run-folder.mjs';

const folder = process.argv[2];
process.stdin.setEncoding('utf8');
let word = '';
for await (const text of process.stdin) word += text;

// A process that was told to end may still be about it.
if (word === 'finished\n') {
  await gone(15_000);
  for (const { pid, command } of left()) process.stdout.write(`${pid} ${command}\n`);
}
tell('SIGTERM');
await gone(5_000);
tell('SIGKILL');
await gone(5_000);
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

/** Waits for all to end, at most so long. */
async function gone(limitMs) {
  for (const end = Date.now() + limitMs; left().length > 0 && Date.now() < end;) await later(100);
}

/** A server is stopped the immediate way: its data go with the folder. */
function tell(signal) {
  for (const { pid, server } of left()) {
    try {
      process.kill(pid, server && signal === 'SIGTERM' ? 'SIGQUIT' : signal);
    } catch (error) {
      // It ended in between.
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

function left() {
  return [...ofTheEnvironment(), ...servers()];
}

/** Processes that were started by the run, from Linux's list of processes. */
function ofTheEnvironment() {
  if (!existsSync('/proc/self/environ')) return [];
  const wanted = `${runVariable}=${folder}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(wanted))
    .map((pid) => ({ pid: Number(pid), server: false, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
    .filter(({ command }) => command !== '');
}

/** PostgreSQL's servers are started without the run's environment, but their data lie in its folder. */
function servers() {
  return postmasterFiles(folder, 6).flatMap((file) => {
    const pid = Number(read(file).split('\n')[0]);
    return pid > 0 && alive(pid) ? [{ pid, server: true, command: `postgres (${file})` }] : [];
  });
}

function postmasterFiles(directory, depth) {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    // Removed meanwhile, or not ours to look into.
    return [];
  }
  if (entries.some((entry) => entry.name === 'PG_VERSION')) return [join(directory, 'postmaster.pid')].filter((file) => existsSync(file));
  return depth === 0
    ? []
    : entries.filter((entry) => entry.isDirectory()).flatMap((entry) => postmasterFiles(join(directory, entry.name), depth - 1));
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended in between, or is another account's.
    return '';
  }
}
