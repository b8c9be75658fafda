import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorReport, id, startedJob, timestamp } from './common.ts';

const count = z.number().int().min(1).max(100_000).nullable().default(null);

/** A backup stays where any part wants it. All null: everything stays. */
export const retentionRule = z.object({
  keepLast: count,
  /** Younger than so many days. */
  keepDays: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
  /** All backups of the scope together; the oldest go first. */
  maxBytes: z.number().int().min(1).nullable().default(null),
  /** So many newest good ones of each database stay whatever the rest says. */
  keepAtLeast: z.number().int().min(1).max(100_000).default(1),
});
export type RetentionRule = z.infer<typeof retentionRule>;

/** Whose backups a rule is about. A schedule's own rule goes before its profile's; safety backups only have theirs. */
export const retentionScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('profile'), profileId: id }),
  z.object({ kind: z.literal('schedule'), scheduleId: id }),
  z.object({ kind: z.literal('safety') }),
]);
export type RetentionScope = z.infer<typeof retentionScope>;

export const retentionPolicy = z.object({
  scope: retentionScope,
  /** The profile's or schedule's name, or `Safety backups`. */
  name: z.string(),
  rule: retentionRule,
  /** `keeps the last 7, 4 weekly, 12 monthly`. */
  words: z.string(),
  updatedAt: timestamp,
});
export type RetentionPolicy = z.infer<typeof retentionPolicy>;

/** What a person should see of a backup that stays or goes. */
const subject = {
  id,
  profile: z.string(),
  database: z.string(),
  schedule: z.string().nullable(),
  origin: z.string(),
  startedAt: timestamp,
  sizeBytes: z.number(),
  holds: z.enum(['whole', 'quick', 'chosen']),
  good: z.boolean(),
};
/** Reasons are words with a parameter: `pinned`, `last-good`, `last:3`, `days:30`, `hourly:2026-11-20T09`, `daily:2026-11-20`,
 * `weekly:2026-W47`, `monthly:2026-11`, `yearly:2026`, `min-keep:3`, `in-use`, `no-rule`, `missing` (its folder is not there now),
 * `no-newer-good` (it is not good, and nothing newer is), `unproved` (not good, but not proved damaged, and the rule would want it), `within-size` (its rule only limits the size). */
export const kept = z.object({ ...subject, reasons: z.array(z.string()).min(1) });
/** `not-wanted` (no part of the rule wants it), `over-size` (the size limit), `not-good` (proved damaged, and newer good ones are there). */
export const doomed = z.object({ ...subject, reason: z.string() });
export type Kept = z.infer<typeof kept>;
export type Doomed = z.infer<typeof doomed>;

export const deletion = z.object({
  ...subject,
  state: z.enum(['marked', 'removed', 'failed']),
  reason: z.string(),
  /** The rule in words, as it stood then. */
  rule: z.string(),
  markedAt: timestamp,
  removedAt: timestamp.nullable(),
  freedBytes: z.number().nullable(),
  error: errorReport.nullable(),
});
export type Deletion = z.infer<typeof deletion>;

const where = z.object({ profileId: id.optional() });

export const retentionContract = {
  list: oc.route({ method: 'GET', path: '/retention' }).output(z.array(retentionPolicy)),
  /** Errors: NOT_FOUND. */
  set: oc
    .route({ method: 'PUT', path: '/retention' })
    .input(z.object({ scope: retentionScope, rule: retentionRule }))
    .output(retentionPolicy),
  /** Its backups then stay for ever, or follow the profile's rule. */
  remove: oc
    .route({ method: 'DELETE', path: '/retention' })
    .input(z.object({ scope: retentionScope }))
    .output(z.object({ removed: z.boolean() })),
  /** What would go, and why each other stays; `rule` tries one that is not saved. Newest first. */
  preview: oc
    .route({ method: 'POST', path: '/retention/preview' })
    .input(where.extend({ instead: z.object({ scope: retentionScope, rule: retentionRule }).optional() }))
    .output(z.object({ keep: z.array(kept), delete: z.array(doomed), keepBytes: z.number(), deleteBytes: z.number() })),
  /** Deletes what a preview taken now would list. `confirm`: the number of backups that go, from the preview.
   * Errors: PLAN_STALE (the number differs), BUSY. */
  apply: oc
    .route({ method: 'POST', path: '/retention/apply' })
    .input(where.extend({ confirm: z.number().int() }))
    .output(startedJob),
  /** Newest first. */
  deletions: oc
    .route({ method: 'GET', path: '/retention/deletions' })
    .input(z.object({ limit: z.coerce.number().int().min(1).max(10_000).default(200), offset: z.coerce.number().int().min(0).default(0) }))
    .output(z.object({ deletions: z.array(deletion), total: z.number() })),
};
