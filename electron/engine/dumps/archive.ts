// Opens an archive of any of the three archive formats, under any wrapper, and walks it.
import { join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import { walkCustom, type ArchiveWalk } from './archive-data.ts';
import { walkDirectory } from './directory-data.ts';
import type { ByteWindow } from './byte-window.ts';
import { openWindow, walkWrapper } from './decompress.ts';
import type { RecognisedDump } from './recognise.ts';
import { readTarToc, walkTar } from './tar.ts';
import { readToc, type Toc } from './toc.ts';

/** Wrapped archives up to this size are unpacked to walk them; above it their wrapper's frames must do. */
const unpackBytes = 128 * 1024 * 1024;

/** The table of contents alone. Errors: those of `readToc`, FILE_NOT_READABLE. */
export async function readArchiveToc(dump: RecognisedDump): Promise<Toc> {
  return withWindow(dump, (window) => tocOf(dump, window));
}

/**
 * The table of contents, and whether all data is there. `depth` `quick` leaves large wrapped archives and gzip
 * files unread (state `unknown`), `full` reads all that is needed to tell. Errors: those of `readToc`, FILE_NOT_READABLE.
 */
export async function walkArchive(dump: RecognisedDump, depth: 'quick' | 'full'): Promise<{ toc: Toc; walk: ArchiveWalk }> {
  if (dump.format === 'directory') {
    const toc = await readArchiveToc(dump);
    return { toc, walk: await walkDirectory(dump.path, toc, { decode: depth === 'full' ? 'all' : 'small' }) };
  }
  if (dump.wrapper !== 'none' && dump.sizeBytes > unpackBytes && depth === 'quick') {
    const toc = await readArchiveToc(dump);
    try {
      await walkWrapper(dump.path, dump.wrapper);
      return { toc, walk: { state: 'unknown', detail: '', sizes: new Map() } };
    } catch (thrown) {
      return { toc, walk: asWalk(thrown) };
    }
  }
  return withWindow(dump, async (window) => {
    const toc = await tocOf(dump, window);
    try {
      return { toc, walk: await (dump.format === 'tar' ? walkTar(window, toc) : walkCustom(window, toc)) };
    } catch (thrown) {
      return { toc, walk: asWalk(thrown) };
    }
  });
}

/** A wrapper found broken while walking is a finding about the dump, not a failure to look at it. */
function asWalk(thrown: unknown): ArchiveWalk {
  if (!(thrown instanceof HowdahError) || thrown.code !== 'DUMP_INCOMPLETE') throw thrown;
  return { state: 'cutOff', detail: thrown.message.replace(/^[^:]*: |\.$/g, ''), sizes: new Map() };
}

function tocOf(dump: RecognisedDump, window: ByteWindow): Promise<Toc> {
  return dump.format === 'tar' ? readTarToc(window) : readToc(window);
}

async function withWindow<T>(dump: RecognisedDump, read: (window: ByteWindow) => Promise<T>): Promise<T> {
  const window = await openWindow(dump.format === 'directory' ? join(dump.path, 'toc.dat') : dump.path, dump.wrapper);
  try {
    return await read(window);
  } finally {
    await window.close();
  }
}
