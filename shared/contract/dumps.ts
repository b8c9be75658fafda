import { oc } from '@orpc/contract';
import { z } from 'zod';
import { dumpFormats } from './backups.ts';
import { dumpSource, id, tableName } from './common.ts';

export const openedFile = z.object({ id, name: z.string(), path: z.string(), sizeBytes: z.number() });
export type OpenedFile = z.infer<typeof openedFile>;

/** `severity`: `blocker` (never restored as it is) or `warning` (restored; the message says with what care). */
export const dumpProblem = z.object({
  code: z.enum([
    'CUT_OFF',
    'DAMAGED',
    'SHELL_ESCAPE',
    'META_COMMAND',
    'CONNECT_COMMAND',
    'MULTIPLE_DATABASES',
    'DROP_DATABASE',
    'CREATE_DATABASE',
    'NEWER_THAN_TARGET',
    'NEWER_THAN_CLIENT',
    'DATA_ONLY',
    'SCHEMA_ONLY',
    'NO_END_MARK',
    'UNKNOWN_VERSION',
  ]),
  severity: z.enum(['blocker', 'warning']),
  message: z.string(),
  /** 1-based line for plain SQL. */
  line: z.number().int().optional(),
});
export type DumpProblem = z.infer<typeof dumpProblem>;

/** One entry of the archive's table of contents (TOC), or of what a plain dump was seen to create. */
export const dumpObject = z.object({
  /** pg_dump's own words: `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, `SEQUENCE`, `EXTENSION` … */
  type: z.string(),
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
});
export type DumpObject = z.infer<typeof dumpObject>;

export const dumpTable = tableName.extend({
  /** False for a table whose definition is there without its rows. */
  hasData: z.boolean(),
  /** Known from a manifest, or counted in plain SQL. */
  rows: z.number().nullable(),
  /** Bytes of its data inside the dump, as stored. */
  sizeBytes: z.number().nullable(),
});

export const dump = z.object({
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  format: z.enum(dumpFormats),
  /** Around or inside the archive: `none`, `gzip`, `lz4`, `zstd`. */
  compression: z.enum(['none', 'gzip', 'lz4', 'zstd']),
  /** Version of the server it was dumped from, e.g. `15.18 (Debian …)`; null where the dump does not say. */
  serverVersion: z.string().nullable(),
  /** Version of the pg_dump that wrote it. */
  dumpedBy: z.string().nullable(),
  database: z.string().nullable(),
  createdAt: z.string().nullable(),
  encoding: z.string().nullable(),
  /** Whether it was seen to reach its end. `null`: not known without reading it all (see `backups.verify`). */
  complete: z.boolean().nullable(),
  tables: z.array(dumpTable),
  objects: z.array(dumpObject),
  extensions: z.array(z.string()),
  /** Roles named as owners or in grants. */
  roles: z.array(z.string()),
  problems: z.array(dumpProblem),
  /** The backup it belongs to, where it is one of ours. */
  backupId: id.nullable(),
});
export type Dump = z.infer<typeof dump>;

/** `where` needs a server: one of this machine's own that is thrown away, or a throw-away database of the profile. */
export const dumpRowsRequest = z.object({
  source: dumpSource,
  table: tableName,
  /** An SQL condition over the table's columns. */
  where: z.string().min(1).optional(),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(10_000).default(100),
  profileId: id.optional(),
});
export type DumpRowsRequest = z.infer<typeof dumpRowsRequest>;

export const dumpRows = z.object({
  columns: z.array(z.string()),
  /** Values as PostgreSQL prints them; null is NULL. */
  rows: z.array(z.array(z.string().nullable())),
  /** Whether there are more behind them. */
  more: z.boolean(),
});
export type DumpRows = z.infer<typeof dumpRows>;

export const dumpsContract = {
  /** Registers a file or folder of this machine. Errors: FILE_NOT_READABLE. */
  open: oc
    .route({ method: 'POST', path: '/dumps/open' })
    .input(z.object({ path: z.string().min(1) }))
    .output(openedFile),
  /** Reads the dump: never runs anything from it. Errors: DUMP_NOT_RECOGNISED, DUMP_EMPTY, FILE_NOT_READABLE. */
  inspect: oc
    .route({ method: 'POST', path: '/dumps/inspect' })
    .input(z.object({ source: dumpSource }))
    .output(dump),
  /** Rows of one table inside the dump, as a job that the answer waits for; no server is touched without `where`.
   * Errors: TABLE_NOT_IN_DUMP, BAD_INPUT (the condition), SAMPLE_UNAVAILABLE (no server programs), DUMP_INCOMPLETE. */
  rows: oc.route({ method: 'POST', path: '/dumps/rows' }).input(dumpRowsRequest).output(dumpRows),
};
