import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import styles from './ui.module.css';

/** A hash, path or command in monospace with a button that copies it whole. `what` names it for the button. */
export function CopyText({ text, what, shown }: { text: string; what: string; shown?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const label = clipboard.copied ? 'Copied' : `Copy ${what}`;
  return (
    <span className={styles['copyLine']}>
      <span className="mono cut" title={text}>
        {shown ?? text}
      </span>
      <Tooltip label={label}>
        <ActionIcon size="sm" aria-label={`Copy ${what}`} onClick={() => clipboard.copy(text)}>
          {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
