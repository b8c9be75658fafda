// Restores row by row that follow a preview: refused when it is out of date, tried and taken back, of chosen rows only.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { choose } from '../actions.ts';
import { grid, numbers, one, rowOf, see, shop, startPreviews, type Previews } from './previews.ts';

let previews: Previews;

beforeAll(async () => {
  previews = await startPreviews();
});
afterAll(() => previews.close());

test('a dry run of a replace of one table says what it would do, and is taken back', async () => {
  const changed = previews.live;
  const page = await previews.aim(changed);
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

test('the database changed after the preview: nothing is touched, what moved is told, and the next preview sees it', async () => {
  const database = previews.live;
  const page = await previews.aim(database);
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

test('chosen rows come with the rows that they refer to, and the form is as it was when one goes back', async () => {
  const database = await createDatabase(
    `${shop} DELETE FROM orders; DELETE FROM products WHERE id = 1; DELETE FROM customers WHERE id > 100`,
  );
  const page = await previews.aim(database);
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
  await dropDatabase(database);
});
