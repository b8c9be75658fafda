// The Messages page in a real browser: a channel is added with just its fields, tested in place against a real HTTP
// server, told apart from one that fails; secrets never come back to the page.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel } from '../../shared/contract/messages.ts';
import { startSession, type Session } from './session.ts';

let session: Session;
let receiver: Server;
let address: string;
/** What the other side is to answer, and what it got. */
let answer = 200;
const got: { path: string; body: string }[] = [];

beforeAll(async () => {
  session = await startSession();
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ path: request.url ?? '', body });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await session.close();
  receiver.close();
  expect(session.complaints).toEqual([]);
});

const channels = () => session.rest<Channel[]>('GET', '/messages/channels');

test('a webhook is added, tested, and what was sent is on record; its address never comes back', async () => {
  const secretPath = '/hook/very-secret-token';
  const page = await session.goTo('messages');
  await page.getByText('Nobody is told yet').waitFor();
  await page.getByRole('button', { name: 'Add the first channel' }).click();
  const form = page.getByRole('form', { name: 'New channel' });
  await form.getByText('Webhook', { exact: true }).click();
  // Saving says what is missing, under the fields that it is about.
  await form.getByRole('button', { name: 'Add the channel' }).click();
  await form.getByText('Give it a name').waitFor();
  await form.getByText('The address to send to').waitFor();
  expect(await channels()).toEqual([]);

  await form.getByRole('textbox', { name: 'Name' }).fill('On call');
  await form.getByLabel('Address', { exact: true }).fill(`${address}${secretPath}`);
  expect(await form.getByLabel('Address', { exact: true }).getAttribute('type')).toBe('password');
  await form.getByRole('checkbox', { name: 'Each success' }).check();
  await form.getByRole('button', { name: 'Add the channel' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'On call' });
  await row.getByText('nothing sent yet').waitFor();
  const [saved] = await channels();
  expect(saved).toMatchObject({ name: 'On call', target: { kind: 'webhook' }, holds: ['url'] });
  expect(saved?.events).toContain('succeeded');

  await row.getByRole('button', { name: 'Send a test to On call' }).click();
  await row.getByText('The test was taken').waitFor();
  await row.getByText('✓ sent').waitFor();
  expect(got.at(-1)?.path).toBe(secretPath);

  await row.getByRole('button', { name: 'On call', exact: true }).click();
  const edit = page.getByRole('form', { name: 'Channel On call' });
  expect(await edit.getByLabel('Address', { exact: true }).inputValue()).toBe('');
  expect(await edit.getByLabel('Address', { exact: true }).getAttribute('placeholder')).toContain('On file');
  expect(await page.content()).not.toContain('very-secret-token');
  await edit.getByRole('textbox', { name: 'Name' }).fill('On call, renamed');
  await page.keyboard.press('Escape');
  await edit.getByText('The changes are not saved yet').waitFor();
  await edit.getByRole('button', { name: 'Keep editing' }).click();
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('listitem').filter({ hasText: 'On call, renamed' }).waitFor();
  // The address that was on file is still used.
  await page.getByRole('button', { name: 'Send a test to On call, renamed' }).click();
  await page.getByText('The test was taken').waitFor();
  expect(got.at(-1)?.path).toBe(secretPath);

  await page.getByRole('tab', { name: 'Record of messages' }).click();
  await expect.poll(() => page.getByRole('table', { name: 'Messages' }).getByRole('row').count()).toBe(3);
});

test('a test that fails says why in place, and the record has it', async () => {
  answer = 500;
  await session.rest('POST', '/messages/channels', {
    channel: { name: 'Broken', target: { kind: 'webhook' } },
    secret: { url: `${address}/broken` },
  });
  const page = await session.goTo('messages');
  const row = page.getByRole('listitem').filter({ hasText: 'Broken' });
  await row.getByRole('button', { name: 'Send a test to Broken' }).click();
  await row.getByText('MESSAGE_NOT_SENT').waitFor();
  await row.getByText('✗ failed').waitFor();
  await page.getByRole('tab', { name: 'Record of messages' }).click();
  await page.getByRole('row').filter({ hasText: 'Broken' }).getByText('✗ failed').waitFor();
  answer = 200;
});

test('switched off and removed from the menu', async () => {
  const { id } = await session.rest<Channel>('POST', '/messages/channels', {
    channel: { name: 'To go', target: { kind: 'ping', withStart: true } },
    secret: { url: `${address}/ping` },
  });
  const page = await session.goTo('messages');
  const row = page.getByRole('listitem').filter({ hasText: 'To go' });
  await row.getByRole('button', { name: 'More for To go' }).click();
  await page.getByRole('menuitem', { name: 'Switch off' }).click();
  await row.getByText('off', { exact: true }).waitFor();
  expect((await channels()).find((one) => one.id === id)).toMatchObject({ enabled: false, holds: ['url'] });
  await row.getByRole('button', { name: 'More for To go' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove To go' }).click();
  await row.waitFor({ state: 'detached' });
  expect((await channels()).some((one) => one.id === id)).toBe(false);
});
