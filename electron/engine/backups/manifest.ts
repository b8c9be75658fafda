// manifest.json: what a backup folder says of itself (docs/format.md). Never a password.
import { readFile } from 'node:fs/promises';
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

/** Reads and checks a folder's manifest. Errors: MANIFEST_INVALID. */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, manifestFileName);
  const invalid = (why: string, cause?: unknown): HowdahError =>
    new HowdahError('MANIFEST_INVALID', `${path} is not a manifest that can be used: ${why}.`, {
      hint: 'The dump itself may be whole: inspect or restore the file inside the folder.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
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
