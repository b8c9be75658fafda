// The server's password must not stand anywhere: not in a file below the data folder, not in the arguments of a process.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

const lookMs = 400;

/** Looks again and again, until the returned function is called. What it finds is a trouble of the world's. */
export function watchArguments(world: World): () => void {
  const look = (): void => {
    for (const pid of processes()) {
      if (fileOf(pid, 'cmdline').includes(world.server.cluster.password)) {
        world.troubles.push(`the password is in the arguments of process ${pid}: ${fileOf(pid, 'cmdline').replaceAll('\0', ' ')}`);
      }
    }
  };
  const timer = setInterval(look, lookMs);
  look();
  return () => clearInterval(timer);
}

export const processes = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Empty where the process is gone or another's. */
export function fileOf(pid: string, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(join('/proc', pid, name), 'utf8');
  } catch (thrown) {
    if (['ENOENT', 'EACCES', 'ESRCH', 'EPERM'].includes(String((thrown as NodeJS.ErrnoException).code))) return '';
    throw thrown;
  }
}

const seen = new Map<string, string>();

/** Files below the data folder that hold the password as it is; those that did not change are not read again. */
export function filesWithPassword(world: World): string[] {
  const found: string[] = [];
  for (const name of readdirSync(world.home, { recursive: true }).map(String)) {
    const path = join(world.home, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) continue;
    const version = `${stat.size} ${stat.mtimeMs}`;
    if (seen.get(path) === version) continue;
    if (readFileSync(path).includes(world.server.cluster.password)) found.push(name);
    else seen.set(path, version);
  }
  return found;
}
