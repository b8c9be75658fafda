// Each kind as its service gets it, and what a channel needs.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ChannelKind, ChannelSecret } from '../../../shared/contract/messages.ts';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { desktopNotification } from '../../../electron/engine/messages/render/desktop.ts';
import { composeTest } from '../../../electron/engine/messages/compose.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { startHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts';
import { channel, run } from './told.ts';

let engine: TestEngine;
let receiver: HttpReceiver;
beforeAll(async () => {
  engine = await makeEngine();
  receiver = await startHttpReceiver();
});
afterAll(async () => {
  await engine.close();
  await receiver.close();
});
afterEach(async () => {
  for (const { id } of await engine.client.messages.channels()) await engine.client.messages.removeChannel({ id });
  receiver.received.length = 0;
  receiver.usual = { status: 200, body: 'ok' };
});

const add = (target: ChannelKind, secret: ChannelSecret) =>
  engine.client.messages.addChannel({ channel: channel({ name: `my ${target.kind}`, target, events: ['failed'] }), secret });
/** Nobody connects to it. */
const shop = profileFields.parse({ name: 'shop', host: 'db.test', database: 'shop' });
const odd = 'Night*ly <!channel> & "x" | [l](http://evil.example)';

async function sentTo(target: ChannelKind, secret: ChannelSecret) {
  await add(target, secret);
  engine.engine.messages.tell({ kind: 'run-ended', run: run({ schedule: odd }) });
  await engine.engine.messages.deliver();
  const [delivery] = await engine.client.messages.deliveries({});
  expect(delivery).toMatchObject({ state: 'sent', error: null });
  const [request] = receiver.received;
  return { path: request?.path, text: request?.body ?? '', json: JSON.parse(request?.body ?? '') as unknown };
}

test('Slack: blocks, with nothing that Slack would read as markup of its own', async () => {
  const { json, text } = await sentTo({ kind: 'slack' }, { url: `${receiver.url}/services/T0/B0/xyz` });
  expect(json).toMatchObject({
    text: expect.stringContaining('FAILED: '),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: expect.stringContaining('FAILED: ') } },
      { type: 'section', text: { type: 'mrkdwn' } },
      { type: 'section', fields: expect.arrayContaining([expect.objectContaining({ text: '*Planned*\nSat 21 Nov 2026, 01:00 (UTC)' })]) },
      { type: 'section', text: { text: expect.stringContaining('[CONNECTION_FAILED]\nNext step: Check that') } },
    ],
  });
  expect(text.replace(/"plain_text","text":"[^"]*/, '')).not.toContain('<!channel>');
});

test('Teams: an Adaptive Card', async () => {
  receiver.usual = { status: 202 };
  const { json } = await sentTo({ kind: 'teams' }, { url: `${receiver.url}/workflows/1` });
  expect(json).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          version: '1.4',
          body: expect.arrayContaining([
            expect.objectContaining({ type: 'TextBlock', text: 'FAILED', color: 'Attention' }),
            expect.objectContaining({ type: 'FactSet', facts: expect.arrayContaining([{ title: 'Profile', value: 'shop' }]) }),
          ]),
        },
      },
    ],
  });
});

test('Discord: one embed that pings nobody', async () => {
  receiver.usual = { status: 204 };
  const { json } = await sentTo({ kind: 'discord' }, { url: `${receiver.url}/api/webhooks/1/abc` });
  expect(json).toMatchObject({
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: expect.stringContaining('FAILED'),
        color: 0xc92a2a,
        fields: expect.arrayContaining([{ name: 'Profile', value: 'shop', inline: true }]),
      },
    ],
  });
});

test('Telegram: HTML, escaped; an answer without ok is a refusal', async () => {
  receiver.usual = { status: 200, body: '{"ok":true,"result":{}}' };
  const { json, path } = await sentTo({ kind: 'telegram', chatId: '-100' }, { token: '12:ab-cdefgh', apiBase: `${receiver.url}/` });
  expect(path).toBe('/bot12:ab-cdefgh/sendMessage');
  expect(json).toMatchObject({ chat_id: '-100', parse_mode: 'HTML', text: expect.stringContaining('Night*ly &lt;!channel&gt; &amp; "x"') });
  receiver.usual = { status: 200, body: '<html>a page</html>' };
  const id = (await engine.client.messages.channels())[0]?.id ?? '';
  await expect(engine.client.messages.test({ id })).rejects.toMatchObject({ code: 'MESSAGE_NOT_SENT' });
});

test('the desktop: only where there is one, and then what a click should show', async () => {
  const { id } = await add({ kind: 'desktop' }, {});
  engine.engine.messages.tell({ kind: 'run-ended', run: run() });
  await engine.engine.messages.deliver();
  expect(await engine.client.messages.deliveries({ channelId: id })).toMatchObject([{ state: 'waiting', tries: 0 }]);
  await expect(engine.client.messages.test({ id })).rejects.toMatchObject({ code: 'MESSAGE_NOT_SENT' });

  const shown: unknown[] = [];
  const desktop = await makeEngine({ home: engine.home, notify: (message) => Promise.resolve(void shown.push(message)) });
  await desktop.engine.messages.deliver();
  expect(shown).toEqual([
    {
      title: expect.stringMatching(/^FAILED: /),
      body: expect.stringContaining('Next step: '),
      page: 'schedules',
      id: expect.stringMatching(/^run_/),
    },
  ]);
  await desktop.close();
  expect(desktopNotification(composeTest('x', 'UTC', 0))).toMatchObject({ page: 'schedules', id: null });
});

test.each([
  [{ kind: 'slack' }, {}],
  [{ kind: 'telegram', chatId: '1' }, {}],
  [{ kind: 'discord' }, { url: 'http://discord.example/api/webhooks/1' }],
  [{ kind: 'email', host: 'localhost', port: 25, security: 'starttls', caFile: '', user: 'me', from: 'a@b', to: ['c@d'] }, {}],
] satisfies [ChannelKind, ChannelSecret][])('not enough: %j %j', async (target, secret) => {
  await expect(add(target, secret)).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

test('a change keeps the secrets that it leaves out; another kind does not inherit them', async () => {
  const url = `${receiver.url}/hook/secret-path`;
  const added = await add({ kind: 'webhook' }, { url, signingKey: 'key' });
  expect(added).toMatchObject({ holds: ['url', 'signingKey'], place: `${new URL(url).host}/…` });
  const fields = channel({ name: 'renamed', target: { kind: 'webhook' } });
  expect(await engine.client.messages.updateChannel({ id: added.id, channel: fields })).toMatchObject({
    name: 'renamed',
    holds: ['url', 'signingKey'],
  });
  await expect(
    engine.client.messages.updateChannel({ id: added.id, channel: { ...fields, target: { kind: 'slack' } } }),
  ).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
  await expect(add({ kind: 'desktop' }, {}).then(() => add({ kind: 'desktop' }, {}))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await engine.client.messages.removeChannel({ id: added.id });
  expect(await engine.ports.secrets.get(added.id)).toBeNull();
});

test('a mail password goes to no other server than the one it was given for', async () => {
  const target = {
    kind: 'email',
    host: '127.0.0.1',
    port: 2525,
    security: 'starttls',
    caFile: '',
    user: 'dba',
    from: 'a@example.org',
    to: ['b@example.org'],
  } as const;
  const added = await add({ ...target, to: [...target.to] }, { password: 'pw-of-the-first' });
  const moved = (change: { host?: string; port?: number; password?: string }) => {
    const { password, ...place } = change;
    return engine.client.messages.updateChannel({
      id: added.id,
      channel: channel({ name: added.name, target: { ...target, to: ['c@example.org'], ...place } }),
      secret: password === undefined ? {} : { password },
    });
  };
  expect((await moved({})).holds).toEqual(['password']);
  await expect(moved({ host: 'evil.example' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await expect(moved({ port: 2526 })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect((await moved({ host: 'mail.example', password: 'pw-of-the-second' })).place).toContain('mail.example');
});

test('the usual set of schedules brings desktop messages where nothing else would tell, and the host can show them', async () => {
  const shown = await makeEngine({ notify: () => Promise.resolve() });
  try {
    const profile = await shown.client.profiles.create({ profile: shop });
    await shown.client.schedules.addPreset({ profileId: profile.id, timeZone: 'UTC' });
    const [only, ...others] = await shown.client.messages.channels();
    expect(only).toMatchObject({ name: 'This computer', target: { kind: 'desktop' }, enabled: true });
    await shown.client.schedules.addPreset({ profileId: profile.id, timeZone: 'UTC' });
    expect([...others, ...(await shown.client.messages.channels())]).toHaveLength(1);
  } finally {
    await shown.close();
  }
  const profile = await engine.client.profiles.create({ profile: shop });
  await engine.client.schedules.addPreset({ profileId: profile.id, timeZone: 'UTC' });
  expect(await engine.client.messages.channels()).toEqual([]);
});
