// What a restore would do, in a real browser on the real engine: look, choose, decide, carry out, go back.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright';
import type { Profile } from '../../shared/contract/profiles.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../support/server.ts';
import { choose, dropFile, startSession, stockDump, type Session } from './session.ts';

const longNote = `Deliver to the east gate of the stables. ${'The mahout on duty signs for it. '.repeat(20)}Ring twice.`;
const shop = `
  CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, phone text, note text);
  INSERT INTO customers SELECT i, 'customer ' || i, '555-' || i, '' FROM generate_series(1, 200) i;
  UPDATE customers SET note = '${longNote}' WHERE id = 7;
  CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10, 2), attributes jsonb);
  INSERT INTO products SELECT i, 'product ' || i, i, jsonb_build_object('colour', 'red', 'weight', i) FROM generate_series(1, 100) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers, product int NOT NULL REFERENCES products);
  INSERT INTO orders SELECT i, 1 + i % 200, 1 + i % 100 FROM generate_series(1, 300) i;
  CREATE TABLE settings (name text PRIMARY KEY, value text); INSERT INTO settings VALUES ('currency', 'EUR');`;
const accidents = `
  UPDATE products SET price = price + 1 WHERE id <= 60;
  UPDATE products SET attributes = attributes || '{"colour": "green"}' WHERE id = 3;
  UPDATE customers SET phone = NULL WHERE id BETWEEN 10 AND 19;
  UPDATE customers SET note = replace(note, 'east gate', 'west gate') WHERE id = 7;
  DELETE FROM orders WHERE id > 280;
  INSERT INTO orders SELECT i, 1, 1 FROM generate_series(1001, 1005) i;`;

let session: Session;
let source: string;
let dump: string;
let profile: Profile;
const made: string[] = [];

beforeAll(async () => {
  session = await startSession();
  source = await createDatabase(shop);
  profile = await session.addProfile({ name: 'Shop', database: source });
  dump = stockDump(source, ['-Fc'], 'shop.dump');
});
afterEach(() => session.closePages());
afterAll(async () => {
  await session.close();
  for (const name of made) await dropDatabase(name);
  expect(session.complaints).toEqual([]);
});

/** A live database as `statements` left it. */
async function live(statements: string): Promise<string> {
  const name = await createDatabase(statements);
  made.push(name);
  return name;
}

const one = async (database: string, query: string): Promise<unknown> => Object.values((await sql(database, query))[0] ?? {})[0];
const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Compared tables' });
const rowOf = (page: Page, table: string): Locator => grid(page).getByRole('row').filter({ hasText: table });
const effect = (page: Page): Promise<string> => page.getByRole('status', { name: 'Effect' }).innerText();
const numbers = async (page: Page): Promise<number[]> =>
  (await effect(page)).match(/\d[\d,]*/g)?.map((text) => Number(text.replace(',', ''))) ?? [];
const strategy = (page: Page, name: string): Promise<void> =>
  page.getByRole('group', { name: 'What to do' }).getByText(name, { exact: true }).click();

/** Drops the dump and aims it, row by row, at a live database. */
async function aim(page: Page, database: string, profileName = 'Shop'): Promise<void> {
  await dropFile(page, dump);
  const target = page.getByRole('region', { name: 'Where to' });
  await choose(target, 'Target profile', new RegExp(`^${profileName}`));
  await target.getByText('Existing database').click();
  await choose(target, 'Existing database', new RegExp(`^${database} `));
  await page.getByRole('radio', { name: 'Row by row' }).click();
}

async function see(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'See what it would do' }).click();
  await grid(page).waitFor();
}

test('look, switch, override, merge: the result is what was said, and undo brings the rows back', async () => {
  const database = await live(shop + accidents);
  const page = await session.open();
  await aim(page, database);
  // Said before anything runs.
  await page
    .getByRole('region', { name: 'The preview' })
    .getByText(/4 tables/)
    .waitFor();
  await see(page);

  const totals = await page.getByRole('group', { name: 'Totals' }).innerText();
  expect(totals.replace(/\s+/g, ' ')).toMatch(/New 20 .*Identical 510 .*Conflicts 71 .*Live only 5 /);
  // Merge was chosen before: 20 orders are added, 10 phones are filled, the other 571 rows of the backup stay.
  expect(await numbers(page)).toEqual([20, 10, 0, 571]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('Safe', { exact: true }).waitFor();
  await strategy(page, 'Replace');
  expect(await numbers(page)).toEqual([20, 71, 5, 510]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('Not safe', { exact: true }).waitFor();
  await strategy(page, 'Skip');
  expect(await numbers(page)).toEqual([20, 0, 0, 581]);
  await strategy(page, 'Merge');

  // One table otherwise: prices come from the backup, and that is no longer safe.
  await grid(page).getByLabel('Strategy for public.products').selectOption('Replace');
  await expect.poll(() => numbers(page)).toEqual([20, 70, 0, 511]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('60 live rows would be overwritten', { exact: false }).waitFor();

  await rowOf(page, 'public.products').click();
  const rows = page.getByRole('feed', { name: 'Rows' });
  await rows.getByRole('article').first().waitFor();
  expect((await rows.getByRole('article').first().innerText()).replace(/\s+/g, ' ')).toMatch(/id 1 .*price 2\.00 1\.00/);
  await choose(page.getByRole('dialog'), 'Column that differs', 'attributes (1)');
  await expect.poll(() => rows.getByRole('article').count()).toBe(1);
  // Only the word that differs is marked, on each side.
  expect(await rows.getByRole('table').locator('mark').allInnerTexts()).toEqual(['4', '3', 'green', 'red']);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: `Restore into ${database}…` }).click();
  const dialog = page.getByRole('dialog', { name: `Merge into ${database}?` });
  const really = dialog.getByRole('button', { name: `Merge into ${database}` });
  // Prices would be overwritten: the name is asked for, though this is not production.
  expect(await really.isDisabled()).toBe(true);
  await dialog.getByLabel('Type the database name to confirm').fill(database);
  await really.click();

  const result = page.getByRole('table', { name: 'Result' });
  await result.waitFor();
  expect(await result.getByRole('row').allInnerTexts()).toEqual([
    'Rows\tPreview\tDone\tSame',
    'Added\t20\t20\t',
    'Changed\t70\t70\t',
    'Deleted\t0\t0\t',
    'Unchanged\t511\t511\t',
  ]);
  expect(await result.getByRole('img', { name: 'as predicted' }).count()).toBe(4);
  expect(await one(database, 'SELECT sum(price) FROM products')).toBe('5050.00');
  expect(await one(database, 'SELECT count(*)::int FROM customers WHERE phone IS NULL')).toBe(0);
  expect(await one(database, 'SELECT count(*)::int FROM orders')).toBe(305);
  expect(await one(database, `SELECT note LIKE '%west gate%' FROM customers WHERE id = 7`)).toBe(true);

  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('table', { name: 'Restores' }).getByText('Merge: +20 ~70').waitFor();
  await page.getByRole('tab', { name: 'New restore' }).click();
  await page.getByRole('button', { name: 'Undo…' }).click();
  await page
    .getByRole('dialog', { name: `Go back to the old ${database}?` })
    .getByRole('button', { name: `Undo the restore of ${database}` })
    .click();
  await page.getByText('This restore was undone', { exact: false }).waitFor();
  expect(await one(database, 'SELECT count(*)::int FROM customers WHERE phone IS NULL')).toBe(10);
  expect(await one(database, 'SELECT count(*)::int FROM orders')).toBe(285);
});

test('differences inside long text are marked and the rest is folded; NULL, empty and copied values', async () => {
  const database = await live(shop + accidents);
  const page = await session.open();
  await aim(page, database);
  await see(page);
  await rowOf(page, 'public.customers').click();
  const rows = page.getByRole('feed', { name: 'Rows' });
  await page.getByLabel('Search rows by key').fill('7');
  const row = rows.getByRole('article', { name: 'Row 7', exact: true });
  await row.waitFor();
  expect(await row.locator('mark').allInnerTexts()).toEqual(['west', 'east']);
  expect(await row.innerText()).toContain('characters …');
  await row.focus();
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await row.innerText()).includes('Ring twice.') && !(await row.innerText()).includes('characters …'))
    .toBe(true);
  await row.getByRole('button', { name: 'Copy backup note' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(longNote);

  await page.getByLabel('Search rows by key').fill('12');
  const wiped = rows.getByRole('article', { name: 'Row 12', exact: true });
  await wiped.waitFor();
  expect((await wiped.innerText()).replace(/\s+/g, ' ')).toMatch(/phone NULL 555-12/);
});

test('the database changed after the preview: nothing is touched, what moved is told, and the next preview sees it', async () => {
  const database = await live(shop + accidents);
  const page = await session.open();
  await aim(page, database);
  await see(page);
  await sql(database, `INSERT INTO orders VALUES (9001, 1, 1)`);
  await page.getByRole('button', { name: `Restore into ${database}…` }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Merge into ${database}` })
    .click();
  const told = page.getByRole('alert').filter({ hasText: 'PLAN_STALE' });
  await told.waitFor();
  expect(await told.innerText()).toContain('orders');
  expect(await one(database, 'SELECT count(*)::int FROM orders')).toBe(286);
  expect(await one(database, 'SELECT count(*)::int FROM customers WHERE phone IS NULL')).toBe(10);
  await page.getByRole('button', { name: 'Preview again' }).last().click();
  await grid(page).waitFor();
  await expect
    .poll(async () => (await page.getByRole('group', { name: 'Totals' }).innerText()).replace(/\s+/g, ' '))
    .toMatch(/Live only 6 /);
});

test('what blocks is named with what to do; left alone it no longer blocks', async () => {
  const database = await live(`${shop} ${accidents} DROP TABLE settings`);
  const page = await session.open();
  await aim(page, database);
  await see(page);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('TABLE_MISSING').waitFor();
  const start = page.getByRole('button', { name: `Restore into ${database}…` });
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole('switch', { name: 'Only with differences' }).check({ force: true });
  await rowOf(page, 'public.settings').getByText('blocked').waitFor();
  await grid(page).getByLabel('Strategy for public.settings').selectOption('Leave alone');
  await expect.poll(() => start.isEnabled()).toBe(true);
  expect(await verdict.innerText()).not.toContain('TABLE_MISSING');
});

test('nothing differs: said proudly; a dry run of a replace is taken back', async () => {
  const same = await live(shop);
  const page = await session.open();
  await aim(page, same);
  await see(page);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('Nothing differs', { exact: true }).waitFor();
  await page.getByRole('switch', { name: 'Only with differences' }).check({ force: true });
  await page.getByText('No table differs.', { exact: false }).waitFor();

  await page.getByRole('button', { name: 'Back to the target' }).click();
  const changed = await live(shop + accidents);
  await choose(page.getByRole('region', { name: 'Where to' }), 'Target profile', /^Shop/);
  await page.reload();
  await aim(page, changed);
  await page.getByRole('region', { name: 'How' }).getByText('Replace', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'public.products' }).check();
  await see(page);
  expect(await numbers(page)).toEqual([0, 60, 0, 40]);
  await page.getByRole('button', { name: `Restore into ${changed}…` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Dry run').check();
  await dialog.getByRole('button', { name: `Dry run on ${changed}` }).click();
  await page.getByText(`Dry run on ${changed}: all of it was done, and taken back`).waitFor();
  expect(await page.getByRole('table', { name: 'Result' }).getByRole('img', { name: 'as predicted' }).count()).toBe(4);
  expect(await one(changed, 'SELECT sum(price) FROM products')).toBe('5110.00');
});

test('while it waits for a lock it says for whom; cancelled, it leaves nothing at the server', async () => {
  const database = await live(shop + accidents);
  const page = await session.open();
  await aim(page, database);
  const holder = await connect(database);
  try {
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByText(/Waiting for a lock on .*orders/).waitFor();
    await page.getByRole('button', { name: /^Cancel Preview/ }).click();
    await page.getByRole('alert').getByText('CANCELLED', { exact: true }).waitFor();
    await expect.poll(() => one(database, `SELECT count(*)::int FROM pg_namespace WHERE nspname LIKE 'howdah_stage%'`)).toBe(0);
  } finally {
    await holder.end();
  }
  await page.getByRole('button', { name: 'Preview again' }).click();
  await grid(page).waitFor();
});

test('a role that may not stage is told so, and may compare on another server: to look at, not to carry out', async () => {
  const database = await live(shop + accidents);
  const role = await createRole();
  await sql(
    database,
    `REVOKE CREATE, TEMPORARY ON DATABASE "${database}" FROM PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${role.user}"`,
  );
  await session.addProfile({ name: 'Reader', database, user: role.user }, role.password);
  const page = await session.open();
  await aim(page, database, 'Reader');
  const start = page.getByRole('button', { name: 'See what it would do' });
  await page.getByRole('alert').getByText('STAGING_NOT_ALLOWED').waitFor();
  expect(await start.isDisabled()).toBe(true);
  await choose(page, 'Compare on another server instead', 'Shop');
  await expect.poll(() => start.isEnabled()).toBe(true);
  await see(page);
  expect(await numbers(page)).toEqual([20, 10, 0, 571]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('this can be looked at, not carried out', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: `Restore into ${database}…` }).isDisabled()).toBe(true);
  await rowOf(page, 'public.products').click();
  await page.getByRole('feed', { name: 'Rows' }).getByRole('article').first().getByText('price').waitFor();
});

test('chosen rows come with the rows that they refer to, and the form is as it was when one goes back', async () => {
  const database = await live(`${shop} DELETE FROM orders; DELETE FROM products WHERE id = 1; DELETE FROM customers WHERE id > 100`);
  const page = await session.open();
  await aim(page, database);
  await page.getByRole('checkbox', { name: 'public.orders' }).check();
  await page.getByText('Only some rows, or other keys').click();
  await choose(page, 'Choose rows of a table', 'public.orders');
  // 100, 200 and 300 are of product 1; customers 101, 1 and 101.
  await page.getByLabel('Condition for public.orders').fill('id % 100 = 0');
  await page.getByRole('checkbox', { name: 'Also the rows that the chosen ones refer to' }).check();
  await see(page);
  expect(await numbers(page)).toEqual([5, 0, 0, 1]);
  await rowOf(page, 'public.customers').getByText('came along').waitFor();
  await page.getByRole('button', { name: 'Back to the target' }).click();
  expect(await page.getByLabel('Condition for public.orders').inputValue()).toBe('id % 100 = 0');
  await see(page);
  await page.getByRole('button', { name: `Restore into ${database}…` }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Merge into ${database}` })
    .click();
  await page.getByText('Exactly as the preview said.').waitFor();
  expect(await sql(database, 'SELECT id, customer FROM orders ORDER BY id')).toEqual([
    { id: 100, customer: 101 },
    { id: 200, customer: 1 },
    { id: 300, customer: 101 },
  ]);
  expect(await one(database, 'SELECT count(*)::int FROM customers')).toBe(101);
});

test('by keyboard alone: tables, rows, and back; and the preview is still there after a visit elsewhere', async () => {
  const database = await live(shop + accidents);
  const page = await session.open();
  await aim(page, database);
  await see(page);
  await page.keyboard.press('Control+1');
  await page.getByRole('heading', { level: 1, name: 'Backups' }).waitFor();
  await page.keyboard.press('Control+2');
  await grid(page).waitFor();

  const at = () => page.evaluate(() => document.activeElement?.textContent?.replace(/\s+/g, ' ').slice(0, 24) ?? '');
  for (let presses = 0; presses < 40 && !(await at()).startsWith('public.'); presses++) await page.keyboard.press('Tab');
  expect(await at()).toContain('public.products');
  await page.keyboard.press('ArrowDown');
  await expect.poll(at).toContain('public.customers');
  await page.keyboard.press('Enter');
  const rows = page.getByRole('dialog').getByRole('feed', { name: 'Rows' });
  await rows.getByRole('article', { name: 'Row 7', exact: true }).waitFor();
  for (let presses = 0; presses < 20 && !(await at()).startsWith('id '); presses++) await page.keyboard.press('Tab');
  expect(await at()).toContain('id 10');
  await page.keyboard.press('ArrowDown');
  await expect.poll(at).toContain('id 11');
  await page.keyboard.press('Escape');
  await expect.poll(at).toContain('public.customers');
});

test('rows inside a dump, without any server: NULL and empty differ, a condition narrows them', { timeout: 150_000 }, async () => {
  const page = await session.open();
  await dropFile(page, dump);
  await page.getByRole('button', { name: 'Rows of public.customers' }).click();
  const rows = page.getByRole('grid', { name: 'Rows of public.customers' });
  await rows.getByText('customer 1', { exact: true }).waitFor();
  await rows.getByText('empty string').first().waitFor();
  expect(await page.getByText('200 rows, 4 columns').count()).toBe(1);
  await page.getByLabel('Only rows where').fill('id between 10 and 12');
  await page.getByText('a private server of this machine runs it', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Show these rows' }).click();
  // A server is set up for it first.
  await page.getByText('3 rows, 4 columns').waitFor({ timeout: 50_000 });
  await rows.getByText('customer 11', { exact: true }).click();
  await page.getByRole('region', { name: 'The row, whole' }).getByText('555-11').waitFor();
  await page.getByLabel('Only rows where').fill('no such column');
  await page.getByRole('button', { name: 'Show these rows' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('BAD_INPUT').waitFor({ timeout: 50_000 });
  expect(profile.name).toBe('Shop');
});
