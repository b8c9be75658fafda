import type { Log } from '../engine/ports.ts';

/** A program that stays for months does not end by a fault that nobody expected: it is logged, and the rest goes on.
 * The returned function ends that. */
export function stayAlive(log: Log): () => void {
  const onRejection = (thrown: unknown): void => log.error('unhandled rejection', thrown);
  const onException = (thrown: unknown): void => log.error('uncaught exception', thrown);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
