import { oc } from '@orpc/contract';
import { z } from 'zod';
import { backupOptions, backupStatuses } from './backups.ts';
import { errorReport, id, timestamp } from './common.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time on the wall clock of the schedule's zone: `02:00`. */
export const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time from 00:00 to 23:59');
/** An IANA name that this program knows: `Europe/Berlin`, `UTC`. */
export const timeZone = z.string().min(1).max(64).refine(isZone, 'not a time zone of the IANA list');
export const calendarDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'a day: 2026-11-21');

/** Offsets such as +02:00 know no summer time. */
function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** On the wall clock of the schedule's zone. What summer time does to it: docs/schedules.md. */
export const when = z.discriminatedUnion('kind', [
  /** At `minute` of every hour from `fromHour` to `toHour`, both included; past midnight where `toHour` is the smaller. Empty `days`: every day. */
  z.object({
    kind: z.literal('hourly'),
    fromHour: z.number().int().min(0).max(23),
    toHour: z.number().int().min(0).max(23),
    minute: z.number().int().min(0).max(59).default(0),
    days: z.array(z.enum(weekdays)).default([]),
  }),
  z.object({ kind: z.literal('daily'), time: wallTime }),
  z.object({ kind: z.literal('weekly'), days: z.array(z.enum(weekdays)).min(1), time: wallTime }),
  /** A month that is too short has it on its last day. */
  z.object({ kind: z.literal('monthly'), day: z.union([z.number().int().min(1).max(31), z.literal('last')]), time: wallTime }),
  /** Five fields, or @hourly, @daily, @weekly, @monthly, @yearly. */
  z.object({ kind: z.literal('cron'), expression: z.string().min(1).max(200) }),
]);
export type When = z.infer<typeof when>;

export const missedPolicy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('runOnce') }),
  z.object({ kind: z.literal('grace'), seconds: z.number().int().min(60).max(31_536_000) }),
  z.object({ kind: z.literal('skip') }),
]);
export type MissedPolicy = z.infer<typeof missedPolicy>;

export const scheduledDatabases = z.discriminatedUnion('kind', [
  /** The profile's own. */
  z.object({ kind: z.literal('profile') }),
  z.object({ kind: z.literal('named'), names: z.array(z.string().min(1)).min(1) }),
  /** Every database of the server that may be connected to, as of each run; templates left out. */
  z.object({ kind: z.literal('all'), except: z.array(z.string().min(1)).default([]) }),
]);
export type ScheduledDatabases = z.infer<typeof scheduledDatabases>;

export const task = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('backup'),
    profileId: id,
    databases: scheduledDatabases.default({ kind: 'profile' }),
    options: backupOptions.omit({ database: true }).prefault({}),
  }),
  /** Applies retention; null: everywhere. */
  z.object({ kind: z.literal('cleanup'), profileId: id.nullable().default(null) }),
]);
export type Task = z.infer<typeof task>;

export const overlaps = ['skip', 'queue', 'cancel'] as const;

export const scheduleFields = z.object({
  name: z.string().trim().min(1).max(100),
  task,
  when,
  timeZone,
  enabled: z.boolean().default(true),
  /** No slot before it, none at or after `endsAt`. */
  startsAt: timestamp.nullable().default(null),
  endsAt: timestamp.nullable().default(null),
  missed: missedPolicy.default({ kind: 'runOnce' }),
  /** When a slot comes while the schedule's earlier run is still going. */
  overlap: z.enum(overlaps).default('skip'),
  /** How often a run is tried again after a fault worth it. */
  retries: z.number().int().min(0).max(10).default(2),
  /** The next such time after a run's start cancels it; null: it may take as long as it takes. */
  windowEnd: wallTime.nullable().default(null),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/)
    .default('#4c6ef5'),
});
export type ScheduleFields = z.infer<typeof scheduleFields>;

export const runStates = ['succeeded', 'failed', 'missed', 'caught-up', 'skipped', 'running', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** Why a slot did not simply run; docs/schedules.md says when each is given. */
export const runReasons = [
  'not-running', // no scheduler was awake at its time
  'covered', // missed; a newer slot's catch-up stands for it
  'too-late', // missed, and its grace time was over
  'policy-skip', // missed, and the schedule wants no catch-up
  'paused', // everything was paused
  'overlap', // the earlier run was still going
  'by-user', // somebody skipped or cancelled it
  'window-end', // it overstayed the backup window
  'replaced', // the next slot cancelled it
  'interrupted', // the program ended in the middle
  'removed', // the schedule was removed or switched off while it waited
] as const;
export type RunReason = (typeof runReasons)[number];

/** One slot of a schedule and what came of it. */
export const scheduledRun = z.object({
  id,
  scheduleId: id,
  /** The schedule's name when it ran; the schedule may be gone. */
  schedule: z.string(),
  kind: z.enum(['backup', 'cleanup']),
  profile: z.string(),
  profileId: id.nullable(),
  colour: z.string(),
  /** The slot: when it should have begun. */
  plannedAt: timestamp,
  state: z.enum(runStates),
  /** `slot`: by the clock; `catch-up`: made later; `hand`: somebody asked. */
  trigger: z.enum(['slot', 'catch-up', 'hand']),
  reason: z.enum(runReasons).nullable(),
  /** One sentence more, for people. */
  detail: z.string(),
  /** While `running`: what it is at. */
  phase: z.enum(['waiting', 'working', 'pausing']).nullable(),
  /** While pausing before another try. */
  nextTryAt: timestamp.nullable(),
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  durationMs: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  attempts: z.number().int(),
  /** Missed with reason `covered`: the run that stands for it. */
  coveredBy: id.nullable(),
  /** The first (mostly only) one of `backups` that is there. */
  backupId: id.nullable(),
  jobId: id.nullable(),
  /** The newest try of each database. */
  backups: z.array(z.object({ backupId: id, database: z.string(), status: z.enum(backupStatuses), jobId: id.nullable() })),
  error: errorReport.nullable(),
});
export type ScheduledRun = z.infer<typeof scheduledRun>;

/** A slot that has not come yet. */
export const plannedRun = z.object({
  scheduleId: id,
  schedule: z.string(),
  kind: z.enum(['backup', 'cleanup']),
  profile: z.string(),
  colour: z.string(),
  at: timestamp,
  /** Where this one was moved from; null: it stands where the schedule puts it. */
  movedFrom: timestamp.nullable(),
  /** From the schedule's last good runs; null where there is none. */
  expectedMs: z.number().nullable(),
  paused: z.boolean(),
});
export type PlannedRun = z.infer<typeof plannedRun>;

/** How a schedule stands, one word. */
export const scheduleHealth = z.enum(['off', 'new', 'fine', 'running', 'failing', 'overdue']);

export const schedule = scheduleFields.extend({
  id,
  profile: z.string(),
  createdAt: timestamp,
  updatedAt: timestamp,
  nextAt: timestamp.nullable(),
  lastRun: scheduledRun.nullable(),
  lastSuccessAt: timestamp.nullable(),
  health: scheduleHealth,
  /** When it became overdue: the oldest slot that nothing good has answered since. */
  overdueSince: timestamp.nullable(),
  /** `every day at 02:00 (Europe/Berlin)`. */
  words: z.string(),
});
export type Schedule = z.infer<typeof schedule>;

export const schedulerStatus = z.object({
  /** Who runs what is due; null: nobody, so nothing will run. */
  leader: z
    .object({ host: z.enum(['desktop', 'browser', 'command-line', 'agent']), pid: z.number(), since: timestamp, here: z.boolean() })
    .nullable(),
  pausedUntil: timestamp.nullable(),
  running: z.array(scheduledRun),
  next: plannedRun.nullable(),
  last: scheduledRun.nullable(),
  /** The first line of page and tray: worst first. */
  alarms: z.array(
    z.object({
      kind: z.enum(['nobody-runs', 'overdue', 'none-in-24h', 'many-failures', 'failing', 'missed']),
      scheduleId: id.nullable(),
      text: z.string(),
    }),
  ),
});
export type SchedulerStatus = z.infer<typeof schedulerStatus>;

const dayCounts = z.object({
  day: calendarDay,
  planned: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  missed: z.number(),
  caughtUp: z.number(),
  skipped: z.number(),
  cancelled: z.number(),
  running: z.number(),
});
export type DayCounts = z.infer<typeof dayCounts>;

const span = { from: timestamp, to: timestamp };
const scheduleIds = z.array(id).optional().describe('only these schedules');

export const schedulesContract = {
  list: oc.route({ method: 'GET', path: '/schedules' }).output(z.array(schedule)),
  get: oc.route({ method: 'GET', path: '/schedules/{id}' }).input(z.object({ id })).output(schedule),
  /** Errors: ALREADY_EXISTS (name), NOT_FOUND (profile), BAD_INPUT (cron). */
  create: oc
    .route({ method: 'POST', path: '/schedules' })
    .input(z.object({ schedule: scheduleFields }))
    .output(schedule),
  /** Slots up to now are settled by the old rule first. */
  update: oc
    .route({ method: 'PUT', path: '/schedules/{id}' })
    .input(z.object({ id, schedule: scheduleFields }))
    .output(schedule),
  setEnabled: oc
    .route({ method: 'PUT', path: '/schedules/{id}/enabled' })
    .input(z.object({ id, enabled: z.boolean() }))
    .output(schedule),
  /** Its runs and backups stay. */
  remove: oc
    .route({ method: 'DELETE', path: '/schedules/{id}' })
    .input(z.object({ id }))
    .output(z.object({ removed: id })),
  /** Nightly at 02:00, hourly quick ones from 9 to 17, cleanup at 03:00, a retention rule where the profile has none,
   * and desktop messages where no channel is there and the host can show them. Names that are taken get a number. */
  addPreset: oc
    .route({ method: 'POST', path: '/schedules/preset' })
    .input(z.object({ profileId: id, timeZone }))
    .output(z.array(schedule)),
  /** Runs it now, in this process, beside its plan. */
  run: oc.route({ method: 'POST', path: '/schedules/{id}/run' }).input(z.object({ id })).output(scheduledRun),
  /** Slots to come, with those moved and skipped taken into account. */
  next: oc
    .route({ method: 'GET', path: '/schedules/next' })
    .input(
      z.object({
        scheduleId: id.optional(),
        from: timestamp.optional(),
        to: timestamp.optional(),
        limit: z.coerce.number().int().min(1).max(100_000).default(1000),
      }),
    )
    .output(z.object({ runs: z.array(plannedRun), cut: z.boolean() })),
  /** Newest first. */
  history: oc
    .route({ method: 'GET', path: '/schedules/history' })
    .input(
      z.object({
        scheduleId: id.optional(),
        from: timestamp.optional(),
        to: timestamp.optional(),
        state: z.enum(runStates).optional(),
        limit: z.coerce.number().int().min(1).max(100_000).default(1000),
        offset: z.coerce.number().int().min(0).default(0),
      }),
    )
    .output(z.object({ runs: z.array(scheduledRun), total: z.number() })),
  getRun: oc.route({ method: 'GET', path: '/schedules/runs/{id}' }).input(z.object({ id })).output(scheduledRun),
  cancelRun: oc.route({ method: 'POST', path: '/schedules/runs/{id}/cancel' }).input(z.object({ id })).output(scheduledRun),
  /** What a calendar shows: days are those of `timeZone`. Where there is more than `limit`, the busiest days are cut
   * to what fits and `days` still counts all. */
  calendar: oc
    .route({ method: 'POST', path: '/schedules/calendar' })
    .input(z.object({ ...span, timeZone, scheduleIds, limit: z.number().int().min(1).max(20_000).default(2000) }))
    .output(
      z.object({
        days: z.array(dayCounts),
        planned: z.array(plannedRun),
        runs: z.array(scheduledRun),
        cut: z.number(),
        /** Slots to come that somebody skipped, so that it can be taken back. */
        skips: z.array(plannedRun).optional(),
      }),
    ),
  year: oc
    .route({ method: 'GET', path: '/schedules/year' })
    .input(z.object({ year: z.coerce.number().int().min(1970).max(9999), timeZone, scheduleId: id.optional() }))
    .output(z.object({ days: z.array(dayCounts) })),
  /** The coming days' load. A clash: more at once at one server, or in all, than the queue lets run; they will wait. */
  load: oc
    .route({ method: 'GET', path: '/schedules/load' })
    .input(z.object({ days: z.coerce.number().int().min(1).max(60).default(30), timeZone }))
    .output(
      z.object({
        days: z.array(z.object({ day: calendarDay, runs: z.number(), busyMs: z.number(), mostAtOnce: z.number(), clashes: z.number() })),
        clashes: z.array(
          z.object({ at: timestamp, until: timestamp, server: z.string(), schedules: z.array(z.string()), text: z.string() }),
        ),
      }),
    ),
  /** Moves one slot, or its schedule's time with all that follow. Errors: BAD_INPUT (`all` of an hourly or cron schedule;
   * into the past; onto another slot of the schedule), NOT_FOUND (no such slot). */
  moveSlot: oc
    .route({ method: 'POST', path: '/schedules/{id}/move' })
    .input(z.object({ id, at: timestamp, to: timestamp, which: z.enum(['one', 'all']) }))
    .output(schedule),
  /** The slot will be on record as skipped. `skip: false` takes that, or a move, back. */
  skipSlot: oc
    .route({ method: 'POST', path: '/schedules/{id}/skip' })
    .input(z.object({ id, at: timestamp, skip: z.boolean() }))
    .output(schedule),
  /** The next slots of something that is not saved yet, and what summer time does to them. Errors: BAD_INPUT. */
  tryWhen: oc
    .route({ method: 'POST', path: '/schedules/try' })
    .input(z.object({ when, timeZone, count: z.number().int().min(1).max(50).default(5) }))
    .output(z.object({ words: z.string(), next: z.array(timestamp), notes: z.array(z.string()) })),
  status: oc.route({ method: 'GET', path: '/schedules/status' }).output(schedulerStatus),
  /** Slots that come until then are on record as skipped. null: go on. */
  pause: oc
    .route({ method: 'PUT', path: '/schedules/pause' })
    .input(z.object({ until: timestamp.nullable() }))
    .output(schedulerStatus),
};
