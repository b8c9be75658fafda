import { oc } from '@orpc/contract';
import { z } from 'zod';
import { dumpSource, errorReport, id, startedJob, tableName, timestamp } from './common.ts';
import { previewRequest, rowEffects, strategies, strategyChoice } from './previews.ts';

export const restoreRequest = z.object({
  source: dumpSource,
  profileId: id,
  /** Absent: the profile's own database. */
  database: z.string().min(1).optional(),
  /** Create the database where it does not exist. */
  create: z.boolean().default(false),
  /** Exact tables; empty: everything. */
  tables: z.array(tableName).default([]),
  /** Leaves ownership and grants out (`--no-owner --no-acl`). */
  noOwner: z.boolean().default(false),
  safetyBackup: z.boolean().default(true),
  jobs: z.number().int().min(1).max(64).optional(),
  /** Absent: the database, or the chosen tables, are put in place whole. Present: row by row as the preview shows it;
   * `replace` of everything still restores beside and swaps. */
  strategy: z.enum(strategies).optional(),
  tableStrategies: strategyChoice.shape.tableStrategies,
  fillEmptyStrings: strategyChoice.shape.fillEmptyStrings,
  /** As in the preview; only with `strategy`. */
  rows: previewRequest.shape.rows,
  withReferenced: previewRequest.shape.withReferenced,
  keys: previewRequest.shape.keys,
  /** A preview whose staging is used where it still fits. */
  previewId: id.optional(),
  /** Do it all, then take it back. */
  dryRun: z.boolean().default(false),
});
export type RestoreRequest = z.infer<typeof restoreRequest>;

/** How the target is reached.
 * `new`: the database does not exist (or is empty) and is filled.
 * `replace`: restored beside, checked, names swapped in one step; the old database stays until discarded.
 * `replaceInPlace`: rights do not allow the swap; safety backup, then one transaction in the live database.
 * `tables`: chosen tables, in one transaction in the live database.
 * `merge`, `skip`, and `replace` of a restore with a strategy other than the whole: row by row, in one transaction. */
export const restoreModes = ['new', 'replace', 'replaceInPlace', 'tables', 'merge', 'skip'] as const;

export const restorePlan = z.object({
  /** Digest of source and target as seen; `start` answers PLAN_STALE where it no longer holds. */
  fingerprint: z.string(),
  mode: z.enum(restoreModes),
  profile: z.string(),
  server: z.string(),
  database: z.string(),
  environment: z.enum(['production', 'staging', 'development', 'other']),
  databaseExists: z.boolean(),
  databaseSizeBytes: z.number().nullable(),
  /** Other sessions that the swap would end. */
  otherSessions: z.number(),
  clientVersion: z.string(),
  serverVersion: z.string(),
  /** In plain words, in order: what will be done. */
  steps: z.array(z.string()),
  missingRoles: z.array(z.string()),
  missingExtensions: z.array(z.string()),
  blockers: z.array(errorReport),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  safetyBackup: z.boolean(),
});
export type RestorePlan = z.infer<typeof restorePlan>;

const restoreBase = {
  id,
  jobId: id.nullable(),
  mode: z.enum(restoreModes),
  /** Null: whole, without a preview of rows. */
  strategy: z.enum(strategies).nullable().default(null),
  dryRun: z.boolean().default(false),
  profile: z.string(),
  profileId: id.nullable(),
  database: z.string(),
  /** File name or backup id that was restored. */
  source: z.string(),
  tables: z.array(tableName),
  startedAt: timestamp,
  safetyBackupId: id.nullable(),
  /** The old database's name while it is kept aside. */
  previousDatabase: z.string().nullable(),
  /** Whether `undo` has something to go back to. */
  undo: z.enum(['possible', 'done', 'discarded', 'none']),
};
const restoreEnd = { finishedAt: timestamp, durationMs: z.number() };

export const restore = z.discriminatedUnion('status', [
  z.object({ ...restoreBase, status: z.literal('running') }),
  z.object({
    ...restoreBase,
    ...restoreEnd,
    status: z.literal('succeeded'),
    rowsRestored: z.number().nullable().describe('rows found in the restored tables'),
    /** What was done row by row; null for a restore without a strategy. */
    rows: rowEffects.nullable(),
    warnings: z.array(z.string()),
  }),
  z.object({ ...restoreBase, ...restoreEnd, status: z.enum(['failed', 'cancelled', 'interrupted']), error: errorReport }),
]);
export type Restore = z.infer<typeof restore>;

export const restoreFilter = z.object({
  profile: z.string().optional(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']).optional(),
  search: z.string().optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export type RestoreFilter = z.infer<typeof restoreFilter>;

export const restoresContract = {
  /** Looks, touches nothing. */
  plan: oc.route({ method: 'POST', path: '/restores/plan' }).input(restoreRequest).output(restorePlan),
  /** `confirm` repeats the target database's name. Errors: CONFIRMATION_NEEDED, PLAN_STALE and every blocker's code. */
  start: oc
    .route({ method: 'POST', path: '/restores' })
    .input(restoreRequest.extend({ confirm: z.string(), fingerprint: z.string().optional() }))
    .output(startedJob.extend({ restoreId: id })),
  list: oc
    .route({ method: 'GET', path: '/restores' })
    .input(restoreFilter)
    .output(z.object({ restores: z.array(restore), total: z.number() })),
  /** The history as CSV. */
  export: oc
    .route({ method: 'GET', path: '/restores/export' })
    .input(restoreFilter)
    .output(z.object({ fileName: z.string(), text: z.string() })),
  get: oc.route({ method: 'GET', path: '/restores/{id}' }).input(z.object({ id })).output(restore),
  /** Swaps back. `confirm` repeats the database's name. Errors: CONFIRMATION_NEEDED, UNDO_NOT_POSSIBLE. */
  undo: oc
    .route({ method: 'POST', path: '/restores/{id}/undo' })
    .input(z.object({ id, confirm: z.string() }))
    .output(startedJob),
  /** Drops the database that was kept aside. `confirm` repeats that database's name (`previousDatabase`). */
  discard: oc
    .route({ method: 'POST', path: '/restores/{id}/discard' })
    .input(z.object({ id, confirm: z.string() }))
    .output(startedJob),
};
