// The window's program log: electron-log writes and rotates it, private to the user.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import electronLog from 'electron-log/node.js';
import { redact } from '../engine/jobs/log-file.ts';
import type { Log } from '../engine/ports.ts';

const sizeLimit = 5 * 1024 * 1024;

/** Appends to `<home>/logs/desktop.log` (0600); past 5 MiB it becomes `desktop.old.log`. */
export function openDesktopLog(homeDirectory: string): Log {
  const folder = join(homeDirectory, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logger = electronLog.create({ logId: 'howdah' });
  logger.transports.console.level = false;
  logger.transports.file.resolvePathFn = () => join(folder, 'desktop.log');
  logger.transports.file.maxSize = sizeLimit;
  logger.transports.file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  logger.transports.file.format = '{iso} [{level}] {text}';
  return {
    info: (message) => logger.info(redact(message)),
    warn: (message) => logger.warn(redact(message)),
    error: (message, thrown) => logger.error(redact(thrown === undefined ? message : `${message}: ${described(thrown)}`)),
  };
}

function described(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : JSON.stringify(thrown);
}
