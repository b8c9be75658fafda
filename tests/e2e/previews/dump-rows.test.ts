// Rows inside a dump, looked at without any server that was set up for it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, dropDatabase } from '../../support/server.ts';
import { dropFile } from '../actions.ts';
import { startSession, stockDump, type Session } from '../session.ts';
import { shop } from './previews.ts';

let session: Session;
let dump: string;

beforeAll(async () => {
  session = await startSession();
  const source = await createDatabase(shop);
  dump = stockDump(source, ['-Fc'], 'shop.dump');
  await dropDatabase(source);
});
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

test('rows inside a dump, without any server: NULL and empty differ, a condition narrows them', async () => {
  const page = await session.goTo('restore');
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
  await page.getByText('3 rows, 4 columns').waitFor();
  await rows.getByText('customer 11', { exact: true }).click();
  await page.getByRole('region', { name: 'The row, whole' }).getByText('555-11').waitFor();
  await page.getByLabel('Only rows where').fill('no such column');
  await page.getByRole('button', { name: 'Show these rows' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('BAD_INPUT').waitFor();
});
