// What was sent, to whom, and what became of it; newest first.
import { Select } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import type { Channel, Delivery } from '../../shared/contract/messages.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { dateTime } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty } from '../ui/PageFrame.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { eventChoices } from './channel-form.ts';
import { DeliveryState } from './ChannelRow.tsx';
import styles from './messages.module.css';

const most = 500;

export function Deliveries({ channels }: { channels: readonly Channel[] }) {
  const catalog = useApp((state) => state.catalog);
  const [channelId, setChannelId] = useState<string | null>(null);
  const [deliveries, again] = useLoad(
    `deliveries ${channelId}`,
    () => api.messages.deliveries({ limit: most, ...(channelId === null ? {} : { channelId }) }),
    catalog,
  );
  return (
    <>
      <div className={styles['filter']}>
        <Select
          aria-label="Channel"
          placeholder="Every channel"
          data={channels.map((channel) => ({ value: channel.id, label: channel.name }))}
          value={channelId}
          onChange={setChannelId}
          clearable
          w={260}
        />
      </div>
      <Loaded of={deliveries} what="messages" retry={again}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon={<IconMail size={36} aria-hidden />} title="No message yet">
              <p>Each message is on record here: when it was sent, how often it was tried, and why it did not go through.</p>
            </Empty>
          ) : (
            <ScrollRegion label="Messages" className={styles['record']}>
              <table className={styles['table']} aria-label="Messages">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Channel</th>
                    <th scope="col">About</th>
                    <th scope="col">State</th>
                    <th scope="col">Tries</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((delivery) => (
                    <Row key={delivery.id} delivery={delivery} />
                  ))}
                </tbody>
              </table>
              {all.length === most && <p className={`dim ${styles['note']}`}>{`The newest ${most} are shown.`}</p>}
            </ScrollRegion>
          )
        }
      </Loaded>
    </>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  return (
    <tr>
      <td className="numbers">{dateTime(delivery.createdAt, true)}</td>
      <td className="cut" title={delivery.channel}>
        {delivery.channel}
      </td>
      <td>
        <div className="cut" title={delivery.subject}>
          {delivery.subject}
        </div>
        <div className="dim cut">{eventName(delivery.event)}</div>
        {delivery.error !== null && (
          <div className={styles['fault']}>
            {delivery.error.message} <span className="dim">{delivery.error.hint}</span>
          </div>
        )}
      </td>
      <td>
        <DeliveryState delivery={delivery} />
      </td>
      <td className="numbers">{delivery.tries}</td>
    </tr>
  );
}

function eventName(event: Delivery['event']): string {
  if (event === 'test') return 'Test';
  if (event === 'ping') return 'Ping';
  return eventChoices.find((choice) => choice.value === event)?.label ?? event;
}
