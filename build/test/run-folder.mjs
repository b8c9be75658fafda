// Everything that a run of the tests writes lies below one folder of its own, and everything that it starts carries that
// folder's name in its environment: so a run can be cleared away however it ends, and two runs do not meet.
import { accessSync, chmodSync, constants, mkdtempSync, statfsSync, writeFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable by which the janitor knows what belongs to a run. */
export const runVariable = 'HOWDAH_TEST_RUN';

const gigabyte = 1024 ** 3;
const memoryFolder = '/dev/shm';

/** Makes the folder: in memory where there is room, since tests sync files all the time and disks differ most. */
export function makeRunFolder() {
  const chosen = process.env.HOWDAH_TEST_FOLDER;
  const folder = mkdtempSync(join(chosen ?? (memoryHasRoom() ? memoryFolder : tmpdir()), 'howdah-test-'));
  // PostgreSQL runs as another account where the tests run as root.
  chmodSync(folder, 0o755);
  return folder;
}

function memoryHasRoom() {
  try {
    accessSync(memoryFolder, constants.W_OK);
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize > 6 * gigabyte && freemem() > 8 * gigabyte && mayRunPrograms();
  } catch {
    return false;
  }
}

/** Some systems mount it so that nothing there can be executed; tests put small programs beside their data. */
function mayRunPrograms() {
  const probe = join(mkdtempSync(join(memoryFolder, 'howdah-probe-')), 'probe');
  writeFileSync(probe, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const { status } = spawnSync(probe);
  spawnSync('rm', ['-r', join(probe, '..')]);
  return status === 0;
}

/**
 * Starts the janitor, which waits for this process to end in any way, kill -9 included, and then stops and removes what
 * is left of the run. `finish` does so now; it gives the commands of processes that a finished run left behind.
 */
export function startJanitor(folder) {
  const program = join(import.meta.dirname, 'janitor.mjs');
  // A session of its own: Ctrl-C is not for it.
  const child = spawn(process.execPath, [program, folder], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  let found = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (found += text));
  // Where it is gone already, there is nothing left to tell it.
  child.stdin.on('error', () => undefined);
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    finish: async (interrupted) => {
      child.stdin.end(interrupted ? 'interrupted\n' : 'finished\n');
      await closed;
      return found.split('\n').filter((line) => line !== '');
    },
  };
}
