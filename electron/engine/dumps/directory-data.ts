// Looks at the data files of a directory archive. pg_restore does not notice that a compressed or plain data file
// ends too early (measured with 15, 17 and 18), so the proof has to be made here.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import { nameOf, type ArchiveWalk } from './archive-data.ts';
import { unwrapped, walkWrapper, type Wrapper } from './decompress.ts';
import type { Toc, TocEntry } from './toc.ts';

const suffixes: { suffix: string; wrapper: Wrapper }[] = [
  { suffix: '', wrapper: 'none' },
  { suffix: '.gz', wrapper: 'gzip' },
  { suffix: '.lz4', wrapper: 'lz4' },
  { suffix: '.zst', wrapper: 'zstd' },
];

export type DataFile = { name: string; path: string; wrapper: Wrapper; sizeBytes: number };

export type DirectoryDepth = {
  /** `frames` decompresses nothing, `small` only gzip while it is small in all, `all` every file. */
  decode: 'frames' | 'small' | 'all';
  /** Files at a time. */
  jobs?: number | undefined;
  signal?: AbortSignal | undefined;
};

const smallBytes = 128 * 1024 * 1024;

/** Finds a data file of a directory archive under its name or the name with a compression's ending. */
export async function findDataFile(directory: string, name: string): Promise<DataFile | null> {
  if (name.includes('/') || name.includes('\\') || name === '..') return null;
  for (const { suffix, wrapper } of suffixes) {
    const path = join(directory, name + suffix);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return { name: name + suffix, path, wrapper, sizeBytes: found.size };
  }
  return null;
}

/**
 * Looks at each data file: that it is there, that its compression ends, and that rows end with their end mark where
 * that can be seen without decompressing, or the depth allows to. Errors: FILE_NOT_READABLE, CANCELLED.
 */
export async function walkDirectory(directory: string, toc: Toc, depth: DirectoryDepth): Promise<ArchiveWalk> {
  const sizes = new Map<number, number>();
  const parts: { file: DataFile; entry: TocEntry }[] = [];
  for (const entry of toc.entries) {
    if (entry.data.state !== 'file') continue;
    const file = await findDataFile(directory, entry.data.name);
    if (file === null)
      return { state: 'cutOff', detail: `the file ${entry.data.name} with the data of ${nameOf(entry)} is missing`, sizes };
    const files = entry.desc === 'BLOBS' ? await largeObjectFiles(directory, file) : [file];
    if (typeof files === 'string') return { state: 'cutOff', detail: files, sizes };
    sizes.set(
      entry.dumpId,
      files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    for (const part of files) parts.push({ file: part, entry });
  }
  const small = parts.reduce((sum, { file }) => sum + (file.wrapper === 'gzip' ? file.sizeBytes : 0), 0) <= smallBytes;
  let unread = false;
  let broken: string | null = null;
  // The largest first, so that no worker is left alone with it at the end.
  const queue = parts.toSorted((a, b) => a.file.sizeBytes - b.file.sizeBytes);
  const work = async (): Promise<void> => {
    for (let part = queue.pop(); part !== undefined && broken === null; part = queue.pop()) {
      if (depth.signal?.aborted)
        throw new HowdahError('CANCELLED', 'Reading the dump was cancelled.', { hint: 'Start it again when you want.' });
      const { file, entry } = part;
      const decode = depth.decode === 'all' || (depth.decode === 'small' && small && file.wrapper === 'gzip');
      const verdict = await judgeFile(file, entry, decode, depth.signal);
      if (verdict === 'unread') unread = true;
      if (verdict === 'cut') broken = `the file ${file.name} with the data of ${nameOf(entry)} is cut off or damaged`;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, depth.jobs ?? 1) }, work));
  if (broken !== null) return { state: 'cutOff', detail: broken, sizes };
  return { state: unread ? 'unknown' : 'whole', detail: '', sizes };
}

/** The list of large objects names a file for each: lines of OID and file name. */
async function largeObjectFiles(directory: string, list: DataFile): Promise<DataFile[] | string> {
  const files: DataFile[] = [list];
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

async function judgeFile(file: DataFile, entry: TocEntry, decode: boolean, signal?: AbortSignal): Promise<'whole' | 'cut' | 'unread'> {
  // pg_dump ends COPY rows with this mark; rows as INSERTs and large objects have none.
  const mark = entry.copyStmt === '' ? '' : '\\.\n\n\n';
  if (file.wrapper === 'none' && !decode) return (await tailOf(file)).endsWith(mark) ? 'whole' : 'cut';
  try {
    if (!decode) return (await walkWrapper(file.path, file.wrapper)) === null ? 'unread' : 'whole';
    let tail = '';
    for await (const chunk of unwrapped(file.path, file.wrapper)) {
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 8))).slice(-8);
      if (signal?.aborted) break;
    }
    return tail.endsWith(mark) || signal?.aborted ? 'whole' : 'cut';
  } catch (thrown) {
    if (thrown instanceof HowdahError && thrown.code === 'DUMP_INCOMPLETE') return 'cut';
    throw thrown;
  }
}

async function tailOf(file: DataFile): Promise<string> {
  const handle = await open(file.path, 'r');
  try {
    const buffer = Buffer.alloc(8);
    const { bytesRead } = await handle.read(buffer, 0, 8, Math.max(0, file.sizeBytes - 8));
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
