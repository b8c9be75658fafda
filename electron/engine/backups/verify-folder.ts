// Proves a backup folder against its own manifest.
import { existsSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, Check, Verification } from '../../../shared/contract/backups.ts';
import { formatNumber } from '../../../shared/format.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { listFiles } from './durable.ts';
import { hashFile } from './hashed-file.ts';
import { manifestFileName, type Manifest } from './manifest.ts';
import { pinFileName } from './pin.ts';
import { readBack, type ReadBack, type ReadBackOptions } from './read-back.ts';
import { hashesFileName, readmeFileName } from './readme.ts';

export const logFileName = 'backup.log';

/** What stands in a folder beside its artifacts. */
const ownFiles = new Set([manifestFileName, readmeFileName, hashesFileName, logFileName, pinFileName]);

export type VerifyOptions = ReadBackOptions & {
  now: () => string;
  /** Hashes were taken from the very files a moment ago. */
  justHashed?: boolean;
  /** What reading the dump to its end found a moment ago. */
  readBefore?: ReadBack | null;
};

/** Hashes and sizes of every artifact, nothing missing, nothing extra, the dump readable to its end, every table in it.
 * What is wrong with the backup stands in the checks. Errors: FILE_NOT_READABLE (the disk itself). */
export async function verifyFolder(directory: string, manifest: Manifest, options: VerifyOptions): Promise<Verification> {
  const checks: Check[] = [];
  const { files } = await listFiles(directory);
  const present = new Set(files);
  const known = new Set(manifest.artifacts.map((artifact) => artifact.name));
  const missing = [...known].filter((name) => !present.has(name));
  const extra = files.filter((name) => !known.has(name) && !ownFiles.has(name));
  checks.push(
    missing.length === 0
      ? { name: 'files present', ok: true, detail: formatNumber(known.size, 'file') }
      : { name: 'files present', ok: false, detail: `missing: ${missing.join(', ')}` },
  );
  if (extra.length > 0) checks.push({ name: 'no other files', ok: false, detail: `not of this backup: ${extra.join(', ')}` });

  const links = await linksAmong(
    directory,
    [...known].filter((name) => present.has(name)),
  );
  if (links.length > 0) checks.push({ name: 'files of its own', ok: false, detail: `only links to elsewhere: ${links.join(', ')}` });

  const main = mainDump(directory, manifest);
  const [hashes, read] = await Promise.all([
    checkHashes(
      directory,
      manifest.artifacts.filter((artifact) => present.has(artifact.name)),
      options,
    ),
    options.readBefore ?? (existsSync(main) ? readBack(main, options) : noDump),
  ]);
  checks.push(hashes, { name: 'readable to the end', ok: read.ok, detail: read.detail });
  if (read.dump !== null) checks.push(checkTables(manifest, read.dump.tables));
  return { ok: checks.every((check) => check.ok), deep: false, at: options.now(), checks };
}

const noDump: ReadBack = { ok: false, detail: 'there is no dump to read', dump: null };

/** A link shows what lies elsewhere, and may be gone tomorrow: the folder by itself is then no backup. */
async function linksAmong(directory: string, names: string[]): Promise<string[]> {
  const links: string[] = [];
  for (const name of names) if ((await lstat(join(directory, name))).isSymbolicLink()) links.push(name);
  return links;
}

/** The file or folder that holds the database. */
export function mainDump(directory: string, manifest: Manifest): string {
  const names = new Set(manifest.artifacts.map((artifact) => artifact.name.split('/')[0] ?? ''));
  const main = [...names].find((name) => name === 'database' || name.startsWith('database.'));
  return join(directory, main ?? 'database');
}

async function checkHashes(directory: string, artifacts: Artifact[], options: VerifyOptions): Promise<Check> {
  const wrong: string[] = [];
  for (const artifact of artifacts) {
    const found = options.justHashed
      ? { ...artifact, sizeBytes: (await stat(join(directory, artifact.name))).size }
      : await hashFile(join(directory, artifact.name), artifact.name, { signal: options.signal });
    if (found.sizeBytes !== artifact.sizeBytes)
      wrong.push(`${artifact.name} has ${found.sizeBytes} bytes instead of ${artifact.sizeBytes}`);
    else if (found.sha256 !== artifact.sha256) wrong.push(`${artifact.name} has changed (SHA-256 differs)`);
  }
  return wrong.length === 0
    ? { name: 'SHA-256 and size', ok: true, detail: formatNumber(artifacts.length, 'file') }
    : { name: 'SHA-256 and size', ok: false, detail: wrong.join('; ') };
}

/** Definitions and, where rows were not left out on purpose, data. */
function checkTables(manifest: Manifest, tables: { schema: string; table: string; hasData: boolean }[]): Check {
  const held = new Map(tables.map((table) => [tableKey(table), table]));
  const absent = manifest.tables.filter((table) => !held.has(tableKey(table)));
  const empty = manifest.tables.filter(
    (table) => !table.dataExcluded && (table.rows ?? 0) > 0 && held.get(tableKey(table))?.hasData === false,
  );
  const names = (list: { schema: string; table: string }[]): string => list.map((table) => `${table.schema}.${table.table}`).join(', ');
  if (absent.length > 0) return { name: 'tables', ok: false, detail: `not in the dump: ${names(absent)}` };
  if (empty.length > 0) return { name: 'tables', ok: false, detail: `without their rows: ${names(empty)}` };
  return { name: 'tables', ok: true, detail: `${formatNumber(manifest.tables.length, 'table')} in the dump` };
}
