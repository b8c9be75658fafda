// Takes the compression around an archive away, into a file that several workers can seek in.
import { open, rm, statfs, type FileHandle } from 'node:fs/promises';
import type { JobRun } from '../jobs/jobs.ts';
import { walkCustom } from '../dumps/archive-data.ts';
import { StreamWindow } from '../dumps/byte-window.ts';
import { writeDataPositions } from '../dumps/data-positions.ts';
import { unwrapped } from '../dumps/decompress.ts';
import { incomplete } from '../dumps/dump-errors.ts';
import type { RecognisedDump } from '../dumps/recognise.ts';
import { readToc } from '../dumps/toc.ts';

/** So much stays free on the disk; below that the archive is streamed instead. */
const keepFreeBytes = 1024 ** 3;
const lookEveryBytes = 64 * 1024 ** 2;
const mostWriting = 8;

/** Unpacks to `into`, mode 0600; a custom archive is walked on the way, and gets the positions of its data.
 * False where the disk would become too full: then nothing is left there. Errors: DUMP_INCOMPLETE, FILE_NOT_READABLE. */
export async function unpackTo(job: JobRun, dump: RecognisedDump, into: string): Promise<boolean> {
  const file = await open(into, 'wx', 0o600);
  try {
    const chunks = writtenTo(job, file, into, unwrapped(dump.path, dump.wrapper));
    if (dump.format === 'custom') await walkAndPosition(file, chunks);
    else for await (const _chunk of chunks);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof TooFull) && (thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
    await rm(into, { force: true });
    return false;
  } finally {
    await file.close();
  }
}

class TooFull extends Error {}

/** Hands the chunks on while they are being written; at the end all of them are. */
async function* writtenTo(job: JobRun, file: FileHandle, into: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let sinceLook = lookEveryBytes;
  let position = 0;
  const writing: Promise<void>[] = [];
  for await (const chunk of chunks) {
    job.signal.throwIfAborted();
    sinceLook += chunk.length;
    if (sinceLook >= lookEveryBytes) {
      sinceLook = 0;
      const disk = await statfs(into);
      if (disk.bavail * disk.bsize <= keepFreeBytes + lookEveryBytes) throw new TooFull();
    }
    const written = writeWhole(file, chunk, position);
    // Its failure is met where it is awaited, below.
    written.catch(() => {});
    writing.push(written);
    position += chunk.length;
    yield chunk;
    if (writing.length > mostWriting) await writing.shift();
  }
  await Promise.all(writing);
}

async function writeWhole(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

async function walkAndPosition(file: FileHandle, chunks: AsyncIterable<Buffer>): Promise<void> {
  const window = new StreamWindow(chunks);
  try {
    const toc = await readToc(window);
    const walk = await walkCustom(window, toc);
    if (walk.state === 'cutOff' || walk.state === 'damaged') throw incomplete(walk.detail);
    // Whatever stands behind the data belongs to the file as well.
    while (await window.skip(lookEveryBytes));
    await writeDataPositions(file, toc, walk.starts ?? new Map());
  } finally {
    await window.close();
  }
}
