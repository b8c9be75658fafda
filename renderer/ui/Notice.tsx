// Messages that stay on the page: errors with all that is known about them, warnings, good news.
import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconAlertTriangle, IconCheck, IconCircleCheck, IconCircleX, IconCopy, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { ScrollRegion } from './ScrollRegion.tsx';
import type { Tone } from './Tag.tsx';
import styles from './ui.module.css';

const icons = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX, info: IconInfoCircle, neutral: IconInfoCircle };

export function Notice({
  tone,
  title,
  children,
  actions,
  role,
}: {
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  role?: 'alert' | 'status';
}) {
  const Icon = icons[tone];
  return (
    <div className={`${styles['notice']} ${styles[tone]}`} role={role}>
      <Icon className={styles['noticeIcon']} size={18} aria-hidden />
      <div className={styles['noticeBody']}>
        {title !== undefined && <div className={styles['noticeTitle']}>{title}</div>}
        {children}
      </div>
      {actions !== undefined && <div>{actions}</div>}
    </div>
  );
}

/** Code, message, what to do next; on demand what the tool said and the redacted command. */
export function ErrorNotice({ error, action }: { error: ErrorReport; action?: ReactNode }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const more = [error.detail, error.command === undefined ? undefined : `$ ${error.command}`].filter((part) => part !== undefined);
  const text = [`${error.code}: ${error.message}`, error.hint, ...more].join('\n');
  return (
    <Notice
      tone="bad"
      role="alert"
      title={error.message}
      actions={
        <Tooltip label={clipboard.copied ? 'Copied' : 'Copy this error'}>
          <ActionIcon aria-label="Copy this error" onClick={() => clipboard.copy(text)}>
            {clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      }
    >
      <div>{error.hint}</div>
      <div className={styles['noticeCode']}>{error.code}</div>
      {more.length > 0 && (
        <details className={styles['noticeMore']}>
          <summary>Details</summary>
          <ScrollRegion label="Error details" className={styles['raw']}>
            {more.join('\n')}
          </ScrollRegion>
        </details>
      )}
      {action !== undefined && <div style={{ marginTop: 8 }}>{action}</div>}
    </Notice>
  );
}
