// A disk that is not mounted leaves an empty folder in its place. A backup made into that is on the wrong disk, and hidden
// as soon as the right one is back.
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { backupRoot } from './names.ts';

/** So many of the newest are looked for: one that is there proves the folder. */
const lookedFor = 200;

/** Refuses to go on unattended where the folder holds not even the folders of the backups that were made into it (backups
 * that somebody took away leave theirs). Who sits there is only warned, and the backup that they make proves the folder.
 * Errors: FOLDER_NOT_THERE. */
export function requireFolderThere(context: EngineContext, job: JobRun, profileId: string, unattended: boolean): void {
  const root = backupRoot(context, context.profiles.get(profileId));
  const below = join(root, sep);
  const known = context.catalog
    .prepare<[string, string, number], { directory: string }>(
      "select directory from backups where status = 'succeeded' and substr(directory, 1, length(?)) = ? order by started_at desc limit ?",
    )
    .all(below, below, lookedFor);
  if (known.length === 0 || known.some(({ directory }) => existsSync(dirname(directory)))) return;
  const gone = new HowdahError(
    'FOLDER_NOT_THERE',
    `The folder ${root} holds none of the ${known.length === 1 ? 'backups' : `${known.length} backups`} that were made into it: its disk or share seems not to be there.`,
    {
      hint: 'Mount it. If all that was in it was taken away on purpose, make one backup by hand; schedules then go on.',
    },
  );
  if (unattended) throw gone;
  job.log('warning', gone.message);
}
