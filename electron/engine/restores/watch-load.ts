// Looks at the server while something is loaded: whether it works, and which locks it waits for.
import { readLockWaits } from '../backups/lock-waits.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { connect, type Session } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';

export type LoadWatch = {
  /** Grows while the server is seen to work or to wait for a lock: a long index build is not a standstill. */
  busy: () => number;
  stop(): Promise<void>;
};

const everyMs = 1000;

/** Watches the job's sessions. A watch that cannot be had is done without: the load itself tells what is wrong. */
export function watchLoad(job: JobRun, target: Target): LoadWatch {
  let busy = 0;
  let session: Session | null = null;
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      session ??= await connect(target, 'howdah watch');
      const { rows } = await session.query<{ working: number }>(
        `select count(*) filter (where state = 'active' and wait_event_type is distinct from 'Client')::int as working
           from pg_stat_activity where application_name = $1`,
        [job.applicationName],
      );
      if ((rows[0]?.working ?? 0) > 0) busy += 1;
      job.progress({ waits: await readLockWaits(session, job.applicationName) });
    } catch (thrown) {
      if (!stopped)
        job.log('info', `The server could not be watched for a moment: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      await session?.end().catch(() => {});
      session = null;
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(() => (stopped ? undefined : look()));
  }, everyMs);
  return {
    busy: () => busy,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await looking;
      await session?.end().catch(() => {});
      job.progress({ waits: [] });
    },
  };
}
