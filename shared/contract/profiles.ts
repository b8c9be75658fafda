import { oc } from '@orpc/contract';
import { z } from 'zod';
import { id, tableName, timestamp } from './common.ts';

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export const environments = ['production', 'staging', 'development', 'other'] as const;

/** What a DBA fills in. Empty strings mean "as libpq would": PG* variables, service file, pgpass, defaults. */
export const profileFields = z.object({
  name: z.string().trim().min(1).max(100),
  /** A host name, an address, or the folder of a Unix socket (begins with `/` or `@`). */
  host: z.string().max(1024).default(''),
  port: z.number().int().min(1).max(65535).nullable().default(null),
  user: z.string().max(256).default(''),
  database: z.string().max(256).default(''),
  sslMode: z.enum(sslModes).default('prefer'),
  sslRootCert: z.string().default(''),
  sslCert: z.string().default(''),
  sslKey: z.string().default(''),
  /** A service name from pg_service.conf; fields above win over it. */
  service: z.string().max(256).default(''),
  environment: z.enum(environments).default('other'),
  /** `#rrggbb`, shown beside the name. */
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/)
    .default('#4c6ef5'),
  /** Folder with pg_dump and friends, set by hand; empty: chosen among all that are found. */
  clientDirectory: z.string().default(''),
  /** Folder for this profile's backups; empty: the one of the settings. */
  backupDirectory: z.string().default(''),
  /** Table patterns (pg_dump's) whose rows a quick backup leaves out. */
  quickExcludePatterns: z.array(z.string().min(1)).default([]),
});
export type ProfileFields = z.infer<typeof profileFields>;

export const profile = profileFields.extend({
  id,
  createdAt: timestamp,
  updatedAt: timestamp,
  /** Whether a password is kept in the secret store. The password itself never leaves it. */
  hasPassword: z.boolean(),
});
export type Profile = z.infer<typeof profile>;

export const clientTools = z.object({
  directory: z.string(),
  /** As the program prints it, e.g. `17.6`. */
  version: z.string(),
  major: z.number().int(),
  /** Which of the programs stand in the folder. */
  programs: z.array(z.enum(['pg_dump', 'pg_restore', 'psql', 'pg_dumpall'])),
  source: z.enum(['path', 'known-folder', 'by-hand']),
});
export type ClientTools = z.infer<typeof clientTools>;

export const connectionTest = z.object({
  serverVersion: z.string(),
  serverMajor: z.number().int(),
  database: z.string(),
  databaseSizeBytes: z.number(),
  user: z.string(),
  rights: z.object({
    superuser: z.boolean(),
    createDatabase: z.boolean(),
    createRole: z.boolean(),
    bypassRowSecurity: z.boolean(),
    ownsDatabase: z.boolean(),
    /** Tables that this role may not read: a full backup would fail on them. */
    unreadableTables: z.array(tableName),
  }),
  /** Round trip of one statement, milliseconds. */
  latencyMs: z.number(),
  encrypted: z.boolean(),
  /** The tools that a backup would use; null with `clientProblem` where none fit. */
  client: clientTools.nullable(),
  clientProblem: z.string().nullable(),
});
export type ConnectionTest = z.infer<typeof connectionTest>;

export const databaseSummary = z.object({
  name: z.string(),
  sizeBytes: z.number().nullable(),
  owner: z.string(),
  /** Kept aside by a restore (`<name>_before_<time>`), where Howdah's own records say so. */
  keptAside: z.boolean(),
});

export const tableSummary = tableName.extend({
  /** Heap, TOAST and indexes. */
  sizeBytes: z.number(),
  /** The planner's estimate; null where never analysed. */
  rowEstimate: z.number().nullable(),
  /** Looks like a log, session, cache or report table, by name and size: a candidate for quick backups. */
  suggestExclude: z.boolean(),
});
export type TableSummary = z.infer<typeof tableSummary>;

const passwordInput = z.string().nullable().optional().describe('new password; null forgets it; absent leaves it as it is');

export const profilesContract = {
  list: oc.route({ method: 'GET', path: '/profiles' }).output(z.array(profile)),
  get: oc.route({ method: 'GET', path: '/profiles/{id}' }).input(z.object({ id })).output(profile),
  /** Errors: ALREADY_EXISTS (name taken), BAD_INPUT, SECRET_STORE_FAILED. */
  create: oc
    .route({ method: 'POST', path: '/profiles' })
    .input(z.object({ profile: profileFields, password: passwordInput }))
    .output(profile),
  update: oc
    .route({ method: 'PUT', path: '/profiles/{id}' })
    .input(z.object({ id, profile: profileFields, password: passwordInput }))
    .output(profile),
  /** Backups and their files stay. */
  remove: oc
    .route({ method: 'DELETE', path: '/profiles/{id}' })
    .input(z.object({ id }))
    .output(z.object({ removed: id })),
  /** Fields and password out of `postgresql://…`, `postgres://…` or a `key=value` string. Errors: BAD_INPUT. */
  parseUrl: oc
    .route({ method: 'POST', path: '/profiles/parse-url' })
    .input(z.object({ url: z.string() }))
    .output(z.object({ profile: profileFields.omit({ name: true }), password: z.string().nullable(), suggestedName: z.string() })),
  /** Connects. With `profile`, tests unsaved fields (the stored password of `id` is used where none is given). */
  test: oc
    .route({ method: 'POST', path: '/profiles/test' })
    .input(z.object({ id: id.optional(), profile: profileFields.optional(), password: passwordInput }))
    .output(connectionTest),
  databases: oc.route({ method: 'GET', path: '/profiles/{id}/databases' }).input(z.object({ id })).output(z.array(databaseSummary)),
  tables: oc
    .route({ method: 'GET', path: '/profiles/{id}/tables' })
    .input(z.object({ id, database: z.string().optional() }))
    .output(z.object({ database: z.string(), tables: z.array(tableSummary) })),
  /** Every set of client programs found on this machine. */
  clients: oc.route({ method: 'GET', path: '/clients' }).output(z.array(clientTools)),
};
