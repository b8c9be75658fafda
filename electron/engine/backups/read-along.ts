// pg_restore reads the archive while it is being written: the second processor proves what the first one produces.
// What it read is what went to the file; that the file holds just that is shown by its hash afterwards.
import { once } from 'node:events';
import { devNull } from 'node:os';
import type { JobRun } from '../jobs/jobs.ts';

export type ReadVerdict = { ok: boolean; detail: string };

export type ReadingAlong = {
  /** Resolves when the reader can take more. */
  take(block: Buffer): Promise<void>;
  end(): Promise<ReadVerdict>;
};

/** Starts a pg_restore that reads a custom archive from us and throws away what it makes of it. */
export function startReadingAlong(job: JobRun, pgRestore: string): ReadingAlong {
  const child = job.spawn({ program: pgRestore, args: [`--file=${devNull}`], stdin: 'pipe' });
  const { stdin } = child;
  let over = false;
  const ended = child.outcome.then(() => void (over = true));
  return {
    async take(block) {
      if (over || stdin === null || stdin.destroyed || stdin.write(block)) return;
      const noLonger = new AbortController();
      // Its death says why; waiting for a dead reader would say nothing.
      const drained = once(stdin, 'drain', { signal: noLonger.signal }).then(
        () => {},
        () => {},
      );
      await Promise.race([drained, ended]);
      noLonger.abort();
    },
    async end() {
      stdin?.end();
      const outcome = await child.outcome;
      if (outcome.kind === 'exited' && outcome.code === 0) {
        return { ok: true, detail: 'pg_restore read the archive to its end while it was written.' };
      }
      return { ok: false, detail: `pg_restore could not read it to its end (${outcome.kind}): ${child.stderrTail().trim()}` };
    },
  };
}
