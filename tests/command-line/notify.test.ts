// `howdah notify`: channels from a shell, their secrets from anywhere but an argument.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel, Delivery } from '../../shared/contract/messages.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { filesHolding } from '../engine/messages/told.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { startHttpReceiver, type HttpReceiver } from '../support/http-receiver.ts';
import { makeAuthority, readMail, startMailServer } from '../support/mail-server.ts';
import { runCli, type CliOptions } from '../support/run-cli.ts';

const home = makeHome();
let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await startHttpReceiver();
});
afterAll(() => receiver.close());

const outputs: string[] = [];
async function cli<T>(args: string[], options: Partial<CliOptions> = {}, code = 0): Promise<T> {
  const run = await runCli(['notify', ...args, '--json'], { ...options, home, env: { HOWDAH_SECRETS: 'file', ...options.env } });
  outputs.push(run.stdout, run.stderr);
  expect(run.code, run.stderr + run.stdout).toBe(code);
  return run.json as T;
}

test('e-mail with a password from the environment, through STARTTLS and a private authority', async () => {
  const authority = makeAuthority();
  const server = await startMailServer({ security: 'starttls', authority, login: { user: 'me@example.org', password: 'mail-Secret-1' } });
  const args = [
    'add',
    'mail',
    '--email',
    'dba@example.org',
    '--smtp',
    `localhost:${server.port}`,
    '--user',
    'me@example.org',
    '--ca',
    authority.caFile,
  ];
  const { channel } = await cli<{ channel: Channel }>(args, { env: { HOWDAH_SMTP_PASSWORD: 'mail-Secret-1' } });
  expect(channel).toMatchObject({ holds: ['password'], target: { security: 'starttls', from: 'me@example.org', to: ['dba@example.org'] } });
  const { delivery } = await cli<{ delivery: Delivery }>(['test', 'MAIL']);
  expect(delivery).toMatchObject({ state: 'sent', event: 'test' });
  expect(server.received).toMatchObject([{ secure: true, to: ['dba@example.org'] }]);
  expect(readMail(server.received[0]?.raw ?? '').subject).toBe('Test: Howdah can reach "mail"');
  await server.close();
});

test('a webhook: the address from a file, a key made and shown once', async () => {
  const file = join(temporaryDirectory('url'), 'url');
  writeFileSync(file, `${receiver.url}/hook/file-Secret-2\n`);
  const { channel, signingKey } = await cli<{ channel: Channel; signingKey: string }>(['add', 'hook', '--webhook', '--url-file', file]);
  expect(channel.holds).toEqual(['url', 'signingKey']);
  expect(signingKey).toMatch(/^[\w-]{43}$/);
  outputs.splice(0, outputs.length, ...outputs.map((text) => text.replace(signingKey, '')));
  await cli(['test', 'hook']);
  expect(receiver.received.at(-1)).toMatchObject({ method: 'POST', path: '/hook/file-Secret-2' });
  expect(receiver.received.at(-1)?.headers['howdah-signature']).toMatch(/^t=\d+,v1=/);
});

test('the other kinds: from standard input and the environment, with events', async () => {
  await cli(['add', 'slack', '--slack', '--events', 'failed,digest'], { stdin: `${receiver.url}/services/stdin-Secret-3\n` });
  await cli(['add', 'ping', '--ping', '--no-start'], { env: { HOWDAH_WEBHOOK_URL: `${receiver.url}/ping/env-Secret-4` } });
  await cli(['add', 'telegram', '--telegram', '42', '--api-base', receiver.url], { env: { HOWDAH_TELEGRAM_TOKEN: '1:bot-Secret-5' } });
  await cli(['add', 'here', '--desktop', '--events', 'all']);
  await cli(['test', 'ping']);
  expect(receiver.received.at(-1)).toMatchObject({ method: 'GET', path: '/ping/env-Secret-4' });
  const { channels } = await cli<{ channels: Channel[] }>(['list']);
  expect(channels.map((one) => `${one.name} ${one.target.kind}`)).toEqual([
    'here desktop',
    'hook webhook',
    'mail email',
    'ping ping',
    'slack slack',
    'telegram telegram',
  ]);
  expect(channels.find((one) => one.name === 'slack')?.events).toEqual(['failed', 'digest']);
  expect(channels.find((one) => one.name === 'ping')?.target).toEqual({ kind: 'ping', withStart: false });
});

test('an address as an argument is taken, with a note', async () => {
  const run = await runCli(['notify', 'add', 'teams', '--teams', '--url', `${receiver.url}/workflows/argument`], { home });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('process list');
});

test('a refusal is a failure with what was said, and on record', async () => {
  receiver.answers = [{ status: 403, body: 'invalid_token stdin-Secret-3' }];
  const { error } = await cli<{ error: ErrorReport }>(['test', 'slack'], {}, 1);
  expect(error).toMatchObject({ code: 'MESSAGE_NOT_SENT', detail: 'HTTP 403 invalid_token ****' });
  const { deliveries } = await cli<{ deliveries: Delivery[] }>(['deliveries', '--channel', 'slack']);
  expect(deliveries).toMatchObject([{ state: 'failed', channel: 'slack', event: 'test', error: { code: 'MESSAGE_NOT_SENT' } }]);
});

test.each([
  [['add', 'x'], 2],
  [['add', 'x', '--slack', '--ping'], 2],
  [['add', 'x', '--email', 'a@b.example', '--smtp', 'smtp.example.org', '--plain'], 2],
  [['add', 'x', '--slack'], 2],
  [['add', 'x', '--desktop', '--schedule', 'nobody'], 1],
  [['test', 'nobody'], 1],
])('%j ends with %i', async (args, code) => {
  const { error } = await cli<{ error: ErrorReport }>(args, {}, code);
  expect(error.hint).not.toBe('');
});

test('a removed channel takes its secret along; no secret was ever shown or left lying', async () => {
  await cli(['remove', 'hook']);
  expect((await cli<{ channels: Channel[] }>(['list'])).channels.map((one) => one.name)).not.toContain('hook');
  const secrets = ['mail-Secret-1', 'file-Secret-2', 'stdin-Secret-3', 'env-Secret-4', 'bot-Secret-5'];
  expect(filesHolding(home, secrets)).toEqual([]);
  for (const secret of secrets) expect(outputs.join('\n')).not.toContain(secret);
});
