// Walks the data of an archive by its structure alone, to say whether all of it is there and how much room each
// table takes. `pg_restore --list` reads only the TOC and passes on archives that are cut off.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteWindow } from './byte-window.ts';
import { unwrapped, walkWrapper, type Wrapper } from './decompress.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { statOf } from './open-read.ts';
import { readEntries, type Toc, type TocEntry } from './toc.ts';

export type ArchiveWalk = {
  /** `unknown`: nothing is missing, but the ends of large gzip files were not read. */
  state: 'whole' | 'cutOff' | 'damaged' | 'unknown';
  /** What is wrong; empty where nothing is. */
  detail: string;
  /** Stored bytes of data by dump id. */
  sizes: Map<number, number>;
};

const blockOfRows = 1;
const blockOfLargeObjects = 3;

/** Walks the blocks behind the TOC of a custom archive; the window stands there after `readToc`. */
export async function walkCustom(window: ByteWindow, toc: Toc): Promise<ArchiveWalk> {
  const sizes = new Map<number, number>();
  const expected = new Map<number, TocEntry>();
  for (const entry of toc.entries) if (entry.data.state !== 'none' && entry.hadDumper) expected.set(entry.dumpId, entry);
  const bad = (state: 'cutOff' | 'damaged', detail: string): ArchiveWalk => ({ state, detail, sizes });
  const intBytes = toc.intSize + 1;

  while (await window.fill(1)) {
    const start = window.position;
    const kind = window.buffer[window.at] as number;
    if (kind === 0 && sizes.size === expected.size) return { ...(await walkSecondToc(window, toc)), sizes };
    if (kind !== blockOfRows && kind !== blockOfLargeObjects) return bad('damaged', 'it holds a data block of an unknown kind');
    window.at += 1;
    if (!(await window.fill(intBytes))) return bad('cutOff', 'it ends inside the head of a data block');
    const id = takeInt(window, toc.intSize);
    const entry = expected.get(id);
    if (entry === undefined) return bad('damaged', 'it holds a data block that its table of contents does not name');
    if (sizes.has(id)) return bad('damaged', `it holds the data of ${nameOf(entry)} twice`);
    if (entry.data.state === 'at' && entry.data.offset !== start)
      return bad('damaged', `the data of ${nameOf(entry)} is not where it should be`);
    sizes.set(id, 0);
    const end = kind === blockOfRows ? await walkChunks(window, toc.intSize) : await walkLargeObjects(window, toc.intSize);
    sizes.set(id, end.bytes);
    if (end.state !== 'whole') {
      return bad(
        end.state,
        end.state === 'cutOff' ? `it ends inside the data of ${nameOf(entry)}` : `the data of ${nameOf(entry)} is garbled`,
      );
    }
  }
  const missing = [...expected.values()].filter((entry) => !sizes.has(entry.dumpId));
  const [first] = missing;
  if (first === undefined) return { state: 'whole', detail: '', sizes };
  return bad(
    'cutOff',
    missing.length === 1
      ? `the data of ${nameOf(first)} is missing`
      : `the data of ${nameOf(first)} and ${missing.length - 1} more is missing`,
  );
}

/**
 * pg_dump -Fc of 16 and newer opens a redirected standard output for appending; the TOC that it means to write
 * over the first one, now with offsets, then stands behind the data. pg_restore never looks at it.
 */
async function walkSecondToc(window: ByteWindow, toc: Toc): Promise<Omit<ArchiveWalk, 'sizes'>> {
  try {
    const { entries } = await readEntries(window, toc);
    const same = entries.length === toc.entries.length && entries.every((entry, index) => entry.dumpId === toc.entries[index]?.dumpId);
    if (same && !(await window.fill(1))) return { state: 'whole', detail: '' };
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || thrown.code !== 'DUMP_INCOMPLETE') throw thrown;
    return { state: 'cutOff', detail: 'it ends inside the second copy of its table of contents' };
  }
  return { state: 'damaged', detail: 'there is something else behind its data' };
}

type Span = { state: 'whole' | 'cutOff' | 'damaged'; bytes: number };

/** Chunks, each a length and so many bytes; length 0 ends them. */
async function walkChunks(window: ByteWindow, intSize: number): Promise<Span> {
  let bytes = 0;
  for (;;) {
    if (window.end - window.at < intSize + 1 && !(await window.fill(intSize + 1))) return { state: 'cutOff', bytes };
    const length = takeInt(window, intSize);
    if (length === 0) return { state: 'whole', bytes };
    if (length < 0) return { state: 'damaged', bytes };
    bytes += length;
    if (window.end - window.at >= length) window.at += length;
    else if (!(await window.skip(length))) return { state: 'cutOff', bytes };
  }
}

/** Large objects, each an OID and its chunks; OID 0 ends them. */
async function walkLargeObjects(window: ByteWindow, intSize: number): Promise<Span> {
  let bytes = 0;
  for (;;) {
    if (!(await window.fill(intSize + 1))) return { state: 'cutOff', bytes };
    // An OID above 2³¹ is written as a negative number.
    if (takeInt(window, intSize) === 0) return { state: 'whole', bytes };
    const object = await walkChunks(window, intSize);
    bytes += object.bytes;
    if (object.state !== 'whole') return { state: object.state, bytes };
  }
}

function takeInt(window: ByteWindow, intSize: number): number {
  const { buffer, at } = window;
  window.at = at + intSize + 1;
  let value = 0;
  for (let i = intSize; i > 0; i--) value = value * 256 + (buffer[at + i] as number);
  return buffer[at] === 0 ? value : -value;
}

const suffixes: { suffix: string; wrapper: Wrapper }[] = [
  { suffix: '', wrapper: 'none' },
  { suffix: '.gz', wrapper: 'gzip' },
  { suffix: '.lz4', wrapper: 'lz4' },
  { suffix: '.zst', wrapper: 'zstd' },
];

export type DataFile = { path: string; wrapper: Wrapper; sizeBytes: number };

/** Finds a data file of a directory archive under its name or the name with a compression's ending. */
export async function findDataFile(directory: string, name: string): Promise<DataFile | null> {
  if (name.includes('/') || name.includes('\\') || name === '..') return null;
  for (const { suffix, wrapper } of suffixes) {
    const path = join(directory, name + suffix);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return { path, wrapper, sizeBytes: found.size };
  }
  return null;
}

/**
 * Looks at each data file of a directory archive: that it is there, that its compression ends, and that
 * uncompressed rows end with their end mark. gzip files are read through while they are small in all.
 */
export async function walkDirectory(directory: string, toc: Toc, readThroughBytes = 128 * 1024 * 1024): Promise<ArchiveWalk> {
  const sizes = new Map<number, number>();
  let left = readThroughBytes;
  let unread = false;
  for (const entry of toc.entries) {
    if (entry.data.state !== 'file') continue;
    const file = await findDataFile(directory, entry.data.name);
    if (file === null)
      return { state: 'cutOff', detail: `the file ${entry.data.name} with the data of ${nameOf(entry)} is missing`, sizes };
    sizes.set(entry.dumpId, file.sizeBytes);
    const files = isLargeObjects(entry) ? await largeObjectFiles(directory, file) : [file];
    if (typeof files === 'string') return { state: 'cutOff', detail: files, sizes };
    let bytes = 0;
    for (const part of files) {
      bytes += part.sizeBytes;
      const judged = await judgeFile(part, entry, left);
      if (judged.cut)
        return {
          state: 'cutOff',
          detail: `the file ${part.path.slice(directory.length + 1)} with the data of ${nameOf(entry)} is cut off`,
          sizes,
        };
      left -= judged.read;
      unread ||= judged.unread;
    }
    sizes.set(entry.dumpId, bytes);
  }
  return { state: unread ? 'unknown' : 'whole', detail: '', sizes };
}

function isLargeObjects(entry: TocEntry): boolean {
  return entry.desc === 'BLOBS';
}

/** The list of large objects names a file for each: lines of OID and file name. */
async function largeObjectFiles(directory: string, list: DataFile): Promise<DataFile[] | string> {
  const files: DataFile[] = [];
  let rest = '';
  for await (const chunk of unwrapped(list.path, list.wrapper)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const name = /^\d+ (\S+)$/.exec(line)?.[1];
      const file = name === undefined ? null : await findDataFile(directory, name);
      if (file === null) return `the large object file of the line «${line.slice(0, 80)}» is missing`;
      files.push(file);
    }
    if (rest.length > 4096) return 'the list of large objects is garbled';
  }
  return rest === '' ? files : 'the list of large objects is cut off';
}

async function judgeFile(file: DataFile, entry: TocEntry, mayRead: number): Promise<{ cut: boolean; read: number; unread: boolean }> {
  // pg_dump ends COPY rows with this mark; rows as INSERTs and large objects have none.
  const mark = entry.copyStmt === '' ? '' : '\\.\n\n\n';
  if (file.wrapper === 'none') return { cut: !(await tailOf(file)).endsWith(mark), read: 0, unread: false };
  if (file.wrapper !== 'gzip' || file.sizeBytes > mayRead) {
    try {
      return { cut: false, read: 0, unread: (await walkWrapper(file.path, file.wrapper)) === null };
    } catch (thrown) {
      if (thrown instanceof HowdahError && thrown.code === 'DUMP_INCOMPLETE') return { cut: true, read: 0, unread: false };
      throw thrown;
    }
  }
  let tail = '';
  try {
    for await (const chunk of unwrapped(file.path, file.wrapper)) tail = (tail + chunk.subarray(-8).toString('latin1')).slice(-8);
  } catch (thrown) {
    if (thrown instanceof HowdahError && thrown.code === 'DUMP_INCOMPLETE') return { cut: true, read: file.sizeBytes, unread: false };
    throw thrown;
  }
  return { cut: !tail.endsWith(mark), read: file.sizeBytes, unread: false };
}

async function tailOf(file: DataFile): Promise<string> {
  await statOf(file.path);
  const handle = await open(file.path, 'r');
  try {
    const buffer = Buffer.alloc(8);
    const { bytesRead } = await handle.read(buffer, 0, 8, Math.max(0, file.sizeBytes - 8));
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function nameOf(entry: TocEntry): string {
  if (isLargeObjects(entry)) return 'large objects';
  return entry.namespace === '' ? entry.tag : `${entry.namespace}.${entry.tag}`;
}
