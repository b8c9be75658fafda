// Looks at the server while something is loaded: whether it works, and which locks it waits for.
import type { LockWait } from '../../../shared/contract/jobs.ts';
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
      job.progress({ waits: await lockWaits(session, job.applicationName) });
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

async function lockWaits(session: Session, applicationName: string): Promise<LockWait[]> {
  const { rows } = await session.query<LockWait>(
    `select coalesce(l.relation::regclass::text, l.locktype) || ' (' || l.mode || ')' as "waitsFor", b.pid as "blockedByPid",
            coalesce(b.usename, '') as "blockedByUser", coalesce(b.application_name, '') as "blockedByApplication",
            left(coalesce(b.query, ''), 500) as "blockedByQuery",
            extract(epoch from clock_timestamp() - coalesce(a.query_start, a.state_change))::float8 as "sinceSeconds"
       from pg_stat_activity a
       join pg_locks l on l.pid = a.pid and not l.granted
       cross join lateral unnest(pg_blocking_pids(a.pid)) as blocker(pid)
       join pg_stat_activity b on b.pid = blocker.pid
      where a.application_name = $1 and a.wait_event_type = 'Lock' and b.application_name <> $1`,
    [applicationName],
  );
  return rows;
}
