// A value as PostgreSQL prints it. NULL and the empty string look like nothing else, and like each other neither.
import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { count } from '../ui/format.ts';
import type { Part } from './diff.ts';
import { fold, type Folded } from './fold.ts';
import styles from './previews.module.css';

export function Value({
  text,
  parts,
  side,
  what,
  unfolded,
}: {
  text: string | null;
  /** The same text with its changes marked. */
  parts?: readonly Part[] | undefined;
  side?: 'live' | 'backup';
  /** For the button that copies it. */
  what: string;
  unfolded: boolean;
}) {
  if (text === null) return <span className={styles['null']}>NULL</span>;
  if (text === '') return <span className={styles['null']}>empty string</span>;
  const whole = parts ?? [{ text, changed: false }];
  const shown: readonly Folded[] = unfolded ? whole : fold(whole);
  return (
    <span className={styles['value']}>
      <span className={styles['valueText']}>
        {shown.map((part, index) =>
          part.hidden !== undefined ? (
            <span key={index} className={styles['hidden']} title="Enter shows the whole value">
              … {count(part.hidden)} characters …
            </span>
          ) : part.changed ? (
            <mark key={index} className={side === 'backup' ? styles['markBackup'] : styles['markLive']}>
              {part.text}
            </mark>
          ) : (
            <span key={index}>{part.text}</span>
          ),
        )}
      </span>
      <Copy text={text} what={what} />
    </span>
  );
}

function Copy({ text, what }: { text: string; what: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <ActionIcon
      size="xs"
      tabIndex={-1}
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      className={styles['copy'] ?? ''}
      onClick={() => clipboard.copy(text)}
    >
      {clipboard.copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
    </ActionIcon>
  );
}
