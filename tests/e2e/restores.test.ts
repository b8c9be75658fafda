// Restores in a real browser: drop a dump, see what is in it, aim, confirm, go back, tidy up.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright';
import type { Profile } from '../../shared/contract/profiles.ts';
import { createDatabase, dropDatabase, sql } from '../support/server.ts';
import { choose, dropFile } from './actions.ts';
import { startSession, stockDump, type Session } from './session.ts';

const shop = `
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 100) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers);
  INSERT INTO orders SELECT i, 1 + i % 100 FROM generate_series(1, 300) i;`;

let session: Session;
let source: string;
let profile: Profile;
const made: string[] = [];

beforeAll(async () => {
  session = await startSession();
  source = await createDatabase(shop);
  profile = await session.addProfile({ name: 'Staging', database: source, environment: 'staging' });
});
afterAll(async () => {
  await session.close();
  for (const name of made) await dropDatabase(name);
  expect(session.complaints).toEqual([]);
});

const databases = async (): Promise<string[]> =>
  (await sql<{ datname: string }>('postgres', 'SELECT datname FROM pg_database')).map((row) => row.datname);
const rowsOf = async (database: string, table: string): Promise<number> =>
  (await sql<{ n: number }>(database, `SELECT count(*)::int AS n FROM ${table}`))[0]?.n ?? -1;

async function fillNew(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Database name' }).fill(name);
  await page.getByRole('button', { name: `Restore into ${name}…` }).click();
}

test('a dropped dump of the stock pg_dump is inspected, and restored into a new database only after a yes that names it', async () => {
  const page = await session.goTo('backups');
  await dropFile(page, stockDump(source, ['-Fc'], 'shop.dump'));
  const content = page.getByRole('region', { name: 'What is in it' });
  await content.getByText('Tables (2)').waitFor();
  expect(await content.innerText()).toMatch(/custom.*pg_dump/s);
  await content.getByRole('tab', { name: /All objects/ }).click();
  await content.getByLabel('Search objects').fill('orders_pkey');
  await content.getByText('orders_pkey', { exact: false }).waitFor();

  const target = `${source}_copy`;
  made.push(target);
  await fillNew(page, target);
  const dialog = page.getByRole('dialog', { name: `Restore into ${target}?` });
  expect(await dialog.innerText()).toMatch(/shop\.dump.*Fill a new database/s);
  // Nothing has happened so far.
  expect(await databases()).not.toContain(target);
  await dialog.getByRole('button', { name: `Restore into ${target}` }).click();
  await page.getByText(`${target} was restored`, { exact: false }).waitFor();
  expect(await rowsOf(target, 'orders')).toBe(300);

  await page.getByRole('tab', { name: 'History' }).click();
  const row = page.getByRole('table', { name: 'Restores' }).getByRole('row').filter({ hasText: target });
  await row.getByText('succeeded').waitFor();
  await row.getByRole('button').click();
  const detail = page.getByRole('dialog', { name: 'Restore' });
  await detail.getByText(`${target} was restored`, { exact: false }).waitFor();
  expect(await detail.innerText()).toContain('shop.dump');
});

test('chosen tables only', async () => {
  const page = await session.goTo('backups');
  await dropFile(page, stockDump(source, ['-Fc'], 'shop.dump'));
  await page.getByRole('checkbox', { name: 'public.customers' }).check();
  const target = `${source}_part`;
  made.push(target);
  await fillNew(page, target);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 chosen table').waitFor();
  await dialog.getByRole('button', { name: `Restore into ${target}` }).click();
  await page.getByText(`${target} was restored`, { exact: false }).waitFor();
  expect(await rowsOf(target, 'customers')).toBe(100);
  expect(await sql(target, `SELECT 1 FROM pg_tables WHERE tablename = 'orders'`)).toEqual([]);
});

test('production: the name has to be typed, the old database can be brought back', async () => {
  const live = await createDatabase(`${shop} CREATE TABLE only_in_live AS SELECT 1 AS a`);
  made.push(live);
  const production = await session.addProfile({ name: 'Live', database: live, environment: 'production' });
  const backup = await session.backUp(profile.id, { label: 'for production' });
  const page = await session.goTo(`backups/${backup.id}`);
  await page.getByRole('button', { name: 'Restore…' }).click();
  // Not aimed at production by itself.
  const target = page.getByRole('region', { name: 'Where to' });
  await target.getByText('staging', { exact: true }).waitFor();
  await choose(target, 'Target profile', 'Live (production)');
  await target.getByText('Existing database').click();
  await choose(target, 'Existing database', new RegExp(`^${live} `));
  await page.getByRole('list', { name: 'Steps' }).waitFor();
  await page.getByRole('button', { name: `Restore into ${live}…` }).click();

  const dialog = page.getByRole('dialog', { name: `Restore into ${live}?` });
  const really = dialog.getByRole('button', { name: `Restore into ${live}` });
  expect(await really.isDisabled()).toBe(true);
  await dialog.getByLabel('Type the database name to confirm').fill(live.slice(0, -1));
  expect(await really.isDisabled()).toBe(true);
  await dialog.getByLabel('Type the database name to confirm').fill(live);
  await really.click();
  // Its manifest knows the rows, and they were counted.
  await page.getByText(`${live} was restored: 400 rows found in the restored tables`).waitFor();
  await page.getByText('The old database is kept as').waitFor();
  expect(await sql(live, `SELECT 1 FROM pg_tables WHERE tablename = 'only_in_live'`)).toEqual([]);
  // A safety backup was made first.
  const { backups } = await session.rest<{ backups: { origin: string; status: string }[] }>('GET', `/backups?profile=Live`);
  expect(backups.map(({ origin, status }) => [origin, status])).toEqual([['safety', 'succeeded']]);

  await page.getByRole('button', { name: 'Undo…' }).click();
  const undo = page.getByRole('dialog', { name: `Go back to the old ${live}?` });
  await undo.getByLabel('Type the database name to confirm').fill(live);
  await undo.getByRole('button', { name: `Undo the restore of ${live}` }).click();
  await page.getByText(`This restore was undone: ${live} is the old database again`).waitFor();
  expect(await rowsOf(live, 'only_in_live')).toBe(1);
  expect(production.environment).toBe('production');
});

test('the old database is kept until it is discarded by name', async () => {
  const target = await createDatabase('CREATE TABLE old (a int); INSERT INTO old VALUES (1)');
  made.push(target);
  const page = await session.open('backups');
  await dropFile(page, stockDump(source, ['-Fp'], 'shop.sql'));
  await page.getByText('Existing database').click();
  await choose(page, 'Existing database', new RegExp(`^${target} `));
  await page.getByRole('button', { name: `Restore into ${target}…` }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Restore into ${target}` })
    .click();
  await page.getByText(`${target} was restored`, { exact: false }).waitFor();
  const kept = (await databases()).filter((name) => name.startsWith(`${target}_before_`));
  expect(kept).toHaveLength(1);
  await page.getByRole('button', { name: 'Discard the old database…' }).click();
  await page
    .getByRole('dialog', { name: 'Discard the old database?' })
    .getByRole('button', { name: `Drop ${kept[0]}` })
    .click();
  await page.getByText('old database discarded').waitFor();
  expect(await databases()).not.toContain(kept[0]);
  expect(await rowsOf(target, 'orders')).toBe(300);
});

test('the history can be narrowed by words, profile, status and day', async () => {
  const page = await session.goTo('restore/history');
  const rows = page.getByRole('table', { name: 'Restores' }).getByRole('row');
  const { total } = await session.rest<{ total: number }>('GET', '/restores');
  const all = total + 1;
  await expect.poll(() => rows.count()).toBe(all);
  await page.getByLabel('Search restores').fill('_part');
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByLabel('Search restores').fill('');
  await choose(page, 'Profile', 'Live');
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect.poll(() => rows.count()).toBe(all);
  await choose(page, 'Status', 'failed');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  const today = await page.evaluate(() => new Date().toLocaleDateString('sv'));
  await page.getByLabel('To date').fill('2020-01-01');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByLabel('To date').fill(today);
  await page.getByLabel('From date').fill(today);
  await expect.poll(() => rows.count()).toBe(all);
});
