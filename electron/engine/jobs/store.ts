// Rows of `jobs` and what they mean.
import type { Job, JobKind, JobProgress } from '../../../shared/contract/jobs.ts';
import { assertNever, type ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';

export type JobRow = {
  id: string;
  status: Job['status'];
  kind: JobKind;
  title: string;
  profile: string;
  profile_id: string | null;
  database: string;
  subject_id: string | null;
  server_key: string;
  owner: string;
  queued_at: string;
  queue_order: number;
  /** 0: somebody waits for it; 1: scheduled. */
  priority: number;
  started_at: string | null;
  finished_at: string | null;
  progress: string | null;
  result: string | null;
  error: string | null;
  cancel_asked: number;
};

export type Limits = { perServer: number; inAll: number };

export type NewJob = Pick<
  JobRow,
  'id' | 'kind' | 'title' | 'profile' | 'profile_id' | 'database' | 'subject_id' | 'server_key' | 'owner' | 'queued_at' | 'priority'
>;

/** Kinds of which only one may run on a database at a time. */
const exclusiveKinds = "('restore', 'undo', 'discard', 'preview')";

export const noProgress: JobProgress = {
  phase: 'Starting',
  fraction: null,
  secondsLeft: null,
  bytesDone: 0,
  bytesTotal: null,
  bytesPerSecond: null,
  current: null,
  waits: [],
};

/** Typed reads and writes over the table `jobs`. */
export function jobStore(catalog: Sqlite) {
  const get = catalog.prepare<[string], JobRow>('select * from jobs where id = ?');
  const insert = catalog.prepare(
    `insert into jobs (id, status, kind, title, profile, profile_id, database, subject_id, server_key, owner, queued_at, priority, queue_order)
     values (@id, 'queued', @kind, @title, @profile, @profile_id, @database, @subject_id, @server_key, @owner, @queued_at, @priority,
             (select coalesce(max(queue_order), 0) + 1 from jobs))`,
  );
  const ahead = catalog.prepare<[{ priority: number; order: number }], { n: number }>(
    `select count(*) as n from jobs
      where status in ('queued', 'running') and (priority < @priority or priority = @priority and queue_order < @order)`,
  );
  // Where a place is free for them, that is: one that waits for its server or its database keeps nobody else waiting.
  const askedByHand = catalog.prepare<[], { server_key: string; waiting: number; running: number }>(
    `select server_key, count(*) as waiting,
            (select count(*) from jobs r where r.status = 'running' and r.server_key = q.server_key) as running
       from jobs q
      where status = 'queued' and priority = 0
        and not (kind in ('restore', 'undo', 'discard')
                 and exists (select 1 from jobs r where r.status = 'running' and r.server_key = q.server_key
                                                    and r.database = q.database and r.kind in ${exclusiveKinds}))
        and not (kind = 'cleanup' and exists (select 1 from jobs r where r.status = 'running' and r.kind = 'cleanup'))
      group by server_key`,
  );
  const recent = catalog.prepare<[number], JobRow>('select * from jobs order by queue_order desc limit ?');
  const active = catalog.prepare<[], JobRow>("select * from jobs where status in ('queued', 'running') order by queue_order desc");

  const claim = catalog.transaction((id: string, limits: Limits, now: string): 'claimed' | 'wait' | 'gone' => {
    const row = get.get(id);
    if (row === undefined || row.status !== 'queued') return 'gone';
    const running = catalog
      .prepare<[string, string, string], { total: number | null; here: number | null; exclusive: number | null; cleanups: number | null }>(
        `select count(*) as total, sum(server_key = ?) as here, sum(kind = 'cleanup') as cleanups,
                sum(server_key = ? and database = ? and kind in ${exclusiveKinds}) as exclusive
           from jobs where status = 'running'`,
      )
      .get(row.server_key, row.server_key, row.database);
    const wantsAlone = ['restore', 'undo', 'discard'].includes(row.kind);
    if ((running?.total ?? 0) >= limits.inAll || (running?.here ?? 0) >= limits.perServer) return 'wait';
    // Each decides by all backups that are there: one at a time in a catalog.
    if (row.kind === 'cleanup' && (running?.cleanups ?? 0) > 0) return 'wait';
    if (wantsAlone && (running?.exclusive ?? 0) > 0) return 'wait';
    if (row.priority > 0) {
      let inAll = 0;
      let here = 0;
      for (const asked of askedByHand.all()) {
        const places = Math.min(asked.waiting, Math.max(0, limits.perServer - asked.running));
        inAll += places;
        if (asked.server_key === row.server_key) here = places;
      }
      if ((running?.total ?? 0) + inAll >= limits.inAll || (running?.here ?? 0) + here >= limits.perServer) return 'wait';
    }
    catalog.prepare("update jobs set status = 'running', started_at = ? where id = ?").run(now, id);
    return 'claimed';
  });

  const toJob = (row: JobRow): Job => {
    const base = {
      id: row.id,
      kind: row.kind,
      title: row.title,
      profile: row.profile,
      profileId: row.profile_id,
      database: row.database,
      queuedAt: row.queued_at,
      subjectId: row.subject_id,
    };
    switch (row.status) {
      case 'queued':
        return { ...base, status: 'queued', waitsBehind: ahead.get({ priority: row.priority, order: row.queue_order })?.n ?? 0 };
      case 'running':
        return {
          ...base,
          status: 'running',
          startedAt: row.started_at ?? row.queued_at,
          progress: row.progress === null ? noProgress : (JSON.parse(row.progress) as JobProgress),
          cancelling: row.cancel_asked === 1,
        };
      case 'succeeded':
        return {
          ...base,
          status: 'succeeded',
          startedAt: row.started_at ?? row.queued_at,
          finishedAt: row.finished_at ?? row.queued_at,
          result: row.result === null ? null : (JSON.parse(row.result) as unknown),
        };
      case 'failed':
      case 'cancelled':
      case 'interrupted':
        return {
          ...base,
          status: row.status,
          startedAt: row.started_at,
          finishedAt: row.finished_at ?? row.queued_at,
          error: errorOf(row),
        };
      default:
        return assertNever(row.status);
    }
  };

  return {
    get: (id: string): Job | null => {
      const row = get.get(id);
      return row === undefined ? null : toJob(row);
    },
    row: (id: string): JobRow | null => get.get(id) ?? null,
    list: (onlyActive: boolean, limit: number): Job[] => (onlyActive ? active.all() : recent.all(limit)).map(toJob),
    insert: (job: NewJob): void => void insert.run(job),

    /** Moves a queued job to running where the limits allow it, in one transaction with every other process.
     * Those that somebody waits for go first. */
    claim: (id: string, limits: Limits, now: string) => claim.immediate(id, limits, now),

    saveProgress: (id: string, progress: JobProgress): void =>
      void catalog.prepare("update jobs set progress = ? where id = ? and status = 'running'").run(JSON.stringify(progress), id),
    askCancel: (id: string): void =>
      void catalog.prepare("update jobs set cancel_asked = 1 where id = ? and status in ('queued', 'running')").run(id),
    cancelAsked: (owner: string): string[] =>
      catalog
        .prepare<[string], { id: string }>("select id from jobs where owner = ? and cancel_asked = 1 and status in ('queued', 'running')")
        .all(owner)
        .map((row) => row.id),
    finish: (
      id: string,
      end: { status: 'succeeded'; result: unknown } | { status: 'failed' | 'cancelled' | 'interrupted'; error: ErrorReport },
      now: string,
    ): void => {
      const result = end.status === 'succeeded' ? JSON.stringify(end.result ?? null) : null;
      const error = end.status === 'succeeded' ? null : JSON.stringify(end.error);
      catalog
        .prepare("update jobs set status = ?, finished_at = ?, result = ?, error = ? where id = ? and status in ('queued', 'running')")
        .run(end.status, now, result, error, id);
    },
    ofOwner: (owner: string): JobRow[] =>
      catalog.prepare<[string], JobRow>("select * from jobs where owner = ? and status in ('queued', 'running')").all(owner),
    activeOwners: (): string[] =>
      catalog
        .prepare<[], { owner: string }>(
          "select distinct owner from jobs where status in ('queued', 'running') union select distinct owner from leftovers",
        )
        .all()
        .map((row) => row.owner),
  };
}
export type JobStore = ReturnType<typeof jobStore>;

const errorOf = (row: JobRow): ErrorReport =>
  row.error === null
    ? { code: 'INTERNAL', message: 'The job ended without a reason on record.', hint: 'See the program log.' }
    : (JSON.parse(row.error) as ErrorReport);
