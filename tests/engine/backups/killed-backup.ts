// A program of its own for kill.test.ts: makes one backup, deletes it where that is asked, and dies at the moment it is told.
import type { BackupOptions } from '../../../shared/contract/backups.ts';
import { atFileStep, type FileMoment } from '../../support/at-file-step.ts';
import { atStatement, type StatementMoment } from '../../support/at-statement.ts';
import { makeEngine } from '../../support/engine.ts';

export type KilledBackup = {
  home: string;
  profileId: string;
  options: Partial<BackupOptions>;
  /** Deletes what it has made. */
  removes: boolean;
  /** Null: it lives. */
  at: FileMoment | StatementMoment | null;
};

const { home, profileId, options, removes, at } = JSON.parse(process.argv[2] ?? '') as KilledBackup;
const die = (): void => void process.kill(process.pid, 'SIGKILL');
if (at !== null && 'path' in at) atFileStep(at, die);
else if (at !== null) atStatement(at, die);
const { client, engine } = await makeEngine({ home });
const { jobId, backupId } = await client.backups.start({ profileId, options });
await engine.jobs.finished(jobId);
if (removes) await client.backups.remove({ id: backupId, confirm: backupId });
await engine.close();
