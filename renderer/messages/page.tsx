// Messages: who is told of what happens while nobody looks, and what was sent.
import { Button, Tabs } from '@mantine/core';
import { IconBell, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Channel } from '../../shared/contract/messages.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { go, useNavigation } from '../navigation.ts';
import { plural } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, PageFrame, Scroll } from '../ui/PageFrame.tsx';
import { ChannelEditor } from './ChannelEditor.tsx';
import { ChannelRow } from './ChannelRow.tsx';
import { Deliveries } from './Deliveries.tsx';
import styles from './messages.module.css';

type Editing = { open: false } | { open: true; channel: Channel | null; round: number };

export function MessagesPage() {
  const catalog = useApp((state) => state.catalog);
  const { id } = useNavigation();
  const [channels, again] = useLoad('channels', () => api.messages.channels(), catalog);
  const [schedules] = useLoad('schedules', () => api.schedules.list(), catalog);
  const [editing, setEditing] = useState<Editing>({ open: false });
  const names = new Map(schedules.status === 'ready' ? schedules.value.map((one) => [one.id, one.name]) : []);
  const all = channels.status === 'ready' ? channels.value : [];
  const edit = (channel: Channel | null) => setEditing((now) => ({ open: true, channel, round: now.open ? now.round + 1 : 1 }));
  const close = () => {
    setEditing({ open: false });
    if (id === 'new') go('messages');
  };
  const opened: Editing = id === 'new' && !editing.open ? { open: true, channel: null, round: 0 } : editing;
  return (
    <PageFrame
      title="Messages"
      subtitle={channels.status === 'ready' ? plural(all.length, 'channel') : ''}
      actions={
        <Button leftSection={<IconPlus size={15} />} onClick={() => edit(null)}>
          Add a channel
        </Button>
      }
    >
      <Tabs
        value={id === 'sent' ? 'sent' : 'channels'}
        onChange={(value) => go('messages', value === 'sent' ? 'sent' : null)}
        classNames={{ root: styles['tabs'] ?? '', panel: styles['panel'] ?? '', list: styles['tabList'] ?? '' }}
      >
        <Tabs.List>
          <Tabs.Tab value="channels">Channels</Tabs.Tab>
          <Tabs.Tab value="sent">Record of messages</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="channels">
          <Scroll>
            <Loaded of={channels} what="channels" retry={again}>
              {(list) =>
                list.length === 0 ? (
                  <Empty
                    icon={<IconBell size={36} aria-hidden />}
                    title="Nobody is told yet"
                    actions={<Button onClick={() => edit(null)}>Add the first channel</Button>}
                  >
                    <p>
                      When a backup fails at two at night, or does not run at all, somebody should hear of it: by e-mail, Slack, Microsoft
                      Teams, Discord, Telegram, a webhook or a dead man’s ping. A message names the server, the database, the error and the
                      next step, and never a secret.
                    </p>
                  </Empty>
                ) : (
                  <ul className={styles['channels']} aria-label="Channels">
                    {list.map((channel) => (
                      <ChannelRow key={channel.id} channel={channel} schedules={names} onEdit={() => edit(channel)} />
                    ))}
                  </ul>
                )
              }
            </Loaded>
          </Scroll>
        </Tabs.Panel>
        <Tabs.Panel value="sent">
          <Deliveries channels={all} />
        </Tabs.Panel>
      </Tabs>
      {opened.open && <ChannelEditor key={opened.round} channel={opened.channel} onClose={close} />}
    </PageFrame>
  );
}
