// What a restore would do, row by row, found out beside the live tables. The rules are in docs/preview.md.
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { dumpSource, errorReport, id, startedJob, tableName } from './common.ts';

export const strategies = ['replace', 'merge', 'skip'] as const;
export type Strategy = (typeof strategies)[number];

/** `leave`: the table is not touched. */
export const tableStrategy = tableName.extend({ strategy: z.enum([...strategies, 'leave']) });
export type TableStrategy = z.infer<typeof tableStrategy>;

/** What of the backup is compared, and how. The fingerprint covers all of it but `sample`. */
export const previewRequest = z.object({
  source: dumpSource,
  profileId: id,
  /** Absent: the profile's own database. */
  database: z.string().min(1).optional(),
  /** Exact tables; empty: every table that has rows in the dump. */
  tables: z.array(tableName).default([]),
  /** Of these tables only the rows that meet a condition: SQL over the table's columns. */
  rows: z.array(tableName.extend({ where: z.string().min(1) })).default([]),
  /** Also the rows of other tables that the chosen ones refer to, by foreign keys. They are only ever added. */
  withReferenced: z.boolean().default(false),
  /** Key columns for tables that have no key of their own, or another than their own. */
  keys: z.array(tableName.extend({ columns: z.array(z.string()).min(1) })).default([]),
  /** The profile whose server holds the staging in a throw-away database, where the target's role may not create a schema. */
  stageOn: id.optional(),
  /** So many differing rows of each table come with the preview. */
  sample: z.number().int().min(0).max(100).default(5),
});
export type PreviewRequest = z.infer<typeof previewRequest>;

/** Rows. `skipped`: rows of the backup that change nothing. */
export const rowEffects = z.object({ created: z.number(), updated: z.number(), deleted: z.number(), skipped: z.number() });
export type RowEffects = z.infer<typeof rowEffects>;

export const effectsByStrategy = z.object({ replace: rowEffects, merge: rowEffects, skip: rowEffects });
export type EffectsByStrategy = z.infer<typeof effectsByStrategy>;

export const reason = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof reason>;

/** Why a strategy cannot be carried out, with what to do. */
export const previewBlocker = reason.extend({ hint: z.string(), strategies: z.array(z.enum(strategies)) });
export type PreviewBlocker = z.infer<typeof previewBlocker>;

/** A row as text by column, as PostgreSQL prints it; null is NULL. */
export const rowValues = z.record(z.string(), z.string().nullable());
export type RowValues = z.infer<typeof rowValues>;

export const rowKinds = ['conflict', 'new', 'liveOnly', 'uniqueClash'] as const;
export type RowKind = (typeof rowKinds)[number];

export const rowDifference = z.object({
  kind: z.enum(rowKinds),
  /** Of tables without a key: all columns. */
  key: rowValues,
  /** `conflict`: the columns that differ. Otherwise all columns; the side that has no such row is null. */
  changes: z.array(z.object({ column: z.string(), live: z.string().nullable(), backup: z.string().nullable() })),
  /** `uniqueClash`: the constraint, and the live row (or the other row of the backup) that has the value already. */
  clash: z.object({ constraint: z.string(), with: z.enum(['live', 'backup']), row: rowValues }).optional(),
});
export type RowDifference = z.infer<typeof rowDifference>;

export const tablePreview = tableName.extend({
  /** Rows of the backup: `new` + `identical` + `conflicts` + `uniqueClashes`. All counts are 0 where `compared` is false. */
  compared: z.boolean(),
  rows: z.number(),
  liveRows: z.number(),
  new: z.number(),
  identical: z.number(),
  conflicts: z.number(),
  liveOnly: z.number(),
  uniqueClashes: z.number(),
  conflictsByColumn: z.record(z.string(), z.number()),
  /** How rows were paired. `wholeRow`: no key, rows are counted as they are. Null where not compared. */
  key: z.object({ kind: z.enum(['primary', 'unique', 'chosen', 'wholeRow']), columns: z.array(z.string()) }).nullable(),
  columnsOnlyInBackup: z.array(z.string()),
  columnsOnlyLive: z.array(z.string()),
  /** What merge would fill. */
  filled: z.object({ rows: z.number(), fields: z.number() }),
  strategies: effectsByStrategy,
  blockers: z.array(previewBlocker),
  warnings: z.array(reason),
  /** Came along only because chosen rows refer to it. */
  referencedOnly: z.boolean(),
  sample: z.array(rowDifference),
});
export type TablePreview = z.infer<typeof tablePreview>;

export const schemaDifference = z.object({
  /** `missing`: in the backup, not at the target. `extra`: at the target only. */
  kind: z.enum(['missing', 'extra', 'different']),
  /** `TABLE`, `COLUMN`, `TYPE`, `CONSTRAINT`, `INDEX`, `FUNCTION`, `EXTENSION`, `ROLE` … */
  type: z.string(),
  schema: z.string(),
  name: z.string(),
  /** Definitions, where there are any. */
  backup: z.string().nullable(),
  live: z.string().nullable(),
  /** Run at the target it would make it like the backup; null where none can be given. */
  mend: z.string().nullable(),
});
export type SchemaDifference = z.infer<typeof schemaDifference>;

export const migrationVerdict = z.object({
  framework: z.string(),
  /** Its table, `schema.table`. */
  table: z.string(),
  /** `older`: the backup lacks `forward`. `newer`: the target lacks `needed`. `unknown`: they went different ways, or it cannot be told. */
  verdict: z.enum(['exact', 'older', 'newer', 'unknown']),
  /** Migrations to run after the whole backup was put in place, in order. */
  forward: z.array(z.string()),
  /** Migrations that the code must know before the backup is put in place, in order. */
  needed: z.array(z.string()),
  message: z.string(),
});
export type MigrationVerdict = z.infer<typeof migrationVerdict>;

/** `safe`: nothing that exists would be lost or changed, the schema fits, nothing blocks. `reasons`: why it is not. */
export const verdict = z.object({ safe: z.boolean(), reasons: z.array(reason) });
export type Verdict = z.infer<typeof verdict>;

export const preview = z.object({
  id,
  /** Digest of source, target and request; a restore answers PLAN_STALE where it no longer holds. */
  fingerprint: z.string(),
  profile: z.string(),
  profileId: id,
  server: z.string(),
  database: z.string(),
  environment: z.enum(['production', 'staging', 'development', 'other']),
  source: z.string(),
  /** Judged for `replace`, which touches most; `verdicts` has each strategy. */
  safe: z.boolean(),
  reasons: z.array(reason),
  verdicts: z.object({ replace: verdict, merge: verdict, skip: verdict }),
  totals: z.object({
    rows: z.number(),
    new: z.number(),
    identical: z.number(),
    conflicts: z.number(),
    liveOnly: z.number(),
    uniqueClashes: z.number(),
  }),
  strategies: effectsByStrategy,
  tables: z.array(tablePreview),
  /** Of the restore as a whole; those of tables are with the tables. */
  blockers: z.array(previewBlocker),
  warnings: z.array(reason),
  schema: z.object({ fits: z.boolean(), differences: z.array(schemaDifference) }),
  /** The framework that matters most; null where there is none on either side. `all` has every one. */
  migrations: migrationVerdict.nullable(),
  allMigrations: z.array(migrationVerdict),
  /** Whether user triggers can be switched off while rows are put in. */
  triggers: z.enum(['off', 'on', 'none']),
  /** Where the staging is. `elsewhere`: can be looked at, not carried out. */
  staging: z.enum(['beside', 'elsewhere']),
  stagedBytes: z.number(),
  durationMs: z.number(),
});
export type Preview = z.infer<typeof preview>;

export const previewState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('running'), id, jobId: id }),
  z.object({ status: z.literal('ready'), id, jobId: id, preview }),
  z.object({ status: z.literal('failed'), id, jobId: id, error: errorReport }),
]);
export type PreviewState = z.infer<typeof previewState>;

/** What a mix of strategies would do. */
export const judgement = z.object({
  effects: rowEffects,
  tables: z.array(tableName.extend({ strategy: z.enum([...strategies, 'leave']), effects: rowEffects })),
  blockers: z.array(previewBlocker),
  verdict,
});
export type Judgement = z.infer<typeof judgement>;

export const previewEstimate = z.object({
  tables: z.number(),
  rows: z.number().nullable(),
  /** Room that the staging takes at the server. */
  bytes: z.number(),
  seconds: z.number(),
  /** Null where it cannot be known from here. */
  serverFreeBytes: z.number().nullable(),
  /** The role may not create a schema, the disk would not hold it … */
  blockers: z.array(errorReport),
});
export type PreviewEstimate = z.infer<typeof previewEstimate>;

export const strategyChoice = z.object({
  strategy: z.enum(strategies),
  /** Other strategies for single tables. */
  tableStrategies: z.array(tableStrategy).default([]),
  /** Merge also fills empty strings. */
  fillEmptyStrings: z.boolean().default(false),
});
export type StrategyChoice = z.infer<typeof strategyChoice>;

export const previewsContract = {
  /** Looks, touches nothing. Errors: those of `dumps.inspect` and of connecting. */
  estimate: oc.route({ method: 'POST', path: '/previews/estimate' }).input(previewRequest).output(previewEstimate),
  /** Stages and compares, as a job. Errors of the job: STAGING_NOT_ALLOWED, DISK_FULL, TABLE_NOT_IN_DUMP, BAD_INPUT. */
  start: oc
    .route({ method: 'POST', path: '/previews' })
    .input(previewRequest)
    .output(startedJob.extend({ previewId: id })),
  /** Kept until closed, idle for an hour, or the program ends. Errors: NOT_FOUND. */
  get: oc.route({ method: 'GET', path: '/previews/{id}' }).input(z.object({ id })).output(previewState),
  /** A page of the rows of one kind, in the backup's order (`liveOnly`: the live table's). Errors: NOT_FOUND. */
  rows: oc
    .route({ method: 'POST', path: '/previews/{id}/rows' })
    .input(
      tableName.extend({
        id,
        kind: z.enum(rowKinds),
        /** `conflict` only: rows that differ in this column. */
        column: z.string().optional(),
        /** Part of the key as text (of tables without a key: of any column). */
        search: z.string().optional(),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(500).default(50),
      }),
    )
    .output(z.object({ rows: z.array(rowDifference), total: z.number() })),
  /** The effect of a mix of strategies, with its blockers. Errors: NOT_FOUND. */
  judge: oc.route({ method: 'POST', path: '/previews/{id}/judge' }).input(strategyChoice.extend({ id })).output(judgement),
  /** Drops the staging; a running one is cancelled. */
  close: oc
    .route({ method: 'DELETE', path: '/previews/{id}' })
    .input(z.object({ id }))
    .output(z.object({ done: z.literal(true) })),
};
