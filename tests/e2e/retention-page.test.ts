// The Retention page in a real browser: a rule is tried before it is saved, says what would go and why the rest stays,
// and takes exactly that away when it is applied; a pin on the backups page keeps a backup.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { RetentionPolicy } from '../../shared/contract/retention.ts';
import { createDatabase } from '../support/server.ts';
import { startSession, type Session } from './session.ts';

let session: Session;
let profile: Profile;
/** Oldest first. */
const backups: SucceededBackup[] = [];

beforeAll(async () => {
  session = await startSession();
  const database = await createDatabase('CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 50)');
  profile = await session.addProfile({ name: 'Warehouse', database });
  for (let round = 0; round < 4; round += 1) backups.push(await session.backUp(profile.id, { label: `number ${round}` }));
});
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

const rules = () => session.rest<RetentionPolicy[]>('GET', '/retention');

test('a rule is seen at work before it is saved; nothing is deleted by looking', async () => {
  const page = await session.goTo('retention');
  const form = page.getByRole('form', { name: 'Rule of Warehouse' });
  await form.getByText('Nothing is filled in, so everything stays.').waitFor();
  await form.getByText('Nothing goes now').waitFor();
  // A new rule keeps three good ones whatever else it says.
  expect(await form.getByRole('textbox', { name: 'Always at least' }).inputValue()).toBe('3');
  await form.getByRole('textbox', { name: 'The last' }).fill('1');
  await form.getByText(/^1 backup would go, /).waitFor();
  await form.getByText('Staying (3)').waitFor();
  await form.getByText(/the last good one: never goes/).waitFor();

  await form.getByRole('textbox', { name: 'Always at least' }).fill('1');
  await form.getByText('Only the newest backup of each database would stay').waitFor();
  await form.getByText(/^3 backups would go, /).waitFor();
  await form.getByText('Going (3)').click();
  await expect.poll(() => form.getByText('no part of the rule wants it').count()).toBe(3);
  expect(await rules()).toEqual([]);

  // Leaving asks.
  await page.getByRole('button', { name: 'Messages', exact: true }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Keep editing' }).click();
  await form.getByRole('textbox', { name: 'The last' }).fill('2');
  await form.getByRole('button', { name: 'Save rule' }).click();
  await page.getByRole('button', { name: /^Warehouse: keeps the last 2/ }).waitFor();
  expect((await rules())[0]?.rule).toMatchObject({ keepLast: 2, keepAtLeast: 1 });
  for (const { directory } of backups) expect(existsSync(directory)).toBe(true);
});

test('a pinned backup stays, the rest goes by number and bytes, and is on record', async () => {
  const [first, second, third, newest] = backups;
  if (first === undefined || second === undefined || third === undefined || newest === undefined) throw new Error('four were made');
  const page = await session.goTo(`backups/${first.id}`);
  const drawer = page.getByRole('dialog', { name: /^Backup of/ });
  await drawer.getByRole('button', { name: 'Pin', exact: true }).click();
  await drawer.getByRole('button', { name: 'Unpin' }).waitFor();
  expect(await session.rest<Backup>('GET', `/backups/${first.id}`)).toMatchObject({ pinned: true });
  await page.keyboard.press('Escape');
  const pin = page
    .getByRole('row')
    .filter({ hasText: 'number 0' })
    .getByRole('button', { name: /^Pin the backup/ });
  expect(await pin.getAttribute('aria-pressed')).toBe('true');

  await page.getByRole('button', { name: 'Retention', exact: true }).click();
  const form = page.getByRole('form', { name: 'Rule of Warehouse' });
  await form.getByText(/^1 backup goes, /).waitFor();
  await form.getByText('pinned').first().waitFor();
  await form.getByRole('button', { name: 'Apply now…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 1 backup?' });
  await dialog.getByText('3 backups stay', { exact: false }).waitFor();
  await dialog.getByRole('button', { name: /^Delete 1 backup, \d/ }).click();
  await expect.poll(() => existsSync(second.directory)).toBe(false);
  for (const { directory } of [first, third, newest]) expect(existsSync(directory)).toBe(true);

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Retention', exact: true }).click();
  await page.getByRole('tab', { name: 'Record of deletions' }).click();
  const record = page.getByRole('table', { name: 'Deletions' });
  await record.getByText('removed').waitFor();
  await record.getByText('no part of the rule wants it').waitFor();
  await record.getByText(/^keeps the last 2/).waitFor();
});

test('a rule is removed, and everything stays again', async () => {
  const page = await session.goTo('retention');
  const form = page.getByRole('form', { name: 'Rule of Warehouse' });
  await form.getByRole('button', { name: 'Remove the rule…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the rule', exact: true }).click();
  await page.getByRole('button', { name: 'Warehouse: No rule: every backup stays' }).waitFor();
  expect(await rules()).toEqual([]);
});
