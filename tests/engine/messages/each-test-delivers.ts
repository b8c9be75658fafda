// Channels of an engine against a real HTTP server, with a clock that the test moves.
import { afterEach, beforeEach, expect } from 'vitest';
import type { ChannelFields, ChannelSecret, Delivery } from '../../../shared/contract/messages.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { startHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts';
import { channel, run } from './told.ts';

export const signingKey = 'signing-Key-55';
export const hookPath = '/hook/s3cret-Token-77';

/** Anew for each test, at whose end no fault may have been met. */
export function eachTestDelivers() {
  const d = {
    now: 0,
    engine: {} as TestEngine,
    receiver: {} as HttpReceiver,
    add: (target: ChannelFields['target'], secret: ChannelSecret, fields: Partial<ChannelFields> = {}) =>
      d.engine.client.messages.addChannel({ channel: channel({ name: `c${Math.random()}`, target, ...fields }), secret }),
    addHook: (secret: ChannelSecret = {}, fields: Partial<ChannelFields> = {}) =>
      d.add({ kind: 'webhook' }, { url: `${d.receiver.url}${hookPath}`, signingKey, ...secret }, fields),
    fail: (change = {}): void => d.engine.engine.messages.tell({ kind: 'run-ended', run: run(change) }),
    deliver: () => d.engine.engine.messages.deliver(),
    deliveries: (): Promise<Delivery[]> => d.engine.client.messages.deliveries({}),
    newest: async (): Promise<Delivery> => (await d.deliveries())[0] as Delivery,
  };
  beforeEach(async () => {
    d.now = Date.parse('2026-11-21T01:00:10.000Z');
    d.receiver = await startHttpReceiver();
    d.engine = await makeEngine({ clock: () => d.now });
  });
  afterEach(async () => {
    await d.engine.close();
    await d.receiver.close();
    expect(d.engine.faults.filter((line) => line.includes('fault'))).toEqual([]);
  });
  return d;
}
