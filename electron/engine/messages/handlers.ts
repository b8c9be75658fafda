import type { Channel, Delivery } from '../../../shared/contract/messages.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../ids.ts';
import type { Implementer } from '../implementer.ts';
import { createChannels, type StoredChannel } from './channels.ts';
import { composeTest } from './compose.ts';
import type { OutboxBody } from './message.ts';
import { outboxStore } from './outbox.ts';
import { send } from './send/send.ts';

export function messagesHandlers(os: Implementer, context: EngineContext) {
  const { catalog, ports, events } = context;
  const channels = createChannels(catalog, ports);
  const outbox = outboxStore(catalog);
  const changed = <T>(value: T): T => {
    events.emit({ kind: 'catalogChanged' });
    return value;
  };
  const shown = ({ createdAt: _createdAt, ...channel }: StoredChannel): Channel => ({
    ...channel,
    lastDelivery: outbox.list(channel.id, 1)[0] ?? null,
  });

  /** Sends now, and puts on record what came of it. Errors: MESSAGE_NOT_SENT. */
  async function test(id: string): Promise<Delivery> {
    const channel = channels.get(id);
    const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const message = composeTest(channel.name, machineZone, ports.clock());
    const body: OutboxBody = channel.target.kind === 'ping' ? { kind: 'ping', ping: 'success' } : { kind: 'message', message };
    const deliveryId = newId('msg');
    const secret = channel.holds.length === 0 ? {} : await channels.secret(id);
    const outcome = await send({ target: channel.target, secret, body, deliveryId }, ports, new AbortController().signal);
    const report = outcome.ok ? null : outcome.error.report();
    const delivery = changed(outbox.addEnded(deliveryId, channel, message.subject, body, ports.clock(), report));
    if (!outcome.ok) throw outcome.error;
    // It works now: what had been waiting for its next try need not wait longer.
    outbox.hasten(id, ports.clock());
    return delivery;
  }

  return os.messages.router({
    channels: os.messages.channels.handler(() => channels.list().map(shown)),
    addChannel: os.messages.addChannel.handler(async ({ input }) => changed(shown(await channels.add(input.channel, input.secret)))),
    updateChannel: os.messages.updateChannel.handler(async ({ input }) => {
      const channel = await channels.update(input.id, input.channel, input.secret);
      outbox.hasten(channel.id, ports.clock());
      return changed(shown(channel));
    }),
    removeChannel: os.messages.removeChannel.handler(async ({ input }) => {
      await channels.remove(input.id);
      return changed({ removed: input.id });
    }),
    test: os.messages.test.handler(({ input }) => test(input.id)),
    deliveries: os.messages.deliveries.handler(({ input }) => outbox.list(input.channelId, input.limit)),
  });
}
