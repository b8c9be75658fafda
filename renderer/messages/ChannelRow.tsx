import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPower, IconSend, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Channel, Delivery } from '../../shared/contract/messages.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { actOn } from '../app/act-on.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { ago, dateTime } from '../ui/format.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { Tag } from '../ui/Tag.tsx';
import { channelForm, channelInput, eventWords, kinds } from './channel-form.ts';
import { ChannelIcon } from './ChannelIcon.tsx';
import styles from './messages.module.css';

/** One place that messages go to, with a test whose outcome shows here. */
export function ChannelRow({
  channel,
  schedules,
  onEdit,
}: {
  channel: Channel;
  schedules: ReadonlyMap<string, string>;
  onEdit: () => void;
}) {
  const { doing, run } = useAction();
  const [tested, setTested] = useState<Delivery | null>(null);
  const [removing, setRemoving] = useState(false);
  const kind = kinds.find((one) => one.value === channel.target.kind)?.label ?? channel.target.kind;
  const test = () => {
    setTested(null);
    run(async () => {
      setTested(await api.messages.test({ id: channel.id }));
    });
  };
  return (
    <li className={styles['channel']} data-off={!channel.enabled || undefined}>
      <span className={styles['badge']}>
        <ChannelIcon kind={channel.target.kind} />
      </span>
      <div className={styles['about']}>
        <div className={styles['title']}>
          <button type="button" className={`${styles['name']} cut`} title={channel.name} onClick={onEdit}>
            {channel.name}
          </button>
          {!channel.enabled && <Tag tone="neutral">off</Tag>}
        </div>
        <div className="dim cut" title={channel.place}>
          {channel.place === '' ? kind : `${kind}: ${channel.place}`}
        </div>
        <div className={styles['told']}>
          {`Is told: ${eventWords(channel)}`}
          {channel.scheduleIds.length > 0 &&
            ` (only ${channel.scheduleIds.map((id) => schedules.get(id) ?? 'a removed schedule').join(', ')})`}
        </div>
      </div>
      <div className={styles['lastState']}>
        {channel.lastDelivery === null ? <span className="dim">nothing sent yet</span> : <DeliveryState delivery={channel.lastDelivery} />}
      </div>
      <Button
        variant="default"
        leftSection={<IconSend size={14} />}
        loading={doing.status === 'busy'}
        onClick={test}
        aria-label={`Send a test to ${channel.name}`}
      >
        Test
      </Button>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`More for ${channel.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>Edit…</Menu.Item>
          <Menu.Item
            leftSection={<IconPower size={15} />}
            onClick={() =>
              actOn(`${channel.name} could not be switched`, () =>
                api.messages.updateChannel({
                  id: channel.id,
                  channel: { ...channelInput(channelForm(channel)).channel, enabled: !channel.enabled },
                }),
              )
            }
          >
            {channel.enabled ? 'Switch off' : 'Switch on'}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setRemoving(true)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {(doing.status === 'failed' || tested !== null) && (
        <div className={styles['outcome']}>
          {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
          {tested !== null && (
            <Notice tone="ok" role="status" title="The test was taken">
              {channel.target.kind === 'desktop'
                ? 'A notification should be in sight on this machine now.'
                : `Look whether it arrived: ${channel.place}.`}
            </Notice>
          )}
        </div>
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove ${channel.name}?`}
          action={`Remove ${channel.name}`}
          typed={null}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await api.messages.removeChannel({ id: channel.id });
            catalogChanged();
          }}
        >
          <div>Nobody is told there any more. Its secrets are forgotten; what was sent stays on record.</div>
        </ConfirmDialog>
      )}
    </li>
  );
}

/** In a word, when, and why not. */
export function DeliveryState({ delivery }: { delivery: Delivery }) {
  switch (delivery.state) {
    case 'sent':
      return (
        <span className={styles['delivery']}>
          <Tag tone="ok">✓ sent</Tag>
          <span className="dim numbers" title={dateTime(delivery.sentAt ?? delivery.createdAt, true)}>
            {ago(delivery.sentAt ?? delivery.createdAt)}
          </span>
        </span>
      );
    case 'waiting':
      return (
        <span className={styles['delivery']}>
          <Tag tone={delivery.tries === 0 ? 'neutral' : 'warn'}>{delivery.tries === 0 ? 'waiting' : `try ${delivery.tries + 1} waits`}</Tag>
          {delivery.nextTryAt !== null && <span className="dim numbers">{`until ${dateTime(delivery.nextTryAt)}`}</span>}
        </span>
      );
    case 'failed':
      return (
        <span className={styles['delivery']}>
          <Tag tone="bad">✗ failed</Tag>
          <span className="dim numbers" title={dateTime(delivery.createdAt, true)}>
            {ago(delivery.createdAt)}
          </span>
        </span>
      );
  }
}
