// Webhooks and pings against a real HTTP server that fails first, with a clock that the test moves.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelFields, ChannelSecret, Delivery } from '../../../shared/contract/messages.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { startHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts';
import { until } from '../../support/wait.ts';
import { startDelivering } from './delivering.ts';
import { insideOf } from './inside.ts';
import { channel, filesHolding, otherConnection, putRun, run } from './told.ts';

let now: number;
let engine: TestEngine;
let receiver: HttpReceiver;

beforeEach(async () => {
  now = Date.parse('2026-11-21T01:00:10.000Z');
  receiver = await startHttpReceiver();
  engine = await makeEngine({ clock: () => now });
});
afterEach(async () => {
  await engine.close();
  await receiver.close();
  expect(engine.faults.filter((line) => line.includes('fault'))).toEqual([]);
});

const add = (target: ChannelFields['target'], secret: ChannelSecret, fields: Partial<ChannelFields> = {}) =>
  engine.client.messages.addChannel({ channel: channel({ name: `c${Math.random()}`, target, ...fields }), secret });
const addHook = (secret: ChannelSecret = {}, fields: Partial<ChannelFields> = {}) =>
  add({ kind: 'webhook' }, { url: `${receiver.url}/hook/s3cret-Token-77`, signingKey: 'signing-Key-55', ...secret }, fields);
const fail = (change = {}): void => engine.engine.messages.tell({ kind: 'run-ended', run: run(change) });
const deliver = () => engine.engine.messages.deliver();
const deliveries = (): Promise<Delivery[]> => engine.client.messages.deliveries({});
const newest = async (): Promise<Delivery> => (await deliveries())[0] as Delivery;

test('it is tried again by the rule, under one id, until it is taken', async () => {
  await addHook();
  receiver.answers = [{ status: 500, body: 'no, and your hook is /hook/s3cret-Token-77' }, { status: 503 }, { status: 418 }];
  fail();
  const pauses = [];
  for (let tries = 1; tries <= 4; tries += 1) {
    await deliver();
    const delivery = await newest();
    expect(delivery.tries).toBe(tries);
    if (delivery.nextTryAt === null) break;
    expect(delivery.error?.code).toBe('MESSAGE_NOT_SENT');
    pauses.push(Date.parse(delivery.nextTryAt) - now);
    now = Date.parse(delivery.nextTryAt) - 1;
    await deliver(); // a moment too soon: nothing
    expect((await newest()).tries).toBe(tries);
    now += 1;
  }
  expect(pauses).toEqual([10_000, 30_000, 60_000]);
  expect(await newest()).toMatchObject({ state: 'sent', tries: 4, error: null, sentAt: new Date(now).toISOString() });
  const ids = receiver.received.map((one) => one.headers['howdah-delivery']);
  expect(ids).toEqual(Array(4).fill((await newest()).id));
});

test('after a day of tries it is failed, on record', async () => {
  await addHook({ url: 'http://127.0.0.1:9/nobody-listens-here' });
  fail();
  const begin = now;
  const pauses: number[] = [];
  for (;;) {
    await deliver();
    const delivery = await newest();
    if (delivery.nextTryAt === null) break;
    pauses.push((Date.parse(delivery.nextTryAt) - now) / 1000);
    now = Date.parse(delivery.nextTryAt);
  }
  expect(pauses.slice(0, 9)).toEqual([10, 30, 60, 120, 300, 600, 1800, 3600, 3600]);
  expect(now - begin).toBeGreaterThan(23 * 3_600_000);
  expect(now - begin).toBeLessThanOrEqual(24 * 3_600_000);
  expect(await newest()).toMatchObject({ state: 'failed', error: { code: 'MESSAGE_NOT_SENT' } });
});

test.each([
  ['in seconds', { status: 429, headers: { 'retry-after': '300' } }],
  ['as a date', { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 01:05:10 GMT' } }],
  ['in the answer', { status: 429, body: '{"retry_after":300}' }],
  ["in Telegram's way", { status: 429, body: '{"ok":false,"parameters":{"retry_after":300}}' }],
])('a receiver that asks for a pause gets it: %s', async (_, answer) => {
  await addHook();
  receiver.answers = [answer];
  fail();
  await deliver();
  expect(Date.parse((await newest()).nextTryAt ?? '') - now).toBe(300_000);
});

test('the signature holds, and only with the key', async () => {
  await addHook();
  fail();
  await deliver();
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[number]];
  const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['howdah-signature'])) ?? [];
  const mac = (key: string): Buffer => createHmac('sha256', key).update(seconds).update('.').update(body).digest();
  expect(Number(seconds)).toBe(now / 1000);
  expect(timingSafeEqual(mac('signing-Key-55'), Buffer.from(given, 'hex'))).toBe(true);
  expect(mac('another').equals(Buffer.from(given, 'hex'))).toBe(false);
  expect(JSON.parse(body)).toMatchObject({
    version: 1,
    delivery: headers['howdah-delivery'],
    event: 'failed',
    schedule: 'Nightly',
    plannedAt: '2026-11-21T01:00:00.000Z',
    durationMs: 4200,
    error: { code: 'CONNECTION_FAILED' },
  });
});

test('order is kept behind one that waits for its next try', async () => {
  await addHook();
  receiver.answers = [{ status: 500 }];
  for (const schedule of ['one', 'two', 'three']) fail({ schedule });
  await deliver();
  expect(receiver.received.length).toBe(1);
  now += 10_000;
  await deliver();
  expect(receiver.received.map((one) => (JSON.parse(one.body) as { schedule: string }).schedule)).toEqual(['one', 'one', 'two', 'three']);
});

test('one that is always refused does not keep an alarm back for a day', async () => {
  await addHook();
  receiver.answers = Array.from({ length: 4 }, () => ({ status: 400 }));
  fail({ schedule: 'refused' });
  for (const pause of [0, 10, 30, 60]) {
    now += pause * 1000;
    await deliver();
  }
  fail({ schedule: 'alarm' });
  await deliver();
  expect(receiver.received.at(-1)?.body).toContain('"alarm"');
});

test('a redirect is not followed: the secret stays where it belongs', async () => {
  const elsewhere = await startHttpReceiver();
  await addHook();
  receiver.usual = { status: 307, headers: { location: `${elsewhere.url}/hook/s3cret-Token-77` } };
  fail();
  await deliver();
  expect((await newest()).state).toBe('waiting');
  expect(elsewhere.received).toEqual([]);
  await elsewhere.close();
});

test('killed in the middle of sending: another takes it up, under the same id', async () => {
  const home = makeHome();
  const silent = await startHttpReceiver();
  silent.usual = 'silence';
  const child = await startDelivering(home, `${silent.url}/hook/abcdefgh`);
  await child.reached(() => silent.received.length === 1);
  await child.kill();
  silent.usual = { status: 200 };
  let later = Date.now() + 1000;
  const next = await makeEngine({ home, clock: () => later });
  await next.engine.messages.deliver();
  expect(silent.received.length).toBe(1); // it may still be on its way
  later += 121_000;
  await next.engine.messages.deliver();
  expect(silent.received.map((one) => one.headers['howdah-delivery'])).toEqual(
    Array(2).fill((await next.client.messages.deliveries({}))[0]?.id),
  );
  expect((await next.client.messages.deliveries({}))[0]).toMatchObject({ state: 'sent', tries: 2 });
  await next.close();
  await silent.close();
});

test('two processes at once send it once', async () => {
  await addHook();
  const second = await makeEngine({ home: engine.home, clock: () => now });
  for (let count = 0; count < 10; count += 1) fail({ schedule: `s${count}` });
  await Promise.all([deliver(), second.engine.messages.deliver()]);
  await deliver();
  const sent = receiver.received.map((one) => (JSON.parse(one.body) as { schedule: string }).schedule);
  expect(sent).toEqual(Array.from({ length: 10 }, (_, count) => `s${count}`));
  await second.close();
});

test('what is told inside a transaction that fails was never told', async () => {
  await addHook();
  const { catalog, messages } = insideOf(engine);
  expect(() =>
    catalog
      .transaction(() => {
        messages.tell({ kind: 'run-ended', run: run() });
        throw new Error('taken back');
      })
      .immediate(),
  ).toThrow('taken back');
  catalog.transaction(() => messages.tell({ kind: 'run-ended', run: run({ schedule: 'kept' }) })).immediate();
  expect((await deliveries()).map((one) => one.subject)).toEqual([expect.stringContaining('kept')]);
  await messages.close();
  catalog.close();
});

test('a clock that was ahead leaves nothing waiting for a time to come', async () => {
  await addHook();
  const right = now;
  now += 4 * 365 * 86_400_000;
  fail();
  now = right;
  await deliver();
  expect(await newest()).toMatchObject({ state: 'sent' });
});

test('while it leads it sends by itself; closing waits for no receiver that never answers', async () => {
  await addHook();
  fail({ schedule: 'before it led' });
  engine.engine.messages.lead(true);
  await until('the first', () => receiver.received.length === 1);
  fail({ schedule: 'while it leads' });
  await until('the second', () => receiver.received.length === 2);
  receiver.usual = 'silence';
  fail({ schedule: 'never answered' });
  await until('the third', () => receiver.received.length === 3);
  await engine.close();
  const again = await makeEngine({ home: engine.home, clock: () => now });
  expect(await again.client.messages.deliveries({})).toMatchObject([{ state: 'waiting', tries: 1 }, { state: 'sent' }, { state: 'sent' }]);
  engine = again;
});

test('the desktop program shows its notifications, whoever leads', async () => {
  await add({ kind: 'desktop' }, {});
  await addHook();
  const shown: string[] = [];
  const desktop = await makeEngine({
    home: engine.home,
    clock: () => now,
    notify: (message) => Promise.resolve(void shown.push(message.title)),
  });
  desktop.engine.messages.tell({ kind: 'run-ended', run: run() });
  await until('the notification', () => shown.length === 1);
  expect(receiver.received).toEqual([]); // that is for the leader
  await deliver();
  expect(receiver.received.length).toBe(1);
  expect(shown.length).toBe(1);
  await desktop.close();
});

test('with patience it also waits for the next try', async () => {
  const real = await makeEngine({ home: engine.home });
  await addHook();
  receiver.answers = [{ status: 503 }];
  real.engine.messages.tell({ kind: 'run-ended', run: run() });
  await real.engine.messages.deliver(1000); // the next try is later than that
  expect((await newest()).tries).toBe(1);
  const db = otherConnection(engine.home);
  db.prepare('update outbox set next_try_at = ?').run(new Date(Date.now() + 300).toISOString());
  db.close();
  await real.engine.messages.deliver(5000);
  expect(await newest()).toMatchObject({ state: 'sent', tries: 2 });
  await real.close();
});

describe('pings', () => {
  const ping = (withStart = true, fields: Partial<ChannelFields> = {}) =>
    add({ kind: 'ping', withStart }, { url: `${receiver.url}/ping/uuid-1234?rid=1` }, fields);
  const tell = (kind: 'run-started' | 'run-ended', change: Parameters<typeof run>[0]): void =>
    engine.engine.messages.tell({ kind, run: run(change) });

  test('a start that its receiver always refuses keeps the success back for seconds only', async () => {
    await ping();
    receiver.answers = [{ status: 404 }, { status: 404 }, { status: 404 }];
    engine.engine.messages.tell({ kind: 'run-started', run: run({ state: 'running' }) });
    fail({ state: 'succeeded', error: null });
    for (const seconds of [0, 10, 30]) {
      now += seconds * 1000;
      await deliver();
    }
    await deliver();
    expect(receiver.received.at(-1)?.path).toBe('/ping/uuid-1234?rid=1');
    expect((await deliveries()).map(({ subject, state }) => `${subject.split(':')[0]} ${state}`)).toEqual(['success sent', 'start failed']);
  });

  test('start, then success or failure, in order even where the first is refused', async () => {
    await ping();
    receiver.answers = [{ status: 500 }];
    tell('run-started', { state: 'running', error: null });
    tell('run-ended', { state: 'succeeded', error: null });
    tell('run-started', { state: 'running', error: null });
    tell('run-ended', { state: 'failed' });
    tell('run-ended', { state: 'cancelled', reason: 'by-user', error: null });
    await deliver();
    now += 10_000;
    await deliver();
    expect(receiver.received.map((one) => `${one.method} ${one.path}`)).toEqual([
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
    expect(receiver.received).toEqual([]);
    await ping(false, { scheduleIds: ['sch_nightly'] });
    tell('run-ended', { state: 'succeeded', kind: 'cleanup' });
    await deliver();
    expect(receiver.received.length).toBe(1);
  });

  test('a test calls the address of success', async () => {
    const { id } = await ping();
    await engine.client.messages.test({ id });
    expect(receiver.received.map((one) => one.path)).toEqual(['/ping/uuid-1234?rid=1']);
  });
});

describe('the digest of the week', () => {
  test('once, also where nobody was awake on Monday at eight', async () => {
    now = new Date(2026, 10, 18, 12).getTime(); // a Wednesday
    await addHook({}, { events: ['digest'] });
    putRun(engine.home, { state: 'succeeded', plannedAt: new Date(2026, 10, 19, 2).toISOString(), sizeBytes: 2_000_000 });
    putRun(engine.home, { state: 'failed', plannedAt: new Date(2026, 10, 20, 2).toISOString() });
    putRun(engine.home, { state: 'missed', plannedAt: new Date(2026, 10, 21, 2).toISOString() });
    now = new Date(2026, 10, 23, 7, 59).getTime();
    await deliver();
    expect(receiver.received).toEqual([]);
    now = new Date(2026, 10, 25, 20).getTime(); // asleep until Wednesday evening
    await deliver();
    await deliver();
    now = new Date(2026, 10, 30, 7, 59).getTime();
    await deliver();
    expect(receiver.received.length).toBe(1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      event: 'digest',
      subject: "The week's backups: 1 failed, 1 missed, 1 succeeded",
      items: [{ name: 'Nightly (shop)', state: 'failed' }],
    });
    now = new Date(2026, 10, 30, 8).getTime();
    await deliver();
    expect(receiver.received.length).toBe(2);
  });
});

test('no address, token or key is anywhere but in the secret store', async () => {
  const { id } = await addHook();
  receiver.usual = { status: 400, body: 'bad /hook/s3cret-Token-77 with signing-Key-55' };
  fail();
  await deliver();
  expect((await newest()).error?.detail).toBe('HTTP 400 bad **** with ****');
  await engine.client.messages.removeChannel({ id });
  await add({ kind: 'telegram', chatId: '42' }, { token: '123:telegram-Token-9', apiBase: receiver.url });
  receiver.usual = { status: 404, body: 'bad /bot123:telegram-Token-9/sendMessage, or 123%3Atelegram-Token-9' };
  fail();
  await deliver();
  expect((await newest()).error?.detail).toContain('****');
  const secrets = ['s3cret-Token-77', 'signing-Key-55', 'telegram-Token-9'];
  const shown = JSON.stringify([await deliveries(), await engine.client.messages.channels(), engine.faults]);
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(filesHolding(engine.home, secrets)).toEqual([]);
});

test('a channel that cannot be read keeps nobody else from being told, nor the record from being written', async () => {
  await addHook();
  const { catalog } = insideOf(engine);
  catalog
    .prepare("insert into channels (id, name, fields, holds, place, created_at) values ('cha_odd', 'odd', ?, '[]', '', ?)")
    .run(JSON.stringify({ target: { kind: 'pigeon' } }), new Date(now).toISOString());
  fail();
  await deliver();
  expect(receiver.received).toHaveLength(1);
  expect(await engine.client.messages.channels()).toHaveLength(1);
  expect(engine.faults.filter((line) => line.includes('"odd" cannot be read'))).not.toEqual([]);
  catalog.close();
});

test('a damaged secret is said without quoting it', async () => {
  const { id } = await addHook();
  await engine.ports.secrets.set(id, 'pass-not-JSON-9');
  fail();
  await deliver();
  expect((await newest()).error).toMatchObject({ code: 'SECRET_STORE_FAILED' });
  expect(JSON.stringify(await deliveries()) + engine.faults.join()).not.toContain('pass-not');
});
