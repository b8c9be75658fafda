import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { logLine } from './backups.ts';
import { errorReport, id, timestamp } from './common.ts';

export const jobKinds = ['backup', 'verify', 'restore', 'undo', 'discard', 'sample', 'preview', 'rows', 'cleanup'] as const;
export type JobKind = (typeof jobKinds)[number];

export const lockWait = z.object({
  /** What the job's session waits for, e.g. `public.orders (AccessShareLock)`. */
  waitsFor: z.string(),
  blockedByPid: z.number(),
  blockedByUser: z.string(),
  blockedByApplication: z.string(),
  blockedByQuery: z.string(),
  sinceSeconds: z.number(),
});
export type LockWait = z.infer<typeof lockWait>;

export const jobProgress = z.object({
  /** What it is doing, in words: `Reading tables`, `Verifying`. */
  phase: z.string(),
  /** 0 to 1; null where it cannot be known. */
  fraction: z.number().min(0).max(1).nullable(),
  secondsLeft: z.number().nullable(),
  bytesDone: z.number(),
  bytesTotal: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  /** The table being read or written. */
  current: z.string().nullable(),
  waits: z.array(lockWait),
});
export type JobProgress = z.infer<typeof jobProgress>;

const jobBase = {
  id,
  kind: z.enum(jobKinds),
  /** One line for people: `Backup of shop on Sample`. */
  title: z.string(),
  profile: z.string(),
  profileId: id.nullable(),
  database: z.string(),
  queuedAt: timestamp,
  /** The backup, restore or dump it is about. */
  subjectId: z.string().nullable(),
};

export const job = z.discriminatedUnion('status', [
  z.object({ ...jobBase, status: z.literal('queued'), waitsBehind: z.number() }),
  z.object({ ...jobBase, status: z.literal('running'), startedAt: timestamp, progress: jobProgress, cancelling: z.boolean() }),
  z.object({ ...jobBase, status: z.literal('succeeded'), startedAt: timestamp, finishedAt: timestamp, result: z.unknown() }),
  z.object({
    ...jobBase,
    status: z.enum(['failed', 'cancelled', 'interrupted']),
    startedAt: timestamp.nullable(),
    finishedAt: timestamp,
    error: errorReport,
  }),
]);
export type Job = z.infer<typeof job>;
export type EndedJob = Extract<Job, { finishedAt: string }>;

export const jobEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job'), job }),
  z.object({ kind: z.literal('log'), line: logLine }),
]);
export type JobEvent = z.infer<typeof jobEvent>;

export const jobsContract = {
  list: oc
    .route({ method: 'GET', path: '/jobs' })
    .input(
      z.object({ active: z.stringbool().or(z.boolean()).default(false), limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    )
    .output(z.array(job)),
  get: oc.route({ method: 'GET', path: '/jobs/{id}' }).input(z.object({ id })).output(job),
  /** Asks; the job ends as `cancelled` when its child and backend are gone. Errors: NOT_FOUND, BAD_INPUT (ended). */
  cancel: oc.route({ method: 'POST', path: '/jobs/{id}/cancel' }).input(z.object({ id })).output(job),
  log: oc
    .route({ method: 'GET', path: '/jobs/{id}/log' })
    .input(z.object({ id, afterSequence: z.coerce.number().int().default(0) }))
    .output(z.object({ lines: z.array(logLine) })),
  /** One job's state and log from a sequence number on; ends when the job ends. */
  watch: oc
    .route({ method: 'GET', path: '/jobs/{id}/watch' })
    .input(z.object({ id, afterSequence: z.coerce.number().int().default(0) }))
    .output(eventIterator(jobEvent)),
  /** Every job's state whenever it changes, in this process or another; begins with the active ones. */
  watchAll: oc.route({ method: 'GET', path: '/jobs/watch' }).output(eventIterator(job)),
};
