// Runs what is to run: starts, tries again, cancels, ends. The rows say how far each run is; only the work itself lives here.
import { HowdahError, reportOf, type ErrorReport } from '../../../shared/errors.ts';
import type { ScheduleFields } from '../../../shared/contract/schedules.ts';
import { endRun, present, type Desk, type RunEnd } from './desk.ts';
import { interrupted, waitsForLeader } from './interrupted.ts';
import { mayPass, pauseAfterTry } from './retries.ts';
import type { RunBackupEntry, RunRow } from './runs-store.ts';
import type { RunTask, TaskEnd, TaskFailure } from './run-task.ts';
import { iso } from './store.ts';
import { nextSlot } from './when/slots.ts';

type Work = { abort: AbortController; ended: Promise<void> };
/** A pause never lasts longer: one that would was written before the clock went back. */
const longestPauseMs = 30 * 60_000;

export type Executor = {
  /** Looks at each of this process's runs: starts it, tries it again, cancels it, as the clock and its row say. */
  step(): void;
  /** Whether runs of this process are open, at work or not. */
  busy(): boolean;
  /** The earliest instant at which a run of this process wants a look; null: none does. */
  nextDue(): number | null;
  /** Ends the work in hand for good, and lets go of its runs: whoever leads next decides about them. */
  close(): Promise<void>;
  /** For tests: as if the process had died. */
  abandon(): void;
};

export function createExecutor(desk: Desk, runTask: RunTask, changed: () => void): Executor {
  const { context, runs, schedules } = desk;
  const { catalog, hostId, ports } = context;
  const works = new Map<string, Work>();
  /** The schedules of runs in hand, which go on when those are removed. */
  const known = new Map<string, ScheduleFields>();
  /** What the next try of a run is about (null: all of it), and what no try can mend. */
  const again = new Map<string, { only: string[] | null; lost: TaskFailure[] }>();
  let closing = false;
  let gone = false;
  let maySleep: (() => void) | null = null;

  const own = (): RunRow[] => (gone ? [] : runs.open().filter((row) => row.owner === hostId));
  const fieldsOf = (row: RunRow): ScheduleFields | null => {
    const fields = schedules.find(row.schedule_id)?.fields;
    if (fields !== undefined) known.set(row.id, fields);
    return fields ?? known.get(row.id) ?? null;
  };
  const windowEndOf = (row: RunRow): number | null => {
    const fields = known.get(row.id) ?? fieldsOf(row);
    if (fields === null || fields.windowEnd === null || row.started_at === null) return null;
    const end = { when: { kind: 'daily', time: fields.windowEnd }, timeZone: fields.timeZone, startsAt: null, endsAt: null } as const;
    return nextSlot(end, Date.parse(row.started_at));
  };
  const stayAwake = (): void => {
    if (works.size > 0) maySleep ??= ports.host.keepAwake('A scheduled backup is being made');
    else {
      maySleep?.();
      maySleep = null;
    }
  };

  /** In one transaction with its telling. */
  const end = (row: RunRow, how: RunEnd): void => {
    const run = endRun(desk, row, how);
    known.delete(row.id);
    again.delete(row.id);
    context.events.emit({ kind: 'catalogChanged' });
    desk.news.emit('run', run);
  };
  const ended = (row: RunRow, how: RunEnd): void => catalog.transaction(() => end(row, how)).immediate();

  const cancel = (row: RunRow, reason: 'window-end' | 'replaced' | 'by-user'): void => {
    const error = errorOf(reason);
    runs.change(row.id, { reason, error });
    works.get(row.id)?.abort.abort(reason);
  };

  const start = (row: RunRow): void => {
    const fields = fieldsOf(row);
    if (fields === null) {
      ended(row, { state: 'skipped', reason: 'removed' });
      return;
    }
    const attempt = row.attempts + 1;
    const startedAt = row.started_at ?? iso(desk.now());
    const claimed = catalog
      .transaction((): RunRow | null => {
        const fresh = runs.row(row.id);
        if (fresh?.state !== 'running' || fresh.owner !== hostId || fresh.phase === 'working') return null;
        runs.change(row.id, { phase: 'working', nextTryAt: null, startedAt });
        const after = runs.row(row.id);
        if (attempt === 1) context.messages.tell({ kind: 'run-started', run: present(after) });
        return after;
      })
      .immediate();
    if (claimed === null) return;
    if (attempt === 1) desk.news.emit('run', present(claimed));
    const abort = new AbortController();
    const before = JSON.parse(claimed.backups) as RunBackupEntry[];
    const only = attempt === 1 ? null : (again.get(row.id)?.only ?? null);
    const work: Promise<TaskEnd> = begin(() =>
      runTask({
        runId: row.id,
        scheduleId: row.schedule_id,
        task: fields.task,
        priority: row.trigger === 'hand' ? 0 : 1,
        attempt,
        only,
        signal: abort.signal,
        queued: ({ backups, jobId, error }) => {
          if (!gone) runs.change(row.id, { attempts: attempt, backups: merged(before, backups), jobId, error: error ?? null });
        },
      }),
    );
    const settled = work
      .then(
        (done) => atEnd(row.id, attempt, before, fields, abort.signal, done),
        (thrown: unknown) => {
          const error = reportOf(thrown);
          if (error.code === 'INTERNAL') ports.log.error(`the run ${row.id} failed`, thrown);
          atEnd(row.id, attempt, before, fields, abort.signal, nothingDone(error));
        },
      )
      .catch((thrown: unknown) => ports.log.error(`the end of the run ${row.id} could not be recorded`, thrown))
      .finally(() => {
        works.delete(row.id);
        stayAwake();
        changed();
      });
    works.set(row.id, { abort, ended: settled });
    stayAwake();
    context.events.emit({ kind: 'catalogChanged' });
  };

  const atEnd = (
    id: string,
    attempt: number,
    before: RunBackupEntry[],
    fields: ScheduleFields,
    signal: AbortSignal,
    done: TaskEnd,
  ): void => {
    if (gone) return;
    catalog
      .transaction(() => {
        const row = runs.row(id);
        if (row?.state !== 'running' || row.owner !== hostId) return;
        const sizeBytes = (row.size_bytes ?? 0) + (done.sizeBytes ?? 0);
        const backups = merged(before, done.backups);
        runs.change(id, { attempts: attempt, backups, jobId: done.jobId, sizeBytes: row.kind === 'backup' ? sizeBytes : null });
        const failures = [...(again.get(id)?.lost ?? []), ...done.failures];
        // A program that closes has cancelled nobody's run: whoever leads next decides about it.
        if (closing && failures.length > 0 && row.trigger !== 'hand' && row.reason !== 'by-user') return;
        if (failures.length === 0) {
          const how = row.trigger === 'catch-up' ? ({ state: 'caught-up', reason: row.reason } as const) : null;
          end(row, { ...(how ?? { state: 'succeeded', reason: null }), detail: done.detail, error: null });
        } else if (closing && row.reason !== 'by-user') end(row, interrupted());
        else if (signal.aborted) end(row, { state: 'cancelled', reason: reasonOf(row, signal), error: errorOf(reasonOf(row, signal)) });
        else if (failures.every(({ error }) => error.code === 'CANCELLED')) end(row, { state: 'cancelled', reason: 'by-user' });
        else if (attempt <= fields.retries && failures.some(({ error }) => mayPass(error))) pause(row, attempt, failures);
        else end(row, { state: 'failed', reason: null, ...failureOf(failures, backups) });
      })
      .immediate();
  };

  /** Only what may pass is tried again: a wrong password tried often locks an account. */
  const pause = (row: RunRow, attempt: number, failures: TaskFailure[]): void => {
    const nextTryAt = iso(desk.now() + pauseAfterTry(attempt));
    const passing = failures.filter(({ error }) => mayPass(error));
    const names = passing.flatMap(({ database }) => database ?? []);
    const lost = failures.filter(({ error }) => !mayPass(error));
    again.set(row.id, { only: names.length === passing.length ? names : null, lost });
    runs.change(row.id, { phase: 'pausing', nextTryAt, error: failureOf(failures, []).error });
    context.events.emit({ kind: 'catalogChanged' });
  };

  const look = (row: RunRow, now: number): void => {
    const work = works.get(row.id);
    const windowEnd = windowEndOf(row);
    const overstays = windowEnd !== null && now >= windowEnd;
    if (work !== undefined) {
      if (work.abort.signal.aborted) return;
      if (row.reason === 'by-user' || row.reason === 'replaced') cancel(row, row.reason);
      else if (overstays) cancel(row, 'window-end');
    } else if (overstays && row.phase !== 'waiting') {
      ended(row, { state: 'cancelled', reason: 'window-end', error: errorOf('window-end') });
    } else if (row.phase === 'pausing') {
      const at = Date.parse(row.next_try_at ?? '') || 0;
      if (at <= now || at > now + longestPauseMs) start(row);
    } else if (row.phase === 'waiting') {
      if (mayStart(row, runs.open(row.schedule_id))) start(row);
    } else if (!works.has(row.id)) {
      // Nobody works on it: something went wrong while its end was recorded. Its slot is decided anew.
      runs.change(row.id, { owner: null });
    }
  };

  /** Whoever leads next decides about it; until then nobody works on it, and it says so. */
  const letGo = (row: RunRow): void => {
    const change = {
      owner: null,
      phase: 'waiting',
      nextTryAt: null,
      detail: [row.detail, waitsForLeader].filter(Boolean).join(' '),
    } as const;
    runs.change(row.id, change);
    desk.news.emit('run', present(runs.row(row.id)));
  };

  return {
    step() {
      if (gone || closing) return;
      const now = desk.now();
      for (const row of own()) {
        try {
          look(row, now);
        } catch (thrown) {
          // One run that cannot be begun or ended now keeps no other from it; the next look tries again.
          ports.log.error(`the run ${row.id} could not be looked at`, thrown);
        }
      }
    },
    busy: () => works.size > 0 || own().length > 0,
    nextDue() {
      let earliest: number | null = null;
      const consider = (at: number | null): void => {
        if (at !== null && (earliest === null || at < earliest)) earliest = at;
      };
      for (const row of own()) {
        if (row.next_try_at !== null) consider(Date.parse(row.next_try_at));
        if (row.started_at !== null) consider(windowEndOf(row));
      }
      return earliest;
    },
    async close() {
      closing = true;
      for (const work of works.values()) work.abort.abort('closing');
      await Promise.all([...works.values()].map((work) => work.ended));
      catalog
        .transaction(() => {
          for (const row of own()) {
            if (row.trigger === 'hand') end(row, interrupted());
            else letGo(row);
          }
        })
        .immediate();
      gone = true;
    },
    abandon() {
      gone = true;
      maySleep?.();
    },
  };
}

/** Alone with its schedule, or first in line. */
function mayStart(row: RunRow, open: RunRow[]): boolean {
  if (row.trigger === 'hand') return true;
  const waiting = open.filter((other) => other.phase === 'waiting' && other.trigger !== 'hand');
  return waiting.length === open.length && waiting[0]?.id === row.id;
}

function merged(before: RunBackupEntry[], now: RunBackupEntry[]): RunBackupEntry[] {
  const fresh = new Map(now.map((entry) => [entry.database, entry]));
  const kept = before.map((entry) => fresh.get(entry.database) ?? entry);
  return [...kept, ...now.filter((entry) => !before.some((old) => old.database === entry.database))];
}

const begin = async (work: () => Promise<TaskEnd>): Promise<TaskEnd> => work();
const nothingDone = (error: ErrorReport): TaskEnd => ({
  backups: [],
  jobId: null,
  sizeBytes: null,
  failures: [{ database: null, error }],
  detail: '',
});

type CancelReason = 'by-user' | 'replaced' | 'window-end';
const reasonOf = (row: RunRow, signal: AbortSignal): CancelReason => {
  const given: unknown = signal.reason;
  if (given === 'replaced' || given === 'window-end') return given;
  return row.reason === 'replaced' || row.reason === 'window-end' ? row.reason : 'by-user';
};

function errorOf(reason: CancelReason): ErrorReport {
  switch (reason) {
    case 'window-end':
      return new HowdahError('OVERSTAYED', 'The backup window ended before the run did, so it was cancelled.', {
        hint: 'Start it earlier, give the window more time, or leave tables out.',
      }).report();
    case 'replaced':
      return new HowdahError('CANCELLED', 'The next slot of the schedule came and took its place.', {
        hint: 'Its schedule says so; give it more time between its slots, or let runs queue.',
      }).report();
    case 'by-user':
      return new HowdahError('CANCELLED', 'Somebody cancelled the run.', {
        hint: 'Run the schedule by hand when you want it after all.',
      }).report();
  }
}

/** The fault that will not pass by itself goes first: it wants somebody to do something. */
function failureOf(failures: TaskFailure[], backups: RunBackupEntry[]): { error: ErrorReport; detail: string } {
  const worst = failures.find(({ error }) => !mayPass(error)) ?? failures[0];
  const error = worst?.error ?? new HowdahError('INTERNAL', 'The run ended without a reason.', { hint: 'See the program log.' }).report();
  const names = failures.flatMap(({ database }) => database ?? []);
  const of = Math.max(backups.length, names.length);
  return { error, detail: of > 1 ? `${names.length} of ${of} databases failed: ${names.join(', ')}.` : '' };
}
