// Deliveries over several processes: one that is killed, two at once, one that leads, one with a desktop.
import { expect, test } from 'vitest';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { startHttpReceiver } from '../../support/http-receiver.ts';
import { until } from '../../support/wait.ts';
import { startDelivering } from './delivering.ts';
import { insideOf } from './inside.ts';
import { otherConnection, run } from './told.ts';
import { eachTestDelivers } from './each-test-delivers.ts';

const d = eachTestDelivers();
const { add, addHook, deliver, deliveries, fail, newest } = d;

test('a sender is killed in the middle: another takes it up, under the same id', async () => {
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

test('two processes at once send each message once', async () => {
  await addHook();
  const second = await makeEngine({ home: d.engine.home, clock: () => d.now });
  for (let count = 0; count < 10; count += 1) fail({ schedule: `s${count}` });
  await Promise.all([deliver(), second.engine.messages.deliver()]);
  await deliver();
  const sent = d.receiver.received.map((one) => (JSON.parse(one.body) as { schedule: string }).schedule);
  expect(sent).toEqual(Array.from({ length: 10 }, (_, count) => `s${count}`));
  await second.close();
});

test('what is told inside a transaction that fails was never told', async () => {
  await addHook();
  const { catalog, messages } = insideOf(d.engine);
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

test('who leads sends by itself; closing waits for no receiver that never answers', async () => {
  await addHook();
  fail({ schedule: 'before it led' });
  d.engine.engine.messages.lead(true);
  await until('the first', () => d.receiver.received.length === 1);
  fail({ schedule: 'while it leads' });
  await until('the second', () => d.receiver.received.length === 2);
  d.receiver.usual = 'silence';
  fail({ schedule: 'never answered' });
  await until('the third', () => d.receiver.received.length === 3);
  await d.engine.close();
  const again = await makeEngine({ home: d.engine.home, clock: () => d.now });
  expect(await again.client.messages.deliveries({})).toMatchObject([{ state: 'waiting', tries: 1 }, { state: 'sent' }, { state: 'sent' }]);
  d.engine = again;
});

test('the desktop program shows its notifications, whoever leads', async () => {
  await add({ kind: 'desktop' }, {});
  await addHook();
  const shown: string[] = [];
  const desktop = await makeEngine({
    home: d.engine.home,
    clock: () => d.now,
    notify: (message) => Promise.resolve(void shown.push(message.title)),
  });
  desktop.engine.messages.tell({ kind: 'run-ended', run: run() });
  await until('the notification', () => shown.length === 1);
  expect(d.receiver.received).toEqual([]); // that is for the leader
  await deliver();
  expect(d.receiver.received.length).toBe(1);
  expect(shown.length).toBe(1);
  await desktop.close();
});

test('delivering with patience also waits for the next try', async () => {
  const real = await makeEngine({ home: d.engine.home });
  await addHook();
  d.receiver.answers = [{ status: 503 }];
  real.engine.messages.tell({ kind: 'run-ended', run: run() });
  await real.engine.messages.deliver(1000); // the next try is later than that
  expect((await newest()).tries).toBe(1);
  const db = otherConnection(d.engine.home);
  db.prepare('update outbox set next_try_at = ?').run(new Date(Date.now() + 300).toISOString());
  db.close();
  await real.engine.messages.deliver(5000);
  expect(await newest()).toMatchObject({ state: 'sent', tries: 2 });
  await real.close();
});
