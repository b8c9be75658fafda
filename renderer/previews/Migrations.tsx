import { Stack } from '@mantine/core';
import type { MigrationVerdict } from '../../shared/contract/previews.ts';
import { plural } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import styles from './previews.module.css';

const titles = {
  exact: 'the same migrations on both sides',
  older: 'the backup is older than the live database',
  newer: 'the backup is newer than the live database',
  unknown: 'the migrations cannot be brought in line',
};
const tones = { exact: 'ok', older: 'warn', newer: 'bad', unknown: 'warn' } as const;

/** Where each migration framework stands; what to run after, or to deploy before, the whole backup is put in place. */
export function Migrations({ verdicts }: { verdicts: readonly MigrationVerdict[] }) {
  return (
    <Stack gap="xs">
      {verdicts.map((verdict) => (
        <Notice
          key={`${verdict.framework} ${verdict.table}`}
          tone={tones[verdict.verdict]}
          title={`${verdict.framework}: ${titles[verdict.verdict]}`}
        >
          <div className="wrap">
            {verdict.message} <span className="dim mono">{verdict.table}</span>
          </div>
          <Names title={`To run afterwards, in this order: ${plural(verdict.forward.length, 'migration')}`} names={verdict.forward} />
          <Names title={`The code must know these first: ${plural(verdict.needed.length, 'migration')}`} names={verdict.needed} />
        </Notice>
      ))}
    </Stack>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <details open={names.length <= 5}>
      <summary>{title}</summary>
      <ScrollRegion label={title} className={styles['migrations']}>
        <ol>
          {names.map((name) => (
            <li key={name} className="mono wrap">
              {name}
            </li>
          ))}
        </ol>
      </ScrollRegion>
    </details>
  );
}
