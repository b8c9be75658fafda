import type { EngineContext } from '../context.ts';

/** Queues a job (kind `cleanup`) that applies retention to one profile's backups; null: to all, and to safety backups.
 * Its result: `{ removed: number, freedBytes: number }`. Fails where a deletion failed. */
export function startCleanup(_context: EngineContext, _request: { profileId: string | null; priority: 0 | 1 }): { jobId: string } {
  throw new Error('being built');
}
