import { channelFields } from '../../../shared/contract/messages.ts';
import type { EngineContext } from '../context.ts';
import { createChannels } from './channels.ts';

/** Whoever has schedules and no channel at all is told on this computer's desktop, where the host can show that. */
export async function tellThisComputer({ catalog, ports }: Pick<EngineContext, 'catalog' | 'ports'>): Promise<void> {
  if (ports.host.notify === null) return;
  const channels = createChannels(catalog, ports);
  if (channels.list().length > 0) return;
  await channels.add(channelFields.parse({ name: 'This computer', target: { kind: 'desktop' } }), {});
}
