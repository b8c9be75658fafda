// Takes the compression around an archive away, into a file that several workers can seek in.
import { open, rm, statfs } from 'node:fs/promises';
import type { JobRun } from '../jobs/jobs.ts';
import { unwrapped, type Wrapper } from '../dumps/decompress.ts';

/** So much stays free on the disk; below that the archive is streamed instead. */
const keepFreeBytes = 1024 ** 3;
const lookEveryBytes = 64 * 1024 ** 2;

/** Unpacks to `into`, mode 0600. False where the disk would become too full: then nothing is left there.
 * Errors: DUMP_INCOMPLETE, FILE_NOT_READABLE. */
export async function unpackTo(job: JobRun, path: string, wrapper: Wrapper, into: string): Promise<boolean> {
  const file = await open(into, 'wx', 0o600);
  let sinceLook = lookEveryBytes;
  let enough = true;
  try {
    for await (const chunk of unwrapped(path, wrapper)) {
      job.signal.throwIfAborted();
      sinceLook += chunk.length;
      if (sinceLook >= lookEveryBytes) {
        sinceLook = 0;
        const disk = await statfs(into);
        enough = disk.bavail * disk.bsize > keepFreeBytes + lookEveryBytes;
        if (!enough) break;
      }
      await file.write(chunk);
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
    enough = false;
  } finally {
    await file.close();
  }
  if (!enough) await rm(into, { force: true });
  return enough;
}
