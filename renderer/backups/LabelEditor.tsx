import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';

export function LabelEditor({ backup }: { backup: SucceededBackup }) {
  const [label, setLabel] = useState(backup.label);
  const { doing, run } = useAction();
  const changed = label !== backup.label;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          await api.backups.setLabel({ id: backup.id, label });
          catalogChanged();
        });
      }}
    >
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label="Label"
          maxLength={200}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button type="submit" variant="default" disabled={!changed} loading={doing.status === 'busy'}>
          Save label
        </Button>
      </Group>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
    </form>
  );
}
