// How a schedule stands: what its newest runs say about it. Few rows of an index for each, whatever the history's length.
import type { Schedule, ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { Sqlite } from '../catalog/open.ts';
import { toRun, type RunRow } from './runs-store.ts';
import { iso, type StoredSchedule } from './store.ts';

export type Standing = {
  health: Schedule['health'];
  /** The oldest slot that nothing good has answered since, where it is an hour past; milliseconds since 1970. */
  overdueSince: number | null;
  /** Its newest run ended in failure. Also true while it is overdue. */
  failing: boolean;
  /** No run ended well in the last 24 hours, though there was a slot. */
  noneInDay: boolean;
  /** Failed runs in the last 24 hours. */
  failures: number;
  /** The newest slot on record was missed, and nothing has run since. */
  missed: boolean;
  /** When the newest good run ended. */
  lastGoodAt: number | null;
};

/** A slot may be so late before its schedule is overdue. */
export const overdueAfterMs = 3_600_000;
const dayMs = 86_400_000;
/** More than two failures in 24 hours are many. */
export const manyFailures = 2;

type Good = { planned_at: string; started_at: string | null; finished_at: string | null };

/** Statements are prepared once for each catalog. */
const prepared = new WeakMap<Sqlite, ReturnType<typeof prepare>>();

function prepare(catalog: Sqlite) {
  return {
    // The newest few, since a catch-up may stand before a later slot and yet have begun after it.
    // Nothing counts that stands in the future: a clock that was wrong once would silence every alarm until then.
    good: catalog.prepare<[string, string, string], Good>(
      `select planned_at, started_at, finished_at from runs where schedule_id = ? and state = ? and planned_at <= ?
        order by planned_at desc limit 3`,
    ),
    newestFailed: catalog.prepare<[string, string], { at: string | null }>(
      "select max(planned_at) as at from runs where schedule_id = ? and state = 'failed' and planned_at <= ?",
    ),
    failures: catalog.prepare<[string, string, string, string], { count: number }>(
      `select count(*) as count from runs where schedule_id = ? and state = 'failed' and planned_at > ? and finished_at > ?
          and finished_at <= ?`,
    ),
    newest: catalog.prepare<[string, string], { state: string }>(
      'select state from runs where schedule_id = ? and planned_at <= ? order by planned_at desc limit 1',
    ),
    // `reason` is never null where something is skipped. What somebody skipped or paused is no alarm.
    firstSlotAfter: catalog.prepare<[string, string], { planned_at: string }>(
      `select planned_at from runs where schedule_id = ? and planned_at > ? and trigger <> 'hand'
         and not (state = 'skipped' and reason in ('by-user', 'paused')) order by planned_at limit 1`,
    ),
    open: catalog.prepare<[], Pick<RunRow, 'schedule_id' | 'phase' | 'attempts'>>(
      "select schedule_id, phase, attempts from runs where state = 'running'",
    ),
    openOf: catalog.prepare<[string], Pick<RunRow, 'schedule_id' | 'phase' | 'attempts'>>(
      "select schedule_id, phase, attempts from runs where schedule_id = ? and state = 'running'",
    ),
    lastFailed: catalog.prepare<[string], RunRow>(
      "select * from runs where schedule_id = ? and state = 'failed' order by planned_at desc limit 1",
    ),
  };
}

function statementsOf(catalog: Sqlite): ReturnType<typeof prepare> {
  let statements = prepared.get(catalog);
  if (statements === undefined) {
    statements = prepare(catalog);
    prepared.set(catalog, statements);
  }
  return statements;
}

type Open = Pick<RunRow, 'phase' | 'attempts'>;

/** How one schedule stands at `now` (milliseconds since 1970). */
export const standingOf = (catalog: Sqlite, schedule: StoredSchedule, now: number): Standing =>
  judge(catalog, schedule, now, statementsOf(catalog).openOf.all(schedule.id));

/** How all of them stand, by id. */
export function standings(catalog: Sqlite, schedules: readonly StoredSchedule[], now: number): Map<string, Standing> {
  const open = new Map<string, Open[]>();
  for (const run of statementsOf(catalog).open.all()) open.set(run.schedule_id, [...(open.get(run.schedule_id) ?? []), run]);
  return new Map(schedules.map((schedule) => [schedule.id, judge(catalog, schedule, now, open.get(schedule.id) ?? [])]));
}

/** The newest run that failed. */
export function lastFailedRun(catalog: Sqlite, scheduleId: string): ScheduledRun | null {
  const row = statementsOf(catalog).lastFailed.get(scheduleId);
  return row === undefined ? null : toRun(row);
}

function judge(catalog: Sqlite, schedule: StoredSchedule, now: number, open: readonly Open[]): Standing {
  const { id, fields } = schedule;
  const statements = statementsOf(catalog);
  const upTo = iso(now);
  const newest = statements.newest.get(id, upTo)?.state ?? null;
  const good = newest === null ? [] : [...statements.good.all(id, 'succeeded', upTo), ...statements.good.all(id, 'caught-up', upTo)];
  const latest = (times: (string | null)[]): string =>
    times.reduce<string>((one, other) => (other !== null && other > one && other <= upTo ? other : one), '');
  const goodPlanned = latest(good.map((run) => run.planned_at));
  const answered = latest([goodPlanned, ...good.map((run) => run.started_at)]);
  const lastGood = latest(good.map((run) => run.finished_at));
  const failing = newest !== null && (statements.newestFailed.get(id, upTo)?.at ?? '') > goodPlanned;
  const dayAgo = iso(now - dayMs);
  const failures = failing || newest !== null ? (statements.failures.get(id, iso(now - 3 * dayMs), dayAgo, upTo)?.count ?? 0) : 0;

  const isBackup = fields.enabled && fields.task.kind === 'backup';
  const overdueSince = isBackup && !atFirstTry(open) ? oldestUnanswered(catalog, schedule, answered, now) : null;
  const slotInDay = (statements.firstSlotAfter.get(id, dayAgo)?.planned_at ?? '~') <= iso(now) || (schedule.nextAt ?? Infinity) <= now;
  const noneInDay = isBackup && schedule.createdAt < dayAgo && slotInDay && lastGood < dayAgo;
  return {
    health: healthOf(schedule, {
      overdueSince,
      failing,
      running: open.length > 0,
      isNew: newest === null || (good.length === 0 && !failing),
    }),
    overdueSince,
    failing,
    noneInDay,
    failures,
    missed: newest === 'missed',
    lastGoodAt: lastGood === '' ? null : Date.parse(lastGood),
  };
}

/** Its backup is being made, not for the second time: a long one is not an alarm. */
const atFirstTry = (open: readonly Open[]): boolean => open.some((run) => run.phase === 'working' && run.attempts <= 1);

function oldestUnanswered(catalog: Sqlite, schedule: StoredSchedule, answered: string, now: number): number | null {
  const recorded = statementsOf(catalog).firstSlotAfter.get(schedule.id, answered)?.planned_at;
  // Nobody has settled it yet: its next slot is past.
  const oldest = recorded === undefined ? schedule.nextAt : Date.parse(recorded);
  return oldest !== null && oldest <= now - overdueAfterMs && iso(oldest) > answered ? oldest : null;
}

function healthOf(
  schedule: StoredSchedule,
  facts: { overdueSince: number | null; failing: boolean; running: boolean; isNew: boolean },
): Schedule['health'] {
  if (!schedule.fields.enabled) return 'off';
  if (facts.overdueSince !== null) return 'overdue';
  if (facts.running) return 'running';
  if (facts.failing) return 'failing';
  return facts.isNew ? 'new' : 'fine';
}
