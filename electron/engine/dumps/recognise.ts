// Says what kind of dump a file or folder is by looking inside. Names lie: a JPEG called .dump, a custom
// archive called .sql, gzip around anything.
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DumpFormat } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { unwrapped, type Wrapper } from './decompress.ts';
import { incomplete, notRecognised } from './dump-errors.ts';
import { folderBytes } from './folder-bytes.ts';
import { openForReading, statOf } from './open-read.ts';
import { judgeText } from './recognise-sql.ts';
import { checksumFits } from './tar.ts';

export type RecognisedDump = {
  /** The file, or the folder of a directory archive. */
  path: string;
  format: DumpFormat;
  /** The compression around a file; what is inside an archive is for its TOC to say. */
  wrapper: Wrapper;
  sizeBytes: number;
  /** The parsed manifest.json where the path is one of our backup folders. */
  manifest: Record<string, unknown> | null;
};

const peekBytes = 256 * 1024;

/** Errors: FILE_NOT_READABLE, DUMP_EMPTY, DUMP_NOT_RECOGNISED, DUMP_INCOMPLETE. */
export async function recogniseDump(path: string): Promise<RecognisedDump> {
  const stats = await statOf(path);
  if (stats.isDirectory()) return recogniseFolder(path);
  const wrapper = wrapperOf(await peekFile(path, 8));
  const head = wrapper === 'none' ? await peekFile(path, peekBytes) : await peekInside(path, wrapper);
  if (stats.size === 0 || head.length === 0) {
    throw new HowdahError('DUMP_EMPTY', `${path} is empty.`, {
      hint: 'A dump tool failed, or its output went elsewhere (a pg_dump that is older than the server leaves such files). Make the dump again.',
    });
  }
  const format = formatOf(head);
  if (format === 'toc') {
    if (wrapper === 'none' && basename(path) === 'toc.dat') return recogniseFolder(dirname(path));
    throw notRecognised('This is only the table of contents of a dump.', 'Open the folder or tar file that it belongs to.');
  }
  return { path, format, wrapper, sizeBytes: stats.size, manifest: null };
}

/** The compression that a file's first bytes announce. */
export function wrapperOf(head: Buffer): Wrapper {
  if (head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (head.length < 4) return 'none';
  const word = head.readUInt32LE(0);
  if (word === 0xfd2fb528) return 'zstd';
  if (word === 0x184d2204) return 'lz4';
  return 'none';
}

function formatOf(head: Buffer): DumpFormat | 'toc' {
  if (head.toString('latin1', 0, 5) === 'PGDMP') {
    const formatByte = head[10];
    return formatByte === 3 || formatByte === 5 ? 'toc' : 'custom';
  }
  const tarMagic = head.toString('latin1', 257, 262) === 'ustar' && checksumFits(head.subarray(0, 512));
  if (tarMagic || head.toString('latin1', 0, 8) === 'toc.dat\0') return 'tar';
  const other = otherKinds.find(({ magic, at = 0 }) => head.toString('latin1', at, at + magic.length) === magic);
  if (other !== undefined)
    throw notRecognised(
      `The file is ${other.kind}, not a PostgreSQL dump.`,
      other.hint ?? 'Choose a file that pg_dump or pg_dumpall wrote.',
    );
  const verdict = judgeText(head);
  if (verdict === null) return 'plain';
  throw notRecognised(verdict.message, verdict.hint);
}

const unpackFirst = 'Unpack it, and open the dump inside.';
const otherKinds: { magic: string; at?: number; kind: string; hint?: string }[] = [
  { magic: '\x89PNG', kind: 'a PNG image' },
  { magic: '\xff\xd8\xff', kind: 'a JPEG image' },
  { magic: '%PDF', kind: 'a PDF document' },
  { magic: 'PK\x03\x04', kind: 'a ZIP archive', hint: unpackFirst },
  { magic: 'BZh', kind: 'bzip2-compressed', hint: unpackFirst },
  { magic: '\xfd7zXZ', kind: 'xz-compressed', hint: unpackFirst },
  { magic: '7z\xbc\xaf', kind: 'a 7-Zip archive', hint: unpackFirst },
  { magic: 'SQLite format 3', kind: 'a SQLite database' },
  { magic: '\x7fELF', kind: 'a program' },
  { magic: 'MZ\x90', kind: 'a program' },
];

async function recogniseFolder(path: string): Promise<RecognisedDump> {
  const toc = join(path, 'toc.dat');
  if ((await stat(toc).catch(() => null)) !== null) {
    const head = await peekFile(toc, 5);
    if (head.length === 0)
      throw new HowdahError('DUMP_EMPTY', `${toc} is empty.`, { hint: 'The dump was interrupted before it was complete. Make it again.' });
    if (head.toString('latin1') !== 'PGDMP')
      throw notRecognised(`${toc} is not the table of contents of a dump.`, 'Choose a folder that pg_dump --format=directory wrote.');
    return { path, format: 'directory', wrapper: 'none', sizeBytes: await folderBytes(path), manifest: null };
  }
  const manifest = await readManifest(path);
  if (manifest !== null) {
    const artifact = await mainArtifact(path, manifest);
    if (artifact === null) throw incomplete('the backup folder has a manifest, but the dump that it describes is missing');
    return { ...(await recogniseDump(artifact)), manifest };
  }
  const names = await readdir(path);
  throw notRecognised(
    names.length === 0
      ? `The folder ${path} is empty.`
      : `The folder ${path} holds neither a directory-format dump (toc.dat) nor a backup (manifest.json).`,
    names.some((name) => /^\d+\.dat(\.\w+)?$/.test(name))
      ? 'Data files of a dump are there, but toc.dat is missing: the dump was interrupted, or not all of it was copied.'
      : 'Choose a dump file, a folder that pg_dump --format=directory wrote, or a backup folder.',
  );
}

/** The manifest of a backup folder; null where there is none that parses. */
async function readManifest(directory: string): Promise<Record<string, unknown> | null> {
  const text = await readFile(join(directory, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** docs/format.md names the artifact that holds the database: always `database`, with an ending for its form. */
async function mainArtifact(directory: string, manifest: Record<string, unknown>): Promise<string | null> {
  // Another dump may lie beside it, such as an unpacked copy: only the one that the manifest names is the backup.
  const listed = Array.isArray(manifest['artifacts'])
    ? new Set(manifest['artifacts'].map((one: unknown) => String((one as { name?: unknown } | null)?.name).split('/')[0]))
    : null;
  const names = (await readdir(directory)).filter(
    (name) => (listed === null || listed.has(name)) && /^database(\.(dump|sql|tar)(\.(gz|zst|lz4))?)?$/.test(name),
  );
  const [first] = names.toSorted();
  return first === undefined ? null : join(directory, first);
}

async function peekFile(path: string, bytes: number): Promise<Buffer> {
  const file = await openForReading(path);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The first unwrapped bytes. Whatever decodes before the data turns out to be cut off is enough to look at. */
async function peekInside(path: string, wrapper: Wrapper): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unwrapped(path, wrapper)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= peekBytes) break;
    }
  } catch (thrown) {
    if (length === 0 || !(thrown instanceof HowdahError) || thrown.code !== 'DUMP_INCOMPLETE') throw thrown;
  }
  return Buffer.concat(chunks, length).subarray(0, peekBytes);
}
