// Previews in the browser: a shop as it was dumped, the same shop after some accidents, and what is read off the page.
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { choose, dropFile } from '../actions.ts';
import { startSession, stockDump } from '../session.ts';

export const longNote = `Deliver to the east gate of the stables. ${'The mahout on duty signs for it. '.repeat(20)}Ring twice.`;
export const shop = `
  CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, phone text, note text);
  INSERT INTO customers SELECT i, 'customer ' || i, '555-' || i, '' FROM generate_series(1, 200) i;
  UPDATE customers SET note = '${longNote}' WHERE id = 7;
  CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10, 2), attributes jsonb);
  INSERT INTO products SELECT i, 'product ' || i, i, jsonb_build_object('colour', 'red', 'weight', i) FROM generate_series(1, 100) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers, product int NOT NULL REFERENCES products);
  INSERT INTO orders SELECT i, 1 + i % 200, 1 + i % 100 FROM generate_series(1, 300) i;
  CREATE TABLE settings (name text PRIMARY KEY, value text); INSERT INTO settings VALUES ('currency', 'EUR');`;
export const accidents = `
  UPDATE products SET price = price + 1 WHERE id <= 60;
  UPDATE products SET attributes = attributes || '{"colour": "green"}' WHERE id = 3;
  UPDATE customers SET phone = NULL WHERE id BETWEEN 10 AND 19;
  UPDATE customers SET note = replace(note, 'east gate', 'west gate') WHERE id = 7;
  DELETE FROM orders WHERE id > 280;
  INSERT INTO orders SELECT i, 1, 1 FROM generate_series(1001, 1005) i;`;

export type Previews = Awaited<ReturnType<typeof startPreviews>>;

/** A session with the profile `Shop`, the dump of the shop, and a live database that had the accidents. */
export async function startPreviews() {
  const session = await startSession();
  const source = await createDatabase(shop);
  await session.addProfile({ name: 'Shop', database: source });
  const dump = stockDump(source, ['-Fc'], 'shop.dump');
  const live = await createDatabase(shop + accidents);
  return {
    session,
    /** What the dump was made of: nothing differs. */
    source,
    dump,
    live,
    /** Drops the dump on the kept tab and aims it, row by row, at a live database. */
    aim: async (database: string, profileName = 'Shop'): Promise<Page> => {
      const page = await session.goTo('restore');
      await dropFile(page, dump);
      const target = page.getByRole('region', { name: 'Where to' });
      await choose(target, 'Target profile', new RegExp(`^${profileName}`));
      await target.getByText('Existing database').click();
      await choose(target, 'Existing database', new RegExp(`^${database} `));
      await page.getByRole('radio', { name: 'Row by row' }).click();
      return page;
    },
    close: async (): Promise<void> => {
      await session.close();
      for (const name of [source, live]) await dropDatabase(name);
      expect(session.complaints).toEqual([]);
    },
  };
}

export async function see(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'See what it would do' }).click();
  await grid(page).waitFor();
}

/** The one value that a query gives. */
export const one = async (database: string, query: string): Promise<unknown> => Object.values((await sql(database, query))[0] ?? {})[0];
export const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Compared tables' });
export const rowOf = (page: Page, table: string): Locator => grid(page).getByRole('row').filter({ hasText: table });
const effect = (page: Page): Promise<string> => page.getByRole('status', { name: 'Effect' }).innerText();
/** Added, changed, deleted, unchanged. */
export const numbers = async (page: Page): Promise<number[]> =>
  (await effect(page)).match(/\d[\d,]*/g)?.map((text) => Number(text.replace(',', ''))) ?? [];
export const strategy = (page: Page, name: string): Promise<void> =>
  page.getByRole('group', { name: 'What to do' }).getByText(name, { exact: true }).click();
