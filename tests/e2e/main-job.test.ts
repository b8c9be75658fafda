// The main job in a real browser on the real engine and server: connect, back up, see the proof, keep order.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/backups.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { createDatabase, serverUrl, sql, testServer } from '../support/server.ts';
import { choose } from './actions.ts';
import { startSession, type Session } from './session.ts';

const shop = `
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 500) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total numeric);
  INSERT INTO orders SELECT i, 1 + i % 500, i FROM generate_series(1, 2000) i;
  CREATE VIEW mark_of_this_test AS SELECT 1 AS a;`;

let session: Session;
let database: string;
let profile: Profile;

beforeAll(async () => {
  session = await startSession();
  database = await createDatabase(shop);
  profile = await session.addProfile({ name: 'Warehouse', database });
});
afterEach(() => session.closePages());
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

test('a pasted URL becomes a profile: tested, saved, backed up, and its proof is in the list', async () => {
  const page = await session.goTo('profiles/new');
  const form = page.getByRole('form', { name: 'New connection' });
  await page.evaluate((url) => navigator.clipboard.writeText(url), `${serverUrl(database)}?sslmode=disable`);
  await form.getByLabel('Connection URL', { exact: true }).press('Control+V');
  await expect.poll(() => form.getByLabel('Host').inputValue()).toBe(testServer().host);
  expect(await form.getByLabel('Database', { exact: true }).inputValue()).toBe(database);
  // Neither the URL nor the password stays readable.
  expect(await form.getByLabel('Connection URL', { exact: true }).inputValue()).toBe('');
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Shop');

  await form.getByRole('button', { name: 'Test connection' }).click();
  const answer = page.getByRole('region', { name: 'Connection test' });
  await answer.getByText('✓ connected').waitFor();
  expect(await answer.innerText()).toMatch(/PostgreSQL \d+.*superuser/s);

  await form.getByRole('button', { name: 'Save connection' }).click();
  await page.getByText('Shop was saved').waitFor();
  const saved = page.getByRole('form', { name: 'Connection Shop' });
  await saved.getByRole('button', { name: 'Back up…' }).click();

  const dialog = page.getByRole('dialog', { name: 'Back up now' });
  const plan = dialog.getByRole('region', { name: 'Plan' });
  await plan.getByText('pg_dump', { exact: false }).first().waitFor();
  const planned = await plan.innerText();
  expect(planned).toContain('2 tables');
  expect(planned).toContain(database);
  expect(await page.content()).not.toContain(testServer().password);
  await dialog.getByLabel('Label').fill('first of the shop');
  await dialog.getByRole('button', { name: 'Start backup' }).click();

  const job = page.getByRole('dialog', { name: `Backup of ${database} on Shop` });
  await job.getByRole('button', { name: 'Show the backup' }).click();
  const detail = page.getByRole('dialog', { name: `Backup of ${database}`, exact: true });
  const checks = detail.getByRole('list', { name: 'Verification checks' });
  await checks.waitFor();
  expect(await checks.getByRole('listitem').count()).toBeGreaterThan(2);
  expect(await checks.getByRole('img', { name: 'failed' }).count()).toBe(0);
  const facts = await detail.innerText();
  expect(facts).toContain('2 tables, 2,500 rows');
  expect(facts).toMatch(/SHA-256/);

  await detail.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('grid', { name: 'Backups' }).getByRole('row').filter({ hasText: 'first of the shop' });
  await row.getByText('✓ verified').waitFor();
  // The other profile of this test has none yet, and that is said first.
  const verdict = page.getByRole('status', { name: 'Verdict' });
  await verdict.getByText(`No backup of ${database} on Warehouse yet.`).waitFor();
  await verdict.getByRole('button', { name: '1 of 2 databases need attention' }).click();
  await page.getByText(`Last good backup of ${database}: `, { exact: false }).waitFor();
});

test('verify and deep verify from the detail', async () => {
  const backup = await session.backUp(profile.id, { label: 'to verify' });
  const page = await session.goTo(`backups/${backup.id}`);
  const detail = page.getByRole('dialog', { name: `Backup of ${database}`, exact: true });
  await detail.getByRole('button', { name: 'Verify', exact: true }).click();
  await detail.getByText(/: done$/).waitFor();

  await detail.getByRole('button', { name: 'Deep verify…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Deep verify' });
  expect(await dialog.innerText()).toContain('throw-away');
  await dialog.getByRole('button', { name: 'Start the deep check' }).click();
  await detail.getByText(/deep, /).waitFor();
  await detail.getByText('✓ passed').waitFor();
  // The throw-away is gone again; other tests may have theirs on the same server.
  const throwAways = await sql<{ datname: string }>('postgres', `SELECT datname FROM pg_database WHERE datname LIKE 'howdah_tmp_%'`);
  for (const { datname } of throwAways) {
    const found = await sql(datname, `SELECT to_regclass('mark_of_this_test') IS NOT NULL AS mine`).catch(() => []);
    expect(found).not.toEqual([{ mine: true }]);
  }
  await detail.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('row').filter({ hasText: 'to verify' }).getByText('✓ deep verified').waitFor();
});

test('damage on the disk is found by Verify and said in the list', async () => {
  const backup = await session.backUp(profile.id, { label: 'to damage' });
  const page = await session.goTo(`backups/${backup.id}`);
  const detail = page.getByRole('dialog', { name: `Backup of ${database}`, exact: true });
  const artifact = backup.artifacts.find((one) => /\.dat|dump/.test(one.name)) ?? backup.artifacts[0];
  rmSync(`${backup.directory}/${artifact?.name}`);
  await detail.getByRole('button', { name: 'Verify', exact: true }).click();
  await detail.getByRole('img', { name: 'failed' }).first().waitFor();
  await detail.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('row').filter({ hasText: 'to damage' }).getByText('verification failed').waitFor();
});

test('deleting names what goes, and takes folder and row', async () => {
  const backup = await session.backUp(profile.id, { label: 'to delete' });
  const page = await session.goTo(`backups/${backup.id}`);
  const detail = page.getByRole('dialog', { name: `Backup of ${database}`, exact: true });
  await detail.getByRole('button', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this backup?' });
  expect(await dialog.innerText()).toContain(backup.directory);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(existsSync(backup.directory)).toBe(true);
  await detail.getByRole('button', { name: 'Delete…' }).click();
  await dialog.getByRole('button', { name: 'Delete backup' }).click();
  await detail.waitFor({ state: 'detached' });
  await expect.poll(() => page.getByRole('row').filter({ hasText: 'to delete' }).count()).toBe(0);
  expect(existsSync(backup.directory)).toBe(false);
});

test('a backup of production is only deleted by typing the database’s name', async () => {
  const production = await session.addProfile({ name: 'Live', database, environment: 'production' });
  const backup = await session.backUp(production.id);
  const page = await session.goTo(`backups/${backup.id}`);
  await page.getByRole('button', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this backup?' });
  const really = dialog.getByRole('button', { name: 'Delete backup' });
  expect(await really.isDisabled()).toBe(true);
  const name = dialog.getByLabel('Type the database name to confirm');
  await name.fill(`${database}x`);
  expect(await really.isDisabled()).toBe(true);
  await name.fill(database);
  await really.click();
  await expect.poll(() => existsSync(backup.directory)).toBe(false);
});

test('search, filters, sorting and the CSV of what is shown', async () => {
  const other = await createDatabase('CREATE TABLE t (a int)', `aaa_${database}`);
  const second = await session.addProfile({ name: 'Second', database: other });
  await session.backUp(second.id, { label: 'needle, "quoted"' });
  await session.backUp(second.id, { label: 'hay' });
  const page = await session.open();
  const rows = page.getByRole('grid', { name: 'Backups' }).getByRole('row');
  const firstCell = (title: number) => rows.nth(1).getByRole('gridcell').nth(title).innerText();
  await rows.nth(1).waitFor();

  await page.getByRole('button', { name: 'Database', exact: true }).click();
  await expect.poll(() => firstCell(1)).toBe(other);
  await page.getByRole('button', { name: 'Database', exact: true }).click();
  await expect.poll(() => firstCell(1)).toBe(database);
  expect(await page.getByRole('columnheader', { name: 'Database' }).getAttribute('aria-sort')).toBe('descending');

  await page.getByLabel('Search backups').fill('needle');
  await expect.poll(() => rows.count()).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('button', { name: 'Export' })
      .click()
      .then(() => page.getByRole('menuitem', { name: 'CSV, as filtered' }).click()),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split(/\r?\n/);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('"needle, ""quoted"""');

  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect.poll(() => rows.count()).toBeGreaterThan(3);
  await choose(page, 'Profile', 'Second');
  await expect.poll(() => rows.count()).toBe(3);
  await choose(page, 'Status', 'failed');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await rows.nth(3).waitFor();
  await page.getByLabel('From date').fill('2001-01-01');
  await page.getByLabel('To date').fill('2001-12-31');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
});

test('by keyboard alone: a backup, its row, its detail', async () => {
  const page = await session.open();
  const { keyboard } = page;
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
  await page.getByRole('grid', { name: 'Backups' }).waitFor();
  await keyboard.press('Control+b');
  const dialog = page.getByRole('dialog', { name: 'Back up now' });
  await expect.poll(focused).toBe('Start backup');
  // To the label and back to the button, with the tab key.
  const label = dialog.getByLabel('Label');
  for (let steps = 0; steps < 40 && !(await label.evaluate((input) => input === document.activeElement)); steps++)
    await keyboard.press('Tab');
  await keyboard.type('by keyboard');
  for (let steps = 0; steps < 40 && (await focused()) !== 'Start backup'; steps++) await keyboard.press('Tab');
  await keyboard.press('Enter');
  const job = page.getByRole('dialog', { name: /^Backup of/ });
  await job.getByText('succeeded').waitFor();
  await keyboard.press('Escape');
  await job.waitFor({ state: 'detached' });
  await keyboard.press('Control+1');
  const row = page.getByRole('row').filter({ hasText: 'by keyboard' });
  await row.waitFor();
  // The grid is one tab stop; arrows walk its rows.
  const inGrid = () => page.evaluate(() => document.activeElement?.getAttribute('role') === 'row');
  for (let steps = 0; steps < 40 && !(await inGrid()); steps++) await keyboard.press('Tab');
  await keyboard.press('ArrowDown');
  await keyboard.press('Home');
  await expect.poll(focused).toContain('by keyboard');
  await keyboard.press('Enter');
  const detail = page.getByRole('dialog', { name: /^Backup of/ });
  await detail.getByText('✓ passed').waitFor();
  await keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });
  await keyboard.press('Control+k');
  await page.getByLabel('Find a page or an action').fill('setti');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
});

test('rescanning brings lost rows back', async () => {
  const backup = await session.backUp(profile.id, { label: 'lost and found' });
  const page = await session.goTo('settings');
  await page.getByLabel('Folder to rescan').fill(dirname(dirname(dirname(backup.directory))));
  await page.getByRole('button', { name: 'Rescan', exact: true }).click();
  await page.getByText(/\d+ backups found: 0 added/).waitFor();
  const { backups } = await session.rest<{ backups: Backup[] }>('GET', '/backups?search=lost');
  expect(backups).toHaveLength(1);
});
