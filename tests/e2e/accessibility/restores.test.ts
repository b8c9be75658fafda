// Every look on the way to a restore: dumps good and bad, the preview and what it tells of rows, the last question.
import { Buffer } from 'node:buffer';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, dropDatabase } from '../../support/server.ts';
import { choose, dropBytes, dropFile } from '../actions.ts';
import { startSession, stockDump, type Session } from '../session.ts';
import { expectAccessible } from './rules.ts';

/** Every kind of row, a blocker, differing schemas and migrations, a name as long as names get. */
const longName = `very_long_table_name_${'x'.repeat(36)}_🐘`.slice(0, 60);
const previewed = {
  backup: `
    CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE, price numeric, attributes jsonb, note text);
    INSERT INTO products SELECT i, 'S' || i, i, jsonb_build_object('colour', 'red', 'i', i, 'more', repeat('x', 80)), repeat('word ', 100) FROM generate_series(1, 200) i;
    CREATE TABLE "${longName}" ("${longName}" int PRIMARY KEY); INSERT INTO "${longName}" VALUES (1);
    CREATE TABLE gone (a int PRIMARY KEY); INSERT INTO gone VALUES (1);
    CREATE TABLE loose (a int, b text); INSERT INTO loose VALUES (1, NULL), (1, ''), (2, 'x');
    CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text, applied timestamptz);
    INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01');`,
  live: `
    CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE, price numeric, attributes jsonb, note text, extra int);
    INSERT INTO products SELECT i, 'S' || i, i + 1, jsonb_build_object('colour', 'blue', 'i', i, 'more', repeat('x', 80)), NULL FROM generate_series(1, 150) i;
    INSERT INTO products VALUES (900, 'S160', 1, '{}', ''), (901, NULL, NULL, NULL, NULL);
    CREATE TABLE "${longName}" ("${longName}" int PRIMARY KEY);
    CREATE TABLE loose (a int, b text); INSERT INTO loose VALUES (1, NULL), (3, 'y');
    CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text, applied timestamptz);
    INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01'), (2, 'shop', '0002_more', '2024-02-01');`,
};

let session: Session;
let changed: string;
let dump: string;

beforeAll(async () => {
  session = await startSession();
  changed = await createDatabase(previewed.live);
  await session.addProfile({ name: 'Previewed', database: changed });
  const before = await createDatabase(previewed.backup);
  dump = stockDump(before, ['-Fc'], 'before.dump');
  await dropDatabase(before);
});
afterAll(async () => {
  await session.close();
  await dropDatabase(changed);
  expect(session.complaints).toEqual([]);
});

type Look = { name: string; show: (page: Page) => Promise<unknown> };

const looksAtDumps: Look[] = [
  {
    name: 'restore of a dropped dump',
    show: async (page) => {
      await dropFile(page, dump);
      await page.getByRole('list', { name: 'Steps' }).waitFor();
    },
  },
  {
    name: 'objects of a dump and the last question',
    show: async (page) => {
      await dropFile(page, dump);
      await page.getByRole('tab', { name: /All objects/ }).click();
      await page.getByRole('button', { name: /^Restore into .*…$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'a dump that is blocked',
    show: async (page) => {
      await dropBytes(page, 'evil.sql', Buffer.from('CREATE TABLE a (b int);\n\\! true\n'));
      await page.getByRole('region', { name: 'What is in it', exact: true }).getByRole('alert').waitFor();
      await page.getByRole('list', { name: 'Steps' }).waitFor();
    },
  },
  {
    name: 'a file that is no dump',
    show: async (page) => {
      await dropBytes(page, 'x.jpg', Buffer.from('ffd8ffe000104a4649460001', 'hex'));
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'rows inside a dump',
    show: async (page) => {
      await dropFile(page, dump);
      await page.getByRole('button', { name: 'Rows of public.products' }).click();
      await page.getByRole('grid', { name: 'Rows of public.products' }).getByText('S11', { exact: true }).click();
      await page.getByRole('region', { name: 'The row, whole' }).waitFor();
    },
  },
];

test.each(looksAtDumps)('$name: axe finds nothing, all has a name, nothing sticks out', async ({ show }) => {
  const page = await session.goTo('restore');
  await show(page);
  await expectAccessible(page);
});

/** Aims the dump at the changed database, row by row. */
async function aimRowByRow(page: Page): Promise<void> {
  await dropFile(page, dump);
  await choose(page, 'Target profile', /^Previewed/);
  await page.getByText('Existing database').click();
  await choose(page, 'Existing database', new RegExp(`^${changed} `));
  await page.getByRole('radio', { name: 'Row by row' }).click();
  await page.getByRole('region', { name: 'The preview' }).getByText('Room at the server').waitFor();
}

/** One after the other in one preview: it is what costs. */
const looksAtPreview: Look[] = [
  {
    name: 'row by row, before it is asked',
    show: async (page) => {
      await aimRowByRow(page);
      await page.getByText('Only some rows, or other keys').click();
      await choose(page, 'Choose rows of a table', 'public.loose');
      await page.getByLabel('Condition for public.loose').fill('a > 0');
    },
  },
  {
    name: 'preview',
    show: async (page) => {
      // Of all tables and rows again.
      await aimRowByRow(page);
      await page.getByRole('button', { name: 'See what it would do' }).click();
      await page.getByRole('grid', { name: 'Compared tables' }).waitFor();
    },
  },
  {
    name: 'conflicts of a table',
    show: async (page) => {
      await page.getByRole('row').filter({ hasText: 'public.products' }).click();
      await page.getByRole('feed').getByRole('article').nth(1).waitFor();
    },
  },
  {
    name: 'clashing rows of a table',
    show: async (page) => {
      await page.getByRole('tab', { name: 'Clashes (1)' }).click();
      await page.getByText('this live row has the value already').waitFor();
    },
  },
  {
    name: 'schema and migrations of a preview',
    show: async (page) => {
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: /^Schema and migrations/ }).click();
      await page.getByRole('list').getByRole('button', { name: 'Definitions' }).first().click();
    },
  },
  {
    name: 'last question before rows are written',
    show: async (page) => {
      await page.getByRole('tab', { name: /^Tables/ }).click();
      await page.getByLabel('Strategy for public.gone').selectOption('Leave alone');
      await page.getByLabel('Strategy for public.products').selectOption('Replace');
      await page.getByRole('button', { name: `Restore into ${changed}…` }).click();
      await page.getByLabel('Type the database name to confirm').waitFor();
    },
  },
];

describe('one preview, from its question to the last', () => {
  let page: Page;

  beforeAll(async () => {
    page = await session.goTo('restore');
  });

  test.each(looksAtPreview)('$name: axe finds nothing, all has a name, nothing sticks out', async ({ show }) => {
    await show(page);
    await expectAccessible(page);
  });
});
