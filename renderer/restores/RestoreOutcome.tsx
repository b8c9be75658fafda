import { Stack } from '@mantine/core';
import type { RowEffects } from '../../shared/contract/previews.ts';
import type { Restore } from '../../shared/contract/restores.ts';
import { go } from '../navigation.ts';
import { strategyWords } from '../previews/choice.ts';
import { compareEffects } from '../previews/verdict.ts';
import { Prediction } from '../previews/Prediction.tsx';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { Facts } from '../ui/Facts.tsx';
import { count, dateTime, duration, plural } from '../ui/format.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { StatusTag } from '../ui/Tag.tsx';
import { modeWords } from './request.ts';
import styles from './restores.module.css';
import { WaysBack } from './WaysBack.tsx';

/** How a restore ended, and what can still be done about it. */
export function RestoreOutcome({
  restore,
  predicted = null,
}: {
  restore: Restore;
  /** What its preview had said, where it is known. */
  predicted?: RowEffects | null;
}) {
  const safety = restore.safetyBackupId;
  return (
    <Stack gap="md">
      {restore.undo === 'done' && (
        <Notice tone="info" role="status" title={`This restore was undone: ${restore.database} is the old database again`} />
      )}
      {restore.status === 'succeeded' && restore.undo !== 'done' && (
        <Notice tone="ok" role="status" title={doneInWords(restore)}>
          {restore.rows !== null &&
            predicted !== null &&
            compareEffects(predicted, restore.rows).every((line) => line.predicted === line.done) && (
              <div>Exactly as the preview said.</div>
            )}
          {restore.previousDatabase !== null && restore.undo === 'possible' && (
            <span>
              The old database is kept as <span className="mono wrap">{restore.previousDatabase}</span>.
            </span>
          )}
        </Notice>
      )}
      {(restore.status === 'failed' || restore.status === 'cancelled' || restore.status === 'interrupted') && (
        <ErrorNotice error={restore.error} />
      )}
      {restore.status === 'succeeded' && restore.warnings.length > 0 && (
        <Notice tone="warn" title={plural(restore.warnings.length, 'warning')}>
          <ul className={styles['warnings']}>
            {restore.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      {restore.status === 'succeeded' && restore.rows !== null && <Prediction predicted={predicted} done={restore.rows} />}
      <WaysBack restore={restore} />
      <Facts
        facts={{
          Status: <StatusTag status={restore.status} />,
          Source: restore.source,
          Profile: <ProfileTag id={restore.profileId} name={restore.profile} />,
          Database: <span className="mono">{restore.database}</span>,
          How: modeWords[restore.mode].name,
          Strategy: restore.strategy === null || restore.mode === restore.strategy ? null : strategyWords[restore.strategy].name,
          Tables: restore.tables.length === 0 ? 'everything' : restore.tables.map((table) => `${table.schema}.${table.table}`).join(', '),
          Started: <span className="numbers">{dateTime(restore.startedAt, true)}</span>,
          Took: restore.status === 'running' ? null : duration(restore.durationMs),
          Rows: restore.status === 'succeeded' && restore.rowsRestored !== null ? count(restore.rowsRestored) : null,
          'Safety backup':
            safety === null ? null : (
              <button type="button" className={styles['link']} onClick={() => go('backups', safety)}>
                Show it
              </button>
            ),
          Undo: restore.undo === 'possible' ? null : { done: 'was undone', discarded: 'old database discarded', none: null }[restore.undo],
        }}
      />
    </Stack>
  );
}

function doneInWords(restore: Extract<Restore, { status: 'succeeded' }>): string {
  if (restore.dryRun) return `Dry run on ${restore.database}: all of it was done, and taken back`;
  const found = restore.rowsRestored;
  return `${restore.database} was restored${found === null ? '' : `: ${plural(found, 'row')} found in the restored tables`}`;
}
