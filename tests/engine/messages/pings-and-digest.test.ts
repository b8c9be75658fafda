// Pings that watch over schedules, and the digest of the week.
import { describe, expect, test } from 'vitest';
import type { ChannelFields } from '../../../shared/contract/messages.ts';
import { putRun, run } from './told.ts';
import { eachTestDelivers } from './each-test-delivers.ts';

const d = eachTestDelivers();
const { add, addHook, deliver, deliveries, fail } = d;

describe('pings', () => {
  const ping = (withStart = true, fields: Partial<ChannelFields> = {}) =>
    add({ kind: 'ping', withStart }, { url: `${d.receiver.url}/ping/uuid-1234?rid=1` }, fields);
  const tell = (kind: 'run-started' | 'run-ended', change: Parameters<typeof run>[0]): void =>
    d.engine.engine.messages.tell({ kind, run: run(change) });

  test('a ping of a start that its receiver always refuses keeps the success back for seconds only', async () => {
    await ping();
    d.receiver.answers = [{ status: 404 }, { status: 404 }, { status: 404 }];
    d.engine.engine.messages.tell({ kind: 'run-started', run: run({ state: 'running' }) });
    fail({ state: 'succeeded', error: null });
    for (const seconds of [0, 10, 30]) {
      d.now += seconds * 1000;
      await deliver();
    }
    await deliver();
    expect(d.receiver.received.at(-1)?.path).toBe('/ping/uuid-1234?rid=1');
    expect((await deliveries()).map(({ subject, state }) => `${subject.split(':')[0]} ${state}`)).toEqual(['success sent', 'start failed']);
  });

  test('a ping of a start, then of success or failure, in order even where the first is refused', async () => {
    await ping();
    d.receiver.answers = [{ status: 500 }];
    tell('run-started', { state: 'running', error: null });
    tell('run-ended', { state: 'succeeded', error: null });
    tell('run-started', { state: 'running', error: null });
    tell('run-ended', { state: 'failed' });
    tell('run-ended', { state: 'cancelled', reason: 'by-user', error: null });
    await deliver();
    d.now += 10_000;
    await deliver();
    expect(d.receiver.received.map((one) => `${one.method} ${one.path}`)).toEqual([
      'GET /ping/uuid-1234/start?rid=1',
      'GET /ping/uuid-1234/start?rid=1',
      'GET /ping/uuid-1234?rid=1',
      'GET /ping/uuid-1234/start?rid=1',
      'GET /ping/uuid-1234/fail?rid=1',
    ]);
  });

  test('a cleanup does not vouch for backups, unless it is named', async () => {
    await ping(false);
    tell('run-started', { state: 'running' });
    tell('run-ended', { state: 'succeeded', kind: 'cleanup' });
    await deliver();
    expect(d.receiver.received).toEqual([]);
    await ping(false, { scheduleIds: ['sch_nightly'] });
    tell('run-ended', { state: 'succeeded', kind: 'cleanup' });
    await deliver();
    expect(d.receiver.received.length).toBe(1);
  });

  test('the test of a ping calls the address of success', async () => {
    const { id } = await ping();
    await d.engine.client.messages.test({ id });
    expect(d.receiver.received.map((one) => one.path)).toEqual(['/ping/uuid-1234?rid=1']);
  });
});

describe('the digest of the week', () => {
  test('the digest of the week comes once, also where nobody was awake on Monday at eight', async () => {
    d.now = new Date(2026, 10, 18, 12).getTime(); // a Wednesday
    await addHook({}, { events: ['digest'] });
    putRun(d.engine.home, { state: 'succeeded', plannedAt: new Date(2026, 10, 19, 2).toISOString(), sizeBytes: 2_000_000 });
    putRun(d.engine.home, { state: 'failed', plannedAt: new Date(2026, 10, 20, 2).toISOString() });
    putRun(d.engine.home, { state: 'missed', plannedAt: new Date(2026, 10, 21, 2).toISOString() });
    d.now = new Date(2026, 10, 23, 7, 59).getTime();
    await deliver();
    expect(d.receiver.received).toEqual([]);
    d.now = new Date(2026, 10, 25, 20).getTime(); // asleep until Wednesday evening
    await deliver();
    await deliver();
    d.now = new Date(2026, 10, 30, 7, 59).getTime();
    await deliver();
    expect(d.receiver.received.length).toBe(1);
    expect(JSON.parse(d.receiver.received[0]?.body ?? '')).toMatchObject({
      event: 'digest',
      subject: "The week's backups: 1 failed, 1 missed, 1 succeeded",
      items: [{ name: 'Nightly (shop)', state: 'failed' }],
    });
    d.now = new Date(2026, 10, 30, 8).getTime();
    await deliver();
    expect(d.receiver.received.length).toBe(2);
  });
});
