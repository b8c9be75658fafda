// One channel: just the fields that its kind needs, and of what it is told.
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Channel } from '../../shared/contract/messages.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { channelForm, channelInput, channelProblems, kinds, type ChannelForm } from './channel-form.ts';
import { Events, Schedules } from './ChannelAudience.tsx';
import { ChannelIcon } from './ChannelIcon.tsx';
import { Target } from './ChannelTarget.tsx';
import styles from './messages.module.css';

/** `channel` null: a new one. */
export function ChannelEditor({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const [form, setForm] = useState(() => channelForm(channel));
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState(false);
  const { doing, run } = useAction();
  const holds = channel?.holds ?? [];
  const problems = channelProblems(form, holds);
  const changed = JSON.stringify(form) !== JSON.stringify(channelForm(channel));
  const patch = (change: Partial<ChannelForm>) => setForm((now) => ({ ...now, ...change }));
  const close = () => (changed && !asking ? setAsking(true) : onClose());
  const save = () => {
    setTried(true);
    if (Object.keys(problems).length > 0 || doing.status === 'busy') return;
    run(async () => {
      const input = channelInput(form);
      const saved =
        channel === null ? await api.messages.addChannel(input) : await api.messages.updateChannel({ id: channel.id, ...input });
      notifications.show({ message: `${saved.name} was saved. A test shows whether it works.` });
      catalogChanged();
      onClose();
    });
  };
  const part = { form, patch, problems: tried ? problems : {}, holds };
  return (
    <Modal
      opened
      onClose={close}
      title={channel === null ? 'New channel' : `Channel ${channel.name}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        aria-label={channel === null ? 'New channel' : `Channel ${channel.name}`}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack gap="md">
          {channel === null && <KindChoice kind={form.kind} onChange={(kind) => patch({ kind })} />}
          <Group align="flex-end" gap="md" wrap="nowrap">
            <TextInput
              label="Name"
              placeholder="e.g. DBAs on call"
              maxLength={100}
              value={form.name}
              onChange={(event) => patch({ name: event.currentTarget.value })}
              error={part.problems.name}
              style={{ flex: 1 }}
              data-autofocus
            />
            <Switch
              label={form.enabled ? 'On' : 'Off'}
              aria-label="On"
              checked={form.enabled}
              onChange={(event) => patch({ enabled: event.currentTarget.checked })}
              w={62}
              pb={5}
            />
          </Group>
          <Target {...part} />
          {form.kind !== 'ping' && <Events {...part} />}
          <Schedules {...part} />
          {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
          {asking && (
            <Notice
              tone="warn"
              role="alert"
              title="The changes are not saved yet"
              actions={
                <Group gap="xs">
                  <Button variant="default" onClick={() => setAsking(false)}>
                    Keep editing
                  </Button>
                  <Button color="red" onClick={onClose}>
                    Discard the changes
                  </Button>
                </Group>
              }
            />
          )}
          <Group justify="flex-end" gap="xs" className={styles['footer'] ?? ''}>
            <Button variant="default" onClick={close}>
              Close
            </Button>
            <Button type="submit" disabled={channel !== null && !changed} loading={doing.status === 'busy'}>
              {channel === null ? 'Add the channel' : 'Save changes'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function KindChoice({ kind, onChange }: { kind: ChannelForm['kind']; onChange: (kind: ChannelForm['kind']) => void }) {
  return (
    <div className={styles['kinds']} role="radiogroup" aria-label="Kind">
      {kinds.map((one) => (
        <label key={one.value} className={styles['kind']} title={one.about}>
          <input type="radio" name="channel-kind" value={one.value} checked={one.value === kind} onChange={() => onChange(one.value)} />
          <ChannelIcon kind={one.value} />
          <span>{one.label}</span>
        </label>
      ))}
    </div>
  );
}
