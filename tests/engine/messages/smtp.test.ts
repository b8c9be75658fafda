// E-mail against a real SMTP server with TLS, a private authority and a login.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelKind } from '../../../shared/contract/messages.ts';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeAuthority, readMail, startMailServer, type Authority, type MailServer } from '../../support/mail-server.ts';
import { channel, filesHolding, run } from './told.ts';

const login = { user: 'howdah', password: 'pässwörd-Zx81' };
let authority: Authority;
let other: Authority;
let engine: TestEngine;
const servers: MailServer[] = [];
let starttls: MailServer;
let tls: MailServer;
let plain: MailServer;

beforeAll(async () => {
  authority = makeAuthority();
  other = makeAuthority();
  starttls = await startMailServer({ security: 'starttls', authority, login, refuses: 'gone@example.org' });
  tls = await startMailServer({ security: 'tls', authority, login });
  plain = await startMailServer({ security: 'plain', login });
  servers.push(starttls, tls, plain);
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
  await Promise.all(servers.map((server) => server.close()));
});

type Mail = Extract<ChannelKind, { kind: 'email' }>;
let count = 0;
async function addMail(server: MailServer, change: Partial<Mail> = {}, password = login.password) {
  const target: Mail = {
    kind: 'email',
    host: 'localhost',
    port: server.port,
    security: 'starttls',
    caFile: authority.caFile,
    user: login.user,
    from: 'Howdah <howdah@example.org>',
    to: ['dba@example.org'],
    ...change,
  };
  count += 1;
  return await engine.client.messages.addChannel({ channel: channel({ name: `mail ${count}`, target }), secret: { password } });
}
const refusal = (id: string) =>
  engine.client.messages.test({ id }).then(
    () => {
      throw new Error('it was sent');
    },
    (thrown: { code?: string; message?: string; data?: unknown }) => [thrown.code, thrown.message, JSON.stringify(thrown.data)].join(' '),
  );

test.each(['starttls', 'tls'] as const)('a test by %s arrives encrypted, logged in', async (security) => {
  const server = security === 'tls' ? tls : starttls;
  const added = await addMail(server, { security });
  expect(added).toMatchObject({ holds: ['password'], place: 'localhost, to dba@example.org' });
  const before = server.received.length;
  const sent = await engine.client.messages.test({ id: added.id });
  expect(sent).toMatchObject({ state: 'sent', event: 'test', tries: 1, error: null });
  expect(server.received.slice(before)).toMatchObject([
    { secure: true, user: login.user, from: 'howdah@example.org', to: ['dba@example.org'] },
  ]);
  await engine.client.messages.removeChannel({ id: added.id });
});

test('a failure: both forms name what, where, when, why and what next, and nothing in them is markup', async () => {
  const added = await addMail(starttls, { to: ['dba@example.org', 'second@example.org'] });
  const before = starttls.received.length;
  const profile = await engine.client.profiles.create({
    profile: profileFields.parse({ name: 'shop', host: 'db1.example.org', port: 5432, database: 'shop' }),
  });
  const told = run({ profileId: profile.id, schedule: 'Nightly <b>&"x"', backups: [] });
  engine.engine.messages.tell({ kind: 'run-ended', run: told });
  await engine.engine.messages.deliver();
  const [received] = starttls.received.slice(before);
  expect(received?.to).toEqual(['dba@example.org', 'second@example.org']);
  const mail = readMail(received?.raw ?? '');
  expect(mail.subject).toBe('FAILED: Nightly <b>&"x" backup on db1.example.org – the server could not be reached');
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  const text = mail.parts.get('text/plain') ?? '';
  const html = mail.parts.get('text/html') ?? '';
  for (const part of [text, html]) {
    for (const word of ['db1.example.org:5432', 'shop', 'connection refused', 'CONNECTION_FAILED', 'Check that the server runs', '4.2 s'])
      expect(part).toContain(word);
    expect(part).not.toContain('{{');
  }
  expect(text).toContain('Schedule: Nightly <b>&"x"');
  expect(html).toContain('Nightly &lt;b&gt;&amp;&quot;x&quot;');
  expect(html).not.toContain('<b>');
  expect(html).toContain('>FAILED</td>');
  await engine.client.messages.removeChannel({ id: added.id });
});

test('one recipient of two is refused: sent once, and whom it did not reach is on record', async () => {
  const added = await addMail(starttls, { to: ['dba@example.org', 'gone@example.org'] });
  engine.engine.messages.tell({ kind: 'run-ended', run: run() });
  await engine.engine.messages.deliver();
  const [delivery] = await engine.client.messages.deliveries({ channelId: added.id });
  expect(delivery).toMatchObject({ state: 'sent', tries: 1 });
  expect(delivery?.error?.message).toContain('gone@example.org');
  await engine.client.messages.removeChannel({ id: added.id });
});

describe('what it refuses', () => {
  test('a server without STARTTLS never sees the password', async () => {
    const added = await addMail(plain);
    expect(await refusal(added.id)).toMatch(/MESSAGE_NOT_SENT.*encrypted/s);
    expect(plain.logins).toEqual([]);
    expect(plain.received).toEqual([]);
  });

  test.each(['starttls', 'tls'] as const)('a certificate of an unknown authority, by %s', async (security) => {
    const server = security === 'tls' ? tls : starttls;
    const logins = server.logins.length;
    const added = await addMail(server, { security, caFile: other.caFile });
    expect(await refusal(added.id)).toContain('not trusted');
    const system = await addMail(server, { security, caFile: '' });
    expect(await refusal(system.id)).toContain('not trusted');
    expect(server.logins.length).toBe(logins);
  });

  test('a wrong password, which nobody repeats', async () => {
    const added = await addMail(starttls, {}, 'wrong-Password-9');
    const said = await refusal(added.id);
    expect(said).toContain('refused the user or password');
    expect(said).not.toContain('wrong-Password-9');
    expect(JSON.stringify(await engine.client.messages.deliveries({ channelId: added.id }))).not.toContain('wrong-Password-9');
  });

  test.each([
    ['unencrypted over the network', { security: 'none' as const, host: 'smtp.example.org', user: '' }],
    ['unencrypted with a password', { security: 'none' as const }],
    ['an authority that is not there', { caFile: '/nowhere/ca.pem' }],
  ])('%s', async (_, change) => {
    await expect(addMail(plain, change)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

test('no password is anywhere but in the secret store', () => {
  expect(filesHolding(engine.home, [login.password, 'wrong-Password-9'])).toEqual([]);
  expect(engine.faults.join('\n')).not.toContain(login.password);
});
