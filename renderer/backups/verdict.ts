// What a tired DBA has to know first: can every database be brought back, and how old would it be?
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import { ago } from '../ui/format.ts';
import type { Tone } from '../ui/Tag.tsx';

/** How one database of one profile stands. Worst first: `rank` 0 is the worst. */
export type Standing = {
  profile: string;
  database: string;
  tone: Tone;
  rank: number;
  sentence: string;
  /** The backup that the sentence is about. */
  backupId: string | null;
};

/** Two days without a good backup is worth a word. */
const oldAfter = 48 * 3_600_000;

/** `backups`: the newest ones of one profile, newest first. */
export function standingsOf(profile: string, backups: readonly Backup[], now = Date.now()): Standing[] {
  const databases = [...new Set(backups.map((backup) => backup.database))];
  return databases.map((database) =>
    standing(
      profile,
      database,
      backups.filter((backup) => backup.database === database),
      now,
    ),
  );
}

function standing(profile: string, database: string, backups: readonly Backup[], now: number): Standing {
  const good = backups.find(isGood);
  const latest = backups.find((backup) => backup.status !== 'running' && backup.status !== 'cancelled');
  const base = { profile, database };
  const fallback =
    good === undefined ? 'There is no good backup to go back to.' : `The last good one was made ${ago(good.startedAt, now)}.`;
  if (latest !== undefined && (latest.status === 'failed' || latest.status === 'interrupted')) {
    const what = latest.status === 'failed' ? 'failed' : 'was interrupted';
    return {
      ...base,
      tone: 'bad',
      rank: 0,
      backupId: latest.id,
      sentence: `The last backup of ${database} ${what} ${ago(latest.startedAt, now)}. ${fallback}`,
    };
  }
  if (latest?.status === 'succeeded' && !latest.present) {
    return {
      ...base,
      tone: 'bad',
      rank: 1,
      backupId: latest.id,
      sentence: `The folder of the newest backup of ${database} is gone from the disk. ${fallback}`,
    };
  }
  if (latest?.status === 'succeeded' && latest.verification?.ok === false) {
    return {
      ...base,
      tone: 'bad',
      rank: 1,
      backupId: latest.id,
      sentence: `The newest backup of ${database} did not pass verification. ${fallback}`,
    };
  }
  if (good === undefined) {
    return { ...base, tone: 'warn', rank: 2, backupId: null, sentence: `No good backup of ${database} yet.` };
  }
  if (now - new Date(good.startedAt).getTime() > oldAfter) {
    return {
      ...base,
      tone: 'warn',
      rank: 3,
      backupId: good.id,
      sentence: `The last good backup of ${database} was made ${ago(good.startedAt, now)}.`,
    };
  }
  const proof = good.verification === null ? '' : good.verification.deep ? ', proven by a trial restore' : ', verified';
  return {
    ...base,
    tone: 'ok',
    rank: 4,
    backupId: good.id,
    sentence: `Last good backup of ${database}: ${ago(good.startedAt, now)}${proof}.`,
  };
}

export function isGood(backup: Backup): backup is SucceededBackup {
  return backup.status === 'succeeded' && backup.present && backup.verification?.ok !== false;
}
