// One preview from its question to the undo of its restore: each test looks at the same one, which is what costs.
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { choose, putAside } from '../actions.ts';
import { grid, longNote, numbers, one, rowOf, see, startPreviews, strategy, type Previews } from './previews.ts';

let previews: Previews;
let page: Page;

beforeAll(async () => {
  previews = await startPreviews();
  page = await previews.aim(previews.live);
  // Said before anything runs.
  await page
    .getByRole('region', { name: 'The preview' })
    .getByText(/4 tables/)
    .waitFor();
  await see(page);
});
beforeEach(() => putAside(page));
afterAll(() => previews.close());

test('a preview tells what each strategy would do, and whether that is safe', async () => {
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
  expect(await numbers(page)).toEqual([20, 10, 0, 571]);
});

test('a preview is still there after a visit elsewhere, and its tables and rows are reached by keyboard alone', async () => {
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

test('differences inside long text are marked and the rest is folded; NULL, empty and copied values', async () => {
  await rowOf(page, 'public.customers').click();
  const rows = page.getByRole('feed', { name: 'Rows' });
  await rows.getByRole('article', { name: 'Row 10', exact: true }).waitFor();
  await page.getByLabel('Search rows by key').fill('7');
  // The rows that are found take the place of all rows.
  await rows.getByRole('article', { name: 'Row 10', exact: true }).waitFor({ state: 'detached' });
  const row = rows.getByRole('article', { name: 'Row 7', exact: true });
  await expect.poll(() => row.locator('mark').allInnerTexts()).toEqual(['west', 'east']);
  expect(await row.innerText()).toContain('characters …');
  await row.focus();
  await page.keyboard.press('Enter');
  await row.getByText('Ring twice.').first().waitFor();
  await expect.poll(() => row.innerText()).not.toContain('characters …');
  await row.getByRole('button', { name: 'Copy backup note' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(longNote);

  await page.getByLabel('Search rows by key').fill('12');
  const wiped = rows.getByRole('article', { name: 'Row 12', exact: true });
  await wiped.waitFor();
  expect((await wiped.innerText()).replace(/\s+/g, ' ')).toMatch(/phone NULL 555-12/);
});

test('the rows of a table can be narrowed by the column that differs, and only the words that differ are marked', async () => {
  await rowOf(page, 'public.products').click();
  const rows = page.getByRole('feed', { name: 'Rows' });
  await rows.getByRole('article').first().waitFor();
  expect((await rows.getByRole('article').first().innerText()).replace(/\s+/g, ' ')).toMatch(/id 1 .*price 2\.00 1\.00/);
  await choose(page.getByRole('dialog'), 'Column that differs', 'attributes (1)');
  await expect.poll(() => rows.getByRole('article').count()).toBe(1);
  // Only the word that differs is marked, on each side.
  expect(await rows.getByRole('table').locator('mark').allInnerTexts()).toEqual(['4', '3', 'green', 'red']);
});

test('one table decided otherwise, merged: the result is what was said, and undo brings the rows back', async () => {
  const database = previews.live;
  // Prices come from the backup, and that is no longer safe.
  await grid(page).getByLabel('Strategy for public.products').selectOption('Replace');
  await expect.poll(() => numbers(page)).toEqual([20, 70, 0, 511]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('60 live rows would be overwritten', { exact: false }).waitFor();

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
