import type { Log } from '../engine/ports.ts';
import type { Shell } from './shell.ts';

/** A program that stays for months does not end by a fault that nobody expected: it is logged, and the rest goes on. */
export function stayAlive(shell: Shell, log: Log): void {
  shell.on('unhandledRejection', (thrown: unknown) => log.error('unhandled rejection', thrown));
  shell.on('uncaughtException', (thrown: unknown) => log.error('uncaught exception', thrown));
}
