// Webhooks against a real HTTP server that fails first: when they are tried again, in which order.
import { expect, test } from 'vitest';
import { insideOf } from './inside.ts';
import { eachTestDelivers } from './each-test-delivers.ts';

const d = eachTestDelivers();
const { addHook, deliver, fail, newest } = d;

test('a message is tried again by the rule, under one id, until it is taken', async () => {
  await addHook();
  d.receiver.answers = [{ status: 500, body: 'no, and your hook is /hook/s3cret-Token-77' }, { status: 503 }, { status: 418 }];
  fail();
  const pauses = [];
  for (let tries = 1; tries <= 4; tries += 1) {
    await deliver();
    const delivery = await newest();
    expect(delivery.tries).toBe(tries);
    if (delivery.nextTryAt === null) break;
    expect(delivery.error?.code).toBe('MESSAGE_NOT_SENT');
    pauses.push(Date.parse(delivery.nextTryAt) - d.now);
    d.now = Date.parse(delivery.nextTryAt) - 1;
    await deliver(); // a moment too soon: nothing
    expect((await newest()).tries).toBe(tries);
    d.now += 1;
  }
  expect(pauses).toEqual([10_000, 30_000, 60_000]);
  expect(await newest()).toMatchObject({ state: 'sent', tries: 4, error: null, sentAt: new Date(d.now).toISOString() });
  const ids = d.receiver.received.map((one) => one.headers['howdah-delivery']);
  expect(ids).toEqual(Array(4).fill((await newest()).id));
});

test('after a day of tries a message is failed, on record', async () => {
  await addHook({ url: 'http://127.0.0.1:9/nobody-listens-here' });
  fail();
  const begin = d.now;
  const pauses: number[] = [];
  for (;;) {
    await deliver();
    const delivery = await newest();
    if (delivery.nextTryAt === null) break;
    pauses.push((Date.parse(delivery.nextTryAt) - d.now) / 1000);
    d.now = Date.parse(delivery.nextTryAt);
  }
  expect(pauses.slice(0, 9)).toEqual([10, 30, 60, 120, 300, 600, 1800, 3600, 3600]);
  expect(d.now - begin).toBeGreaterThan(23 * 3_600_000);
  expect(d.now - begin).toBeLessThanOrEqual(24 * 3_600_000);
  expect(await newest()).toMatchObject({ state: 'failed', error: { code: 'MESSAGE_NOT_SENT' } });
});

test.each([
  ['in seconds', { status: 429, headers: { 'retry-after': '300' } }],
  ['as a date', { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 01:05:10 GMT' } }],
  ['in the answer', { status: 429, body: '{"retry_after":300}' }],
  ["in Telegram's way", { status: 429, body: '{"ok":false,"parameters":{"retry_after":300}}' }],
])('a receiver that asks for a pause gets it: %s', async (_, answer) => {
  await addHook();
  d.receiver.answers = [answer];
  fail();
  await deliver();
  expect(Date.parse((await newest()).nextTryAt ?? '') - d.now).toBe(300_000);
});

test('messages keep their order behind one that waits for its next try', async () => {
  await addHook();
  d.receiver.answers = [{ status: 500 }];
  for (const schedule of ['one', 'two', 'three']) fail({ schedule });
  await deliver();
  expect(d.receiver.received.length).toBe(1);
  d.now += 10_000;
  await deliver();
  expect(d.receiver.received.map((one) => (JSON.parse(one.body) as { schedule: string }).schedule)).toEqual(['one', 'one', 'two', 'three']);
});

test('a message that is always refused does not keep an alarm back for a day', async () => {
  await addHook();
  d.receiver.answers = Array.from({ length: 4 }, () => ({ status: 400 }));
  fail({ schedule: 'refused' });
  for (const pause of [0, 10, 30, 60]) {
    d.now += pause * 1000;
    await deliver();
  }
  fail({ schedule: 'alarm' });
  await deliver();
  expect(d.receiver.received.at(-1)?.body).toContain('"alarm"');
});

test('a clock that was ahead leaves nothing waiting for a time to come', async () => {
  await addHook();
  const right = d.now;
  d.now += 4 * 365 * 86_400_000;
  fail();
  d.now = right;
  await deliver();
  expect(await newest()).toMatchObject({ state: 'sent' });
});

test('a channel that cannot be read keeps nobody else from being told, nor the record from being written', async () => {
  await addHook();
  const { catalog } = insideOf(d.engine);
  catalog
    .prepare("insert into channels (id, name, fields, holds, place, created_at) values ('cha_odd', 'odd', ?, '[]', '', ?)")
    .run(JSON.stringify({ target: { kind: 'pigeon' } }), new Date(d.now).toISOString());
  fail();
  await deliver();
  expect(d.receiver.received).toHaveLength(1);
  expect(await d.engine.client.messages.channels()).toHaveLength(1);
  expect(d.engine.faults.filter((line) => line.includes('"odd" cannot be read'))).not.toEqual([]);
  catalog.close();
});
