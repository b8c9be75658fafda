import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { openScheduleEditor } from '../schedules/editor/store.ts';
import { useScheduleName } from '../schedules/names.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { Facts } from '../ui/Facts.tsx';
import { bytes, count, dateTime, duration, plural } from '../ui/format.ts';
import { Section } from '../ui/PageFrame.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { StatusTag } from '../ui/Tag.tsx';
import styles from './backups.module.css';

const origins: Record<Backup['origin'], string> = {
  manual: 'started by hand',
  safety: 'safety backup before a restore',
  schedule: 'by schedule',
  rescan: 'found by a rescan',
};

/** What a backup that is not whole lacks. */
export const holdsWords: Record<SucceededBackup['holds'], string> = {
  whole: 'every row of every table',
  quick: 'the rows of some tables were left out',
  chosen: 'only some tables or schemas',
};

export function BackupFacts({ backup }: { backup: Backup }) {
  const done = backup.status === 'succeeded' ? backup : null;
  const schedule = useScheduleName(backup.scheduleId);
  return (
    <Section title="Facts">
      <Facts
        facts={{
          Status: <StatusTag status={backup.status} />,
          Profile: <ProfileTag id={backup.profileId} name={backup.profile} />,
          Database: <span className="mono">{backup.database}</span>,
          Started: <span className="numbers">{dateTime(backup.startedAt, true)}</span>,
          Took: backup.status === 'running' ? null : duration(backup.durationMs),
          Made:
            backup.origin === 'schedule' && backup.scheduleId !== null && schedule !== null ? (
              <span>
                by the schedule{' '}
                <button
                  type="button"
                  className={styles['verdictLink']}
                  onClick={() => openScheduleEditor({ scheduleId: backup.scheduleId ?? '' })}
                >
                  {schedule}
                </button>
              </span>
            ) : (
              origins[backup.origin]
            ),
          Kept: done?.pinned === true ? 'for ever: it is pinned' : null,
          Size: done && bytes(done.sizeBytes),
          Format: done && `${done.format}, ${done.compression}`,
          Holds:
            done &&
            `${plural(done.tables, 'table')}${done.rows === null ? '' : `, ${count(done.rows)} rows`}${done.holds === 'whole' ? '' : ` (${done.holds}: ${holdsWords[done.holds]})`}`,
          Server: done && done.serverVersion,
          Client: done && `pg_dump ${done.clientVersion}`,
          Folder: done && <CopyText text={done.directory} what="folder path" />,
          Id: <CopyText text={backup.id} what="id" />,
        }}
      />
    </Section>
  );
}

export function Files({ backup }: { backup: SucceededBackup }) {
  return (
    <Section title={backup.artifacts.length === 1 ? 'File' : `Files (${count(backup.artifacts.length)})`} flush>
      <ScrollRegion className={styles['files']} label="Files with their SHA-256">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className={styles['right']}>
                Size
              </th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {backup.artifacts.map((artifact) => (
              <tr key={artifact.name}>
                <td className="mono cut" title={artifact.name}>
                  {artifact.name}
                </td>
                <td className={`numbers ${styles['right']}`}>{bytes(artifact.sizeBytes)}</td>
                <td>
                  <CopyText text={artifact.sha256} what={`SHA-256 of ${artifact.name}`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}
