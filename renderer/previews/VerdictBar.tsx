// The verdict first: safe or not in one sentence, then why, one line each, then what is in the way and what to do.
import { Button, Group } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Preview } from '../../shared/contract/previews.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import type { Outlook } from './choice.ts';
import { BackToTarget, PreviewAgain } from './WaysOn.tsx';
import styles from './previews.module.css';
import { headlineOf } from './verdict.ts';

const icons = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX, info: IconCircleCheck, neutral: IconCircleCheck };

export function VerdictBar({
  preview,
  outlook,
  failed,
  retry,
}: {
  preview: Preview;
  outlook: Outlook;
  /** The mix of strategies could not be judged. */
  failed: ErrorReport | null;
  retry: () => void;
}) {
  const { tone, title, line } = headlineOf(preview, outlook);
  const Icon = icons[tone];
  const blocking = new Set(outlook.blockers.map(({ code, message }) => `${code} ${message}`));
  const reasons = [
    ...outlook.verdict.reasons.filter(({ code, message }) => !blocking.has(`${code} ${message}`)),
    ...(preview.staging === 'elsewhere'
      ? [{ code: 'elsewhere', message: 'The rows were compared on another server: this can be looked at, not carried out.' }]
      : []),
    ...preview.warnings.map(({ code, message }) => ({ code: `warning ${code}`, message })),
  ];
  return (
    <section
      className={`${styles['verdict']} ${styles[tone]}`}
      aria-label="Verdict"
      data-blocked={outlook.blockers.length > 0 || failed !== null || undefined}
    >
      <Icon size={22} aria-hidden className={styles['verdictIcon']} />
      <div className={styles['verdictText']}>
        <div role="status" className="wrap">
          <strong className={styles['verdictTitle']}>{title}</strong> <span>{line}</span>
        </div>
        {(outlook.blockers.length > 0 || reasons.length > 0) && (
          <ScrollRegion label="Why" className={styles['reasons']}>
            <ul>
              {outlook.blockers.map((blocker) => (
                <li key={`${blocker.code} ${blocker.message}`} className="wrap">
                  <strong>{blocker.message}</strong> {blocker.hint} <span className={styles['code']}>{blocker.code}</span>
                </li>
              ))}
              {reasons.map((reason) => (
                <li key={`${reason.code} ${reason.message}`} className="wrap">
                  {reason.message}
                </li>
              ))}
            </ul>
          </ScrollRegion>
        )}
        {failed !== null && (
          <ErrorNotice
            error={failed}
            action={
              failed.code === 'NOT_FOUND' ? (
                <PreviewAgain />
              ) : (
                <Button variant="default" onClick={retry}>
                  Try again
                </Button>
              )
            }
          />
        )}
      </div>
      <Group gap="xs" wrap="nowrap" className={styles['verdictActions'] ?? ''}>
        <BackToTarget />
        <PreviewAgain />
      </Group>
    </section>
  );
}
