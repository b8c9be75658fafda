import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorReport, id, startedJob, tableName, timestamp } from './common.ts';
import { clientTools } from './profiles.ts';

export const dumpFormats = ['custom', 'directory', 'plain', 'tar'] as const;
export type DumpFormat = (typeof dumpFormats)[number];

/** `auto`, `none`, or a method with an optional level: `gzip`, `gzip:6`, `lz4`, `zstd:3`. */
export const compression = z.string().regex(/^(auto|none|(gzip|lz4|zstd)(:\d{1,2})?)$/, 'auto, none, gzip[:n], lz4[:n] or zstd[:n]');

export const backupOptions = z.object({
  /** Absent: the profile's own database. */
  database: z.string().min(1).optional(),
  /** Absent with compression `auto`: the fastest safe way that client and machine allow. */
  format: z.enum(dumpFormats).optional(),
  compression: compression.default('auto'),
  /** Parallel workers (directory format). Absent: chosen from the machine. */
  jobs: z.number().int().min(1).max(64).optional(),
  /** Leaves out the rows of the profile's quick-exclude patterns. */
  quick: z.boolean().default(false),
  excludeTableData: z.array(z.string().min(1)).default([]),
  schemas: z.array(z.string().min(1)).default([]),
  /** Exact tables; empty: all. */
  tables: z.array(tableName).default([]),
  /** Adds `globals.sql`: roles without passwords, tablespaces. */
  globals: z.boolean().default(false),
  label: z.string().max(200).default(''),
  /** Also restores into a throw-away database and compares row counts. */
  deepVerify: z.boolean().default(false),
});
export type BackupOptions = z.infer<typeof backupOptions>;

/** `sha256`: 64 lower-case hex digits. `name`: path inside the backup folder, with `/`. */
export const artifact = z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string() });
export type Artifact = z.infer<typeof artifact>;

export const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });
export type Check = z.infer<typeof check>;
export const verification = z.object({
  ok: z.boolean(),
  deep: z.boolean(),
  at: timestamp,
  checks: z.array(check),
});
export type Verification = z.infer<typeof verification>;

const backupBase = {
  id,
  /** The profile's name when the backup was made; the profile may be gone. */
  profile: z.string(),
  profileId: id.nullable(),
  jobId: id.nullable(),
  database: z.string(),
  kind: z.literal('database'),
  /** Why it was made. */
  origin: z.enum(['manual', 'safety', 'schedule', 'rescan']),
  label: z.string(),
  startedAt: timestamp,
  /** Whose run it is part of. */
  scheduleId: id.nullable(),
};
const backupEnd = { finishedAt: timestamp, durationMs: z.number() };

export const backup = z.discriminatedUnion('status', [
  z.object({ ...backupBase, status: z.literal('running') }),
  z.object({
    ...backupBase,
    ...backupEnd,
    status: z.literal('succeeded'),
    /** Absolute path of the backup folder. */
    directory: z.string(),
    /** Whether the folder is still there, as of the last look. */
    present: z.boolean(),
    sizeBytes: z.number(),
    artifacts: z.array(artifact),
    format: z.enum(dumpFormats),
    compression: z.string(),
    quick: z.boolean(),
    serverVersion: z.string(),
    clientVersion: z.string(),
    /** How many tables' definitions it holds. */
    tables: z.number(),
    /** Sum of the row counts in the manifest. */
    rows: z.number().nullable(),
    /** The newest verification; every backup has passed one before it is called succeeded. */
    verification: verification.nullable(),
    /** Kept for ever, whatever retention says. */
    pinned: z.boolean(),
    /** `whole`: every row. `quick`: some tables' rows left out. `chosen`: only some tables or schemas. */
    holds: z.enum(['whole', 'quick', 'chosen']),
  }),
  z.object({ ...backupBase, ...backupEnd, status: z.enum(['failed', 'cancelled', 'interrupted']), error: errorReport }),
]);
export type Backup = z.infer<typeof backup>;
export type SucceededBackup = Extract<Backup, { status: 'succeeded' }>;

export const backupStatuses = ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

export const backupFilter = z.object({
  profile: z.string().optional().describe('profile name'),
  status: z.enum(backupStatuses).optional(),
  /** Words looked for in profile, database, label and id. */
  search: z.string().optional(),
  label: z.string().optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
  sort: z.enum(['startedAt', 'database', 'profile', 'sizeBytes', 'durationMs', 'status']).default('startedAt'),
  descending: z.stringbool().or(z.boolean()).default(true),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  brief: z.stringbool().or(z.boolean()).default(false).describe('leaves artifacts and checks empty: a parallel backup has a file a table'),
});
export type BackupFilter = z.infer<typeof backupFilter>;

/** What a start would do, computed without doing it. */
export const backupPlan = z.object({
  database: z.string(),
  serverVersion: z.string(),
  client: clientTools,
  format: z.enum(dumpFormats),
  /** The resolved method, never `auto`; e.g. `zstd:3`. */
  compression: z.string(),
  jobs: z.number(),
  /** The command as it would run, redacted. */
  command: z.string(),
  directory: z.string(),
  estimatedBytes: z.number().describe('bytes of table data to read, from the server'),
  freeBytes: z.number().nullable(),
  tables: z.number(),
  excludedTables: z.array(tableName),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type BackupPlan = z.infer<typeof backupPlan>;

export const logLine = z.object({
  sequence: z.number().int(),
  at: timestamp,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

export const backupsContract = {
  list: oc
    .route({ method: 'GET', path: '/backups' })
    .input(backupFilter)
    .output(z.object({ backups: z.array(backup), total: z.number(), profiles: z.array(z.string()) })),
  get: oc.route({ method: 'GET', path: '/backups/{id}' }).input(z.object({ id })).output(backup),
  manifest: oc.route({ method: 'GET', path: '/backups/{id}/manifest' }).input(z.object({ id })).output(z.record(z.string(), z.unknown())),
  log: oc
    .route({ method: 'GET', path: '/backups/{id}/log' })
    .input(z.object({ id }))
    .output(z.object({ lines: z.array(logLine) })),
  plan: oc
    .route({ method: 'POST', path: '/backups/plan' })
    .input(z.object({ profileId: id, options: backupOptions }))
    .output(backupPlan),
  start: oc
    .route({ method: 'POST', path: '/backups' })
    .input(z.object({ profileId: id, options: backupOptions }))
    .output(startedJob.extend({ backupId: id })),
  /** `source`: a backup or an opened file. `onProfileId`: whose server a deep check uses. */
  verify: oc
    .route({ method: 'POST', path: '/backups/verify' })
    .input(
      z.object({
        source: z.discriminatedUnion('kind', [z.object({ kind: z.literal('backup'), id }), z.object({ kind: z.literal('file'), id })]),
        deep: z.boolean().default(false),
        onProfileId: id.optional(),
      }),
    )
    .output(startedJob),
  setLabel: oc
    .route({ method: 'PUT', path: '/backups/{id}/label' })
    .input(z.object({ id, label: z.string().max(200) }))
    .output(backup),
  /** Also a file beside the manifest. Errors: BAD_INPUT (it did not succeed), FILE_NOT_READABLE (its folder is not there now),
   * FOLDER_NOT_WRITABLE. */
  setPinned: oc
    .route({ method: 'PUT', path: '/backups/{id}/pin' })
    .input(z.object({ id, pinned: z.boolean() }))
    .output(backup),
  /** Deletes the folder and the row. `confirm` repeats the id. Errors: CONFIRMATION_NEEDED, BUSY. */
  remove: oc
    .route({ method: 'DELETE', path: '/backups/{id}' })
    .input(z.object({ id, confirm: z.string() }))
    .output(z.object({ removed: id, freedBytes: z.number() })),
  /** Reads every manifest below the folder and records what the catalog lacks. */
  rescan: oc
    .route({ method: 'POST', path: '/backups/rescan' })
    .input(z.object({ directory: z.string().min(1) }))
    .output(
      z.object({
        found: z.number(),
        added: z.number(),
        unchanged: z.number(),
        problems: z.array(z.object({ directory: z.string(), error: errorReport })),
      }),
    ),
  /** The history as text: CSV, or the `backup_log.json` document. */
  export: oc
    .route({ method: 'GET', path: '/backups/export' })
    .input(z.object({ as: z.enum(['csv', 'log']), filter: backupFilter.partial().optional() }))
    .output(z.object({ fileName: z.string(), text: z.string() })),
};
