// Where pg_restore finds an archive: as a file that it can seek in, or as a stream.
import { unwrapped } from '../dumps/decompress.ts';
import type { RecognisedDump } from '../dumps/recognise.ts';
import type { JobRun } from '../jobs/jobs.ts';
import type { ArchiveLoad } from './pg-restore.ts';
import { unpackTo } from './unpack.ts';
import type { WorkFolder } from './work-folder.ts';

/** The archive as it stands; a wrapped one unpacked into the folder where seeking is wanted and there is room;
 * else as a stream. Errors: DUMP_INCOMPLETE, FILE_NOT_READABLE. */
export async function seekableFile(
  job: JobRun,
  found: RecognisedDump,
  folder: WorkFolder,
  wantsSeeking: boolean,
): Promise<Pick<ArchiveLoad, 'path' | 'stream'>> {
  if (found.wrapper === 'none') return { path: found.path };
  if (wantsSeeking) {
    const unpacked = `${folder.path}/archive`;
    if (await unpackTo(job, found, unpacked)) return { path: unpacked };
    job.log('warning', 'There is not enough room to unpack the archive: it is read as a stream, by one worker.');
  }
  return { path: found.path, stream: () => unwrapped(found.path, found.wrapper) };
}
