// The program log of the hosts without a window. The desktop host has electron-log's main logger on the same folder.
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../engine/ports.ts';
import { redact } from '../engine/jobs/log-file.ts';

const sizeLimit = 5 * 1024 * 1024;

/** `complain`: told where it cannot be written. */
export function openLogFile(homeDirectory: string, host: string, complain: (line: string) => void): Log {
  const folder = join(homeDirectory, 'logs');
  const file = join(folder, `${host}.log`);
  let broken = false;
  /** Never throws: what is to be logged is mostly a fault already, and its handling must go on. */
  const write = (level: string, message: string): void => {
    try {
      append(level, message);
      broken = false;
    } catch (thrown) {
      if (!broken) complain(`howdah: ${file} cannot be written: ${String(thrown)}\n${level}: ${redact(message)}`);
      broken = true;
    }
  };
  const append = (level: string, message: string): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (existsSync(file) && statSync(file).size > sizeLimit) renameSync(file, join(folder, `${host}.old.log`));
    appendFileSync(file, `${new Date().toISOString()} ${process.pid} ${level} ${redact(message)}\n`, { mode: 0o600 });
  };
  return {
    info: (message) => write('info', message),
    warn: (message) => write('warning', message),
    error: (message, thrown) =>
      write(
        'error',
        thrown === undefined
          ? message
          : `${message}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : JSON.stringify(thrown)}`,
      ),
  };
}
