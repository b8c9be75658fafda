// manifest.json: what a backup folder says of itself (docs/format.md). Never a password.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { artifact, backupOptions, dumpFormats, verification } from '../../../shared/contract/backups.ts';
import { tableName, timestamp } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';

export const manifestFileName = 'manifest.json';

/** Raised when a reader of the old format would be misled. */
export const manifestFormatVersion = 1;

export const manifest = z.object({
  formatVersion: z.literal(manifestFormatVersion),
  id: z.string().regex(/^bak_[a-z0-9]{1,40}$/),
  kind: z.literal('database'),
  createdBy: z.object({ name: z.string(), version: z.string() }),
  profile: z.string(),
  origin: z.enum(['manual', 'safety', 'schedule', 'rescan']),
  label: z.string(),
  /** The schedule whose run made it, and its name then. */
  scheduleId: z.string().optional(),
  schedule: z.string().optional(),
  startedAt: timestamp,
  finishedAt: timestamp,
  durationMs: z.number().min(0),
  server: z.object({
    host: z.string(),
    port: z.number(),
    user: z.string(),
    version: z.string(),
    major: z.number(),
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    localeProvider: z.string(),
    locale: z.string().nullable(),
  }),
  client: z.object({ version: z.string(), command: z.string() }),
  options: backupOptions,
  database: z.string(),
  format: z.enum(dumpFormats),
  compression: z.string(),
  quick: z.boolean(),
  /** Patterns of the tables whose rows were left out: the profile's (of a quick backup) and those that were named. */
  leftOut: z.array(z.string()).optional(),
  artifacts: z.array(artifact),
  tables: z.array(
    tableName.extend({
      /** Exact, in the snapshot of the dump; null where it could not be counted. Rows that the server held, also of tables whose rows were left out. */
      rows: z.number().nullable(),
      /** Heap and TOAST at the server. */
      sizeBytes: z.number(),
      /** The dump holds the definition without the rows. */
      dataExcluded: z.boolean(),
    }),
  ),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  roles: z.array(z.string()),
  schemaFingerprint: z.string(),
  migrations: z.array(z.object({ framework: z.string(), table: z.string(), applied: z.array(z.string()) })),
  warnings: z.array(z.string()),
  verification,
});
export type Manifest = z.infer<typeof manifest>;

/** Reads and checks a folder's manifest. A folder or disk that is not there, or that fails, says nothing of the backup.
 * Errors: MANIFEST_INVALID (damaged, or missing in a folder that is there), FILE_NOT_READABLE. */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, manifestFileName);
  const invalid = (why: string, cause?: unknown): HowdahError =>
    new HowdahError('MANIFEST_INVALID', `${path} is not a manifest that can be used: ${why}.`, {
      hint: 'The dump itself may be whole: inspect or restore the file inside the folder.',
      cause,
    });
  const text = await readFile(path, 'utf8').catch(async (thrown: unknown) => {
    throw (await isLost(directory, thrown)) ? invalid('there is no such file in the folder', thrown) : notReadable(path, thrown);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw invalid(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const version = (value as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > manifestFormatVersion)
    throw invalid(`it has format ${version}, this program knows ${manifestFormatVersion}`);
  throw invalid(
    parsed.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .slice(0, 3)
      .join('; '),
  );
}

/** Whether the file is what is missing, and not the folder or the disk. */
async function isLost(directory: string, thrown: unknown): Promise<boolean> {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code !== 'ENOENT' && code !== 'EISDIR') return false;
  return await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const notReadable = (path: string, cause: unknown): HowdahError =>
  new HowdahError('FILE_NOT_READABLE', `${path} cannot be read now.`, {
    hint: 'See that the disk or share is connected and healthy, and that your user may read it.',
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  });

/** Sum of the rows that the dump holds; null where any of them is unknown. */
export function rowsHeld(tables: Manifest['tables']): number | null {
  let sum = 0;
  for (const table of tables) {
    if (table.dataExcluded) continue;
    if (table.rows === null) return null;
    sum += table.rows;
  }
  return sum;
}

/** Whether it holds every row of the database, lacks some tables' rows, or holds only some tables or schemas. */
export function holdsOf({ options, quick }: Pick<Manifest, 'options' | 'quick'>): 'whole' | 'quick' | 'chosen' {
  if (options.tables.length > 0 || options.schemas.length > 0) return 'chosen';
  return quick || options.excludeTableData.length > 0 ? 'quick' : 'whole';
}

/** Which choice of tables, schemas and left-out rows a backup holds; empty: the whole. Two that hold different things
 * never take each other's place. The patterns count, not the tables that they found: new partitions are no new choice. */
export function selectionOf(manifest: Pick<Manifest, 'options' | 'quick' | 'leftOut'>): string {
  if (holdsOf(manifest) === 'whole') return '';
  const { tables, schemas, excludeTableData, quick } = manifest.options;
  const choice = [
    tables.map(({ schema, table }) => JSON.stringify([schema, table])),
    schemas,
    manifest.leftOut ?? [...excludeTableData, ...(quick ? ['(quick)'] : [])],
  ];
  const text = JSON.stringify(choice.map((names) => [...new Set(names)].toSorted()));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
