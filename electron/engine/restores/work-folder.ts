// Where a restore keeps what it unpacks: below the data folder, for this user only, gone with the job.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';

export type WorkFolder = { path: string; remove(): Promise<void> };

/** Makes an empty folder, mode 0700, that does not outlive the job, nor a crash. */
export async function makeWorkFolder(context: EngineContext, job: JobRun): Promise<WorkFolder> {
  const parent = join(context.ports.homeDirectory, 'tmp');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(parent, `${job.id}-`));
  const gone = job.note({ kind: 'path', path });
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      gone();
    },
  };
}
