// `preview` and `restore --strategy` as scripts and people use them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Preview } from '../../shared/contract/previews.ts';
import type { Restore } from '../../shared/contract/restores.ts';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import { createDatabase, dropDatabase, serverUrl, sql } from '../support/server.ts';
import { commandsOver } from './commands.ts';

const { cli, ok } = commandsOver();
let database: string;
let backup: SucceededBackup;

const preview = async (...args: string[]): Promise<Preview> =>
  (await ok<{ preview: Preview }>('preview', backup.id, '--into', 'shop', ...args)).preview;
const restore = async (...args: string[]): Promise<Restore> =>
  (await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', ...args)).restore;

beforeAll(async () => {
  database = await createDatabase(`
    create table customers (id int primary key, name text, note text);
    insert into customers select n, 'name ' || n, 'note ' || n from generate_series(1, 20) n;
    create table orders (id int primary key, customer int not null references customers);
    insert into orders select n, n from generate_series(1, 20) n;
    create table "odd, =" (a int, b text); insert into "odd, =" values (1, 'x');`);
  await ok('profile', 'add', 'shop', '--url', serverUrl(database));
  backup = (await ok<{ backup: SucceededBackup }>('backup', 'shop')).backup;
  await sql(
    database,
    "update customers set note = null where id = 1; update customers set name = 'other' where id = 2; delete from orders where id in (3, 4); delete from customers where id = 4; insert into customers values (99, 'new', 'x'); update \"odd, =\" set b = ''",
  );
});
afterAll(() => dropDatabase(database));

test('a preview tells everything, as a document and as text, and leaves nothing', async () => {
  const seen = await preview();
  expect(seen).toMatchObject({
    safe: false,
    totals: { rows: 41, new: 4, identical: 35, conflicts: 2, liveOnly: 2, uniqueClashes: 0 },
    strategies: {
      replace: { created: 4, updated: 2, deleted: 2, skipped: 35 },
      merge: { created: 4, updated: 1, deleted: 0, skipped: 36 },
      skip: { created: 4, updated: 0, deleted: 0, skipped: 37 },
    },
  });
  const customers = seen.tables.find((table) => table.table === 'customers');
  expect(customers?.conflictsByColumn).toEqual({ name: 1, note: 1 });
  expect(customers?.sample).toContainEqual(
    expect.objectContaining({ key: { id: '1' }, changes: [{ column: 'note', live: null, backup: 'note 1' }] }),
  );
  const text = await cli('preview', backup.id, '--into', 'shop', '--sample', '3');
  expect(text.code).toBe(0);
  const lines = text.stdout.split('\n');
  expect(lines[0]).toContain('NOT SAFE');
  expect(text.stdout).toMatch(/ROWS_LOST/);
  expect(text.stdout).toMatch(/^merge +4 +1 +0 +36 +safe$/m);
  expect(text.stdout).toMatch(/^public\.customers +20 +1 +17 +2 +1 +0 +name 1, note 1$/m);
  expect(text.stdout).toContain('conflict  public.customers (id="1"): note: live NULL, backup "note 1"');
  expect(text.stdout).toContain(`--strategy merge --fingerprint ${seen.fingerprint} --yes`);
  expect(await sql(database, "select nspname from pg_namespace where nspname like 'howdah%'")).toEqual([]);
});

test('chosen tables, rows and keys', async () => {
  expect((await preview('--tables', 'orders')).tables.map((table) => table.table)).toEqual(['orders']);
  const rows = await preview('--rows', 'orders=id = 4', '--with-referenced');
  expect(rows.tables.map((table) => [table.table, table.rows, table.new, table.referencedOnly])).toEqual([
    ['customers', 1, 1, true],
    ['orders', 1, 1, false],
  ]);
  const keyed = await preview('--tables', '"odd, ="', '--key', '"odd, ="=a');
  expect(keyed.tables[0]).toMatchObject({ key: { kind: 'chosen', columns: ['a'] }, conflicts: 1 });
});

test('a dry run needs no --yes; a strategy without --yes does not begin', async () => {
  expect(await restore('--strategy', 'merge', '--dry-run')).toMatchObject({
    mode: 'merge',
    dryRun: true,
    rows: { created: 4, updated: 1, deleted: 0, skipped: 36 },
  });
  const refused = await cli('restore', backup.id, '--into', 'shop', '--strategy', 'merge', '--json');
  expect(refused).toMatchObject({ code: 3, json: { error: { code: 'CONFIRMATION_NEEDED', message: expect.stringContaining(database) } } });
  expect(await sql(database, 'select count(*)::int as n from customers')).toEqual([{ n: 20 }]);
  for (const bad of [
    ['--strategy', 'mix'],
    ['--table-strategy', 'orders=skip'],
    ['--strategy', 'merge', '--table-strategy', 'orders'],
    ['--strategy', 'merge', '--key', 'orders='],
  ]) {
    expect(await cli('restore', backup.id, '--into', 'shop', ...bad, '--yes', '--json')).toMatchObject({
      code: 2,
      json: { error: { code: 'BAD_INPUT' } },
    });
  }
});

test('restore by strategy, with the fingerprint of the preview, and back', async () => {
  const { fingerprint } = await preview();
  await sql(database, 'insert into orders values (50, 5)');
  const stale = await cli('restore', backup.id, '--into', 'shop', '--strategy', 'merge', '--fingerprint', fingerprint, '--yes', '--json');
  expect(stale).toMatchObject({ code: 1, json: { error: { code: 'PLAN_STALE' } } });
  await sql(database, 'delete from orders where id = 50');
  const again = await preview();
  const done = await restore(
    '--strategy',
    'merge',
    '--fingerprint',
    again.fingerprint,
    '--table-strategy',
    'orders=leave',
    '--fill-empty-strings',
    '--key',
    '"odd, ="=a',
    '--yes',
  ).catch((thrown: unknown) => thrown);
  // The key is a part of what was previewed.
  expect(done).toBeInstanceOf(Error);
  const merged = await restore('--strategy', 'merge', '--fingerprint', again.fingerprint, '--table-strategy', 'orders=leave', '--yes');
  expect(merged).toMatchObject({ mode: 'merge', status: 'succeeded', undo: 'possible', rows: { created: 2, updated: 1, deleted: 0 } });
  await ok('restore', 'undo', merged.id, '--yes');
  expect(await sql(database, 'select count(*)::int as n, count(note)::int as notes from customers')).toEqual([{ n: 20, notes: 19 }]);
  const text = await cli('restore', backup.id, '--into', 'shop', '--strategy', 'skip', '--yes');
  expect(text.stdout).toMatch(/4 rows created, 0 updated, 0 deleted; 37 of the backup changed nothing\..*howdah restore undo res_/);
});
