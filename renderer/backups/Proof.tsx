import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Verification } from '../../shared/contract/backups.ts';
import { ago, dateTime } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { Tag } from '../ui/Tag.tsx';
import styles from './backups.module.css';

/** Why this backup may be trusted, check by check. */
export function Proof({ verification }: { verification: Verification | null }) {
  if (verification === null) {
    return (
      <Notice tone="warn" title="Not verified on this machine">
        It came in by a rescan. Verify it before you rely on it.
      </Notice>
    );
  }
  return (
    <Section
      title={verification.ok ? 'Proof' : 'It did not pass verification'}
      actions={
        <>
          <span className="dim" title={dateTime(verification.at, true)}>
            {verification.deep ? 'deep, ' : ''}
            {ago(verification.at)}
          </span>
          <Tag tone={verification.ok ? 'ok' : 'bad'}>{verification.ok ? '✓ passed' : '✗ failed'}</Tag>
        </>
      }
    >
      <ul className={styles['checks']} aria-label="Verification checks">
        {verification.checks.map((check) => (
          <li key={check.name}>
            {check.ok ? (
              <IconCircleCheck size={16} color="var(--h-ok)" aria-label="passed" role="img" />
            ) : (
              <IconCircleX size={16} color="var(--h-bad)" aria-label="failed" role="img" />
            )}
            <span>{check.name}</span>
            <span className="dim wrap">{check.detail}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
