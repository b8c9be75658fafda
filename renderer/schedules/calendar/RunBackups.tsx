// The backups that a run made, one a database, each with what is known of its goodness.
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { Backup } from '../../../shared/contract/backups.ts';
import { api } from '../../api.ts';
import { go } from '../../navigation.ts';
import { bytes } from '../../ui/format.ts';
import { useLoad } from '../../ui/loadable.ts';
import { Section } from '../../ui/PageFrame.tsx';
import { StatusTag, Tag } from '../../ui/Tag.tsx';
import styles from './calendar.module.css';

/** So many are looked up; the rest is one click away. */
const most = 40;

type Entry = ScheduledRun['backups'][number];

export function RunBackups({ backups }: { backups: readonly Entry[] }) {
  return (
    <Section title={backups.length === 1 ? 'Backup' : `Backups (${backups.length})`} flush>
      <ul className={styles['backups']} aria-label="Backups of this run">
        {backups.slice(0, most).map((entry) => (
          <BackupRow key={entry.backupId} entry={entry} />
        ))}
        {backups.length > most && <li className="dim">{`and ${backups.length - most} more, all on the Backups page`}</li>}
      </ul>
    </Section>
  );
}

function BackupRow({ entry }: { entry: Entry }) {
  const [backup] = useLoad(`${entry.backupId} ${entry.status}`, () => api.backups.get({ id: entry.backupId }));
  return (
    <li>
      <button type="button" className={`${styles['link']} mono cut`} title={entry.database} onClick={() => go('backups', entry.backupId)}>
        {entry.database}
      </button>
      {backup.status === 'ready' ? (
        <Standing backup={backup.value} />
      ) : backup.status === 'failed' && backup.error.code === 'NOT_FOUND' ? (
        <span className="dim">deleted since</span>
      ) : (
        <StatusTag status={entry.status} />
      )}
    </li>
  );
}

function Standing({ backup }: { backup: Backup }) {
  if (backup.status !== 'succeeded') return <StatusTag status={backup.status} />;
  return (
    <>
      <span className="numbers">{bytes(backup.sizeBytes)}</span>
      {!backup.present ? (
        <Tag tone="bad">files gone</Tag>
      ) : backup.verification === null ? (
        <Tag tone="warn">not verified</Tag>
      ) : backup.verification.ok ? (
        <Tag tone="ok">{backup.verification.deep ? '✓ deep verified' : '✓ verified'}</Tag>
      ) : (
        <Tag tone="bad">verification failed</Tag>
      )}
    </>
  );
}
