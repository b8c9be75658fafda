import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPin, IconPinFilled } from '@tabler/icons-react';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import { api } from '../api.ts';
import { actOn } from '../app/act-on.ts';
import { dateTime } from '../ui/format.ts';
import styles from './backups.module.css';

/** A pinned backup is kept for ever: no rule of retention takes it. */
export function PinButton({ backup, inRow = false }: { backup: SucceededBackup; inRow?: boolean }) {
  const { pinned } = backup;
  const Icon = pinned ? IconPinFilled : IconPin;
  const toggle = () => actOn('The backup could not be pinned', () => api.backups.setPinned({ id: backup.id, pinned: !pinned }));
  if (!inRow) {
    return (
      <Tooltip label={pinned ? 'Retention may take it again' : 'Kept for ever, whatever retention says'}>
        <Button variant="default" leftSection={<Icon size={15} />} aria-pressed={pinned} onClick={toggle}>
          {pinned ? 'Unpin' : 'Pin'}
        </Button>
      </Tooltip>
    );
  }
  return (
    <ActionIcon
      size="sm"
      className={styles['pin'] ?? ''}
      aria-pressed={pinned}
      aria-label={`Pin the backup of ${backup.database} from ${dateTime(backup.startedAt)}`}
      title={pinned ? 'Pinned: kept for ever. Click to unpin' : 'Pin: keep it for ever'}
      // The row's own tab stop leads to the drawer, which has the button as well.
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        toggle();
      }}
    >
      <Icon size={14} />
    </ActionIcon>
  );
}
