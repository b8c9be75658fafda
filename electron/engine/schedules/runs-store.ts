// Rows of `runs`: one for each slot that came, and one for each run that somebody started by hand.
import type { Statement } from 'better-sqlite3';
import type { RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { iso } from './store.ts';

export type RunRow = {
  id: string;
  schedule_id: string;
  schedule: string;
  kind: ScheduledRun['kind'];
  profile: string;
  profile_id: string | null;
  colour: string;
  planned_at: string;
  state: RunState;
  trigger: ScheduledRun['trigger'];
  reason: ScheduledRun['reason'];
  detail: string;
  phase: ScheduledRun['phase'];
  next_try_at: string | null;
  owner: string | null;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  size_bytes: number | null;
  attempts: number;
  interruptions: number;
  covered_by: string | null;
  backups: string;
  job_id: string | null;
  error: string | null;
};

export type RunBackupEntry = ScheduledRun['backups'][number];

/** A run to be written down. `owner`: who works on it, while it is `running`. */
export type NewRun = Pick<
  ScheduledRun,
  'id' | 'scheduleId' | 'schedule' | 'kind' | 'profile' | 'profileId' | 'colour' | 'plannedAt' | 'state' | 'trigger' | 'reason' | 'detail'
> & { phase: ScheduledRun['phase']; owner: string | null; coveredBy: string | null; finishedAt: string | null };

/** What changes while a run works; absent stays. */
export type RunChange = {
  state?: RunState;
  trigger?: ScheduledRun['trigger'];
  reason?: ScheduledRun['reason'];
  detail?: string;
  phase?: ScheduledRun['phase'];
  nextTryAt?: string | null;
  owner?: string | null;
  startedAt?: string | null;
  finishedAt?: string | null;
  durationMs?: number | null;
  sizeBytes?: number | null;
  attempts?: number;
  interruptions?: number;
  coveredBy?: string | null;
  backups?: RunBackupEntry[];
  jobId?: string | null;
  error?: ErrorReport | null;
};

const columnOf: Record<keyof RunChange, keyof RunRow> = {
  state: 'state',
  trigger: 'trigger',
  reason: 'reason',
  detail: 'detail',
  phase: 'phase',
  nextTryAt: 'next_try_at',
  owner: 'owner',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  durationMs: 'duration_ms',
  sizeBytes: 'size_bytes',
  attempts: 'attempts',
  interruptions: 'interruptions',
  coveredBy: 'covered_by',
  backups: 'backups',
  jobId: 'job_id',
  error: 'error',
};

/** A row as the contract has it. */
export function toRun(row: RunRow): ScheduledRun {
  const backups = JSON.parse(row.backups) as RunBackupEntry[];
  return {
    id: row.id,
    scheduleId: row.schedule_id,
    schedule: row.schedule,
    kind: row.kind,
    profile: row.profile,
    profileId: row.profile_id,
    colour: row.colour,
    plannedAt: row.planned_at,
    state: row.state,
    trigger: row.trigger,
    reason: row.reason,
    detail: row.detail,
    phase: row.phase,
    nextTryAt: row.next_try_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    durationMs: row.duration_ms,
    sizeBytes: row.size_bytes,
    attempts: row.attempts,
    coveredBy: row.covered_by,
    backupId: backups[0]?.backupId ?? null,
    jobId: row.job_id ?? backups[0]?.jobId ?? null,
    backups,
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
  };
}

/** Typed reads and writes over `runs`. Statements are prepared once: make it once and keep it. */
export function runsStore(catalog: Sqlite) {
  const byId = catalog.prepare<[string], RunRow>('select * from runs where id = ?');
  const insert = catalog.prepare(
    `insert into runs (id, schedule_id, schedule, kind, profile, profile_id, colour, planned_at, state, trigger, reason, detail, phase,
                       owner, covered_by, finished_at)
     values (@id, @scheduleId, @schedule, @kind, @profile, @profileId, @colour, @plannedAt, @state, @trigger, @reason, @detail, @phase,
             @owner, @coveredBy, @finishedAt)
     on conflict (schedule_id, planned_at) do nothing`,
  );
  const open = catalog.prepare<[], RunRow>("select * from runs where state = 'running' order by planned_at, id");
  const openOf = catalog.prepare<[string], RunRow>(
    "select * from runs where state = 'running' and schedule_id = ? order by planned_at, id",
  );
  const at = catalog.prepare<[string, string], RunRow>('select * from runs where schedule_id = ? and planned_at = ?');
  const last = catalog.prepare<[string], RunRow>('select * from runs where schedule_id = ? order by planned_at desc limit 1');
  const lastGood = catalog.prepare<[string, string], { at: string | null }>(
    `select max(at) as at from (
       select max(planned_at) as at from runs where schedule_id = ? and state = 'succeeded'
       union all select max(planned_at) from runs where schedule_id = ? and state = 'caught-up')`,
  );
  const lastOfAll = catalog.prepare<[], RunRow>("select * from runs where state <> 'running' order by planned_at desc limit 1");
  const between = catalog.prepare<[string, string, string], { planned_at: string }>(
    'select planned_at from runs where schedule_id = ? and planned_at > ? and planned_at <= ?',
  );
  // A slot that was moved past its own time and then skipped has nothing left that would write its record again: it stays.
  const takeBack = catalog.prepare<[string, string]>(
    `delete from runs where schedule_id = ? and planned_at > ? and state in ('missed', 'skipped') and started_at is null
       and not (reason is 'by-user' and not exists (
         select 1 from schedule_changes c where c.schedule_id = runs.schedule_id and c.slot_at = runs.planned_at))`,
  );
  const passCover = catalog.prepare<[string, string]>("update runs set covered_by = ? where covered_by = ? and state = 'missed'");
  const updates = new Map<string, Statement<unknown[]>>();

  return {
    get: (id: string): ScheduledRun | null => {
      const row = byId.get(id);
      return row === undefined ? null : toRun(row);
    },
    row: (id: string): RunRow | null => byId.get(id) ?? null,
    /** False where the slot has its record already: nothing is written then. */
    insert: (run: NewRun): boolean => insert.run(run).changes === 1,
    /** Those that wait, work or pause, the oldest slot first; of one schedule, or of all. */
    open: (scheduleId?: string): RunRow[] => (scheduleId === undefined ? open.all() : openOf.all(scheduleId)),
    /** The record of one slot. */
    at: (scheduleId: string, instant: number): RunRow | null => at.get(scheduleId, iso(instant)) ?? null,
    /** Of the newest slot on record. */
    last: (scheduleId: string): ScheduledRun | null => {
      const row = last.get(scheduleId);
      return row === undefined ? null : toRun(row);
    },
    /** The slot of the newest run that ended well. */
    lastSuccessAt: (scheduleId: string): string | null => lastGood.get(scheduleId, scheduleId)?.at ?? null,
    /** The newest ended one of all schedules. */
    lastOfAll: (): ScheduledRun | null => {
      const row = lastOfAll.get();
      return row === undefined ? null : toRun(row);
    },
    /** The slots with a record, after < slot <= upTo. */
    recorded: (scheduleId: string, after: number, upTo: number): Set<number> =>
      new Set(between.all(scheduleId, iso(after), iso(upTo)).map((row) => Date.parse(row.planned_at))),
    /** The clock went back: slots later than `now` that never ran have not come yet. */
    takeBack: (scheduleId: string, now: number): number => takeBack.run(scheduleId, iso(now)).changes,
    /** What one catch-up stood for, another stands for. */
    passCover: (from: string, to: string): void => void passCover.run(to, from),
    change(id: string, change: RunChange): void {
      const names = Object.keys(change) as (keyof RunChange)[];
      if (names.length === 0) return;
      const key = names.join(' ');
      let statement = updates.get(key);
      if (statement === undefined) {
        statement = catalog.prepare<unknown[]>(`update runs set ${names.map((name) => `${columnOf[name]} = ?`).join(', ')} where id = ?`);
        updates.set(key, statement);
      }
      statement.run(...names.map((name) => written(change[name])), id);
    },
  };
}
export type RunsStore = ReturnType<typeof runsStore>;

const written = (value: unknown): unknown => (value !== null && typeof value === 'object' ? JSON.stringify(value) : value);
