// What a receiver can trust, and what nobody else gets to see.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { expect, test } from 'vitest';
import { startHttpReceiver } from '../../support/http-receiver.ts';
import { filesHolding } from './told.ts';
import { eachTestDelivers } from './each-test-delivers.ts';

const d = eachTestDelivers();
const { add, addHook, deliver, deliveries, fail, newest } = d;

test('the signature of a webhook holds, and only with the key', async () => {
  await addHook();
  fail();
  await deliver();
  const [{ headers, body }] = d.receiver.received as [(typeof d.receiver.received)[number]];
  const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['howdah-signature'])) ?? [];
  const mac = (key: string): Buffer => createHmac('sha256', key).update(seconds).update('.').update(body).digest();
  expect(Number(seconds)).toBe(d.now / 1000);
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

test('a redirect is not followed: the secret stays where it belongs', async () => {
  const elsewhere = await startHttpReceiver();
  await addHook();
  d.receiver.usual = { status: 307, headers: { location: `${elsewhere.url}/hook/s3cret-Token-77` } };
  fail();
  await deliver();
  expect((await newest()).state).toBe('waiting');
  expect(elsewhere.received).toEqual([]);
  await elsewhere.close();
});

test('no address, token or key is anywhere but in the secret store', async () => {
  const { id } = await addHook();
  d.receiver.usual = { status: 400, body: 'bad /hook/s3cret-Token-77 with signing-Key-55' };
  fail();
  await deliver();
  expect((await newest()).error?.detail).toBe('HTTP 400 bad **** with ****');
  await d.engine.client.messages.removeChannel({ id });
  await add({ kind: 'telegram', chatId: '42' }, { token: '123:telegram-Token-9', apiBase: d.receiver.url });
  d.receiver.usual = { status: 404, body: 'bad /bot123:telegram-Token-9/sendMessage, or 123%3Atelegram-Token-9' };
  fail();
  await deliver();
  expect((await newest()).error?.detail).toContain('****');
  const secrets = ['s3cret-Token-77', 'signing-Key-55', 'telegram-Token-9'];
  const shown = JSON.stringify([await deliveries(), await d.engine.client.messages.channels(), d.engine.faults]);
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(filesHolding(d.engine.home, secrets)).toEqual([]);
});

test('a damaged secret is said without quoting it', async () => {
  const { id } = await addHook();
  await d.engine.ports.secrets.set(id, 'pass-not-JSON-9');
  fail();
  await deliver();
  expect((await newest()).error).toMatchObject({ code: 'SECRET_STORE_FAILED' });
  expect(JSON.stringify(await deliveries()) + d.engine.faults.join()).not.toContain('pass-not');
});
