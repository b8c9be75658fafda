import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { leftoversOf, pgDump, planFile, requestFor, restore, restoreFile, shop, succeeded } from './support.ts';

let engine: TestEngine;
let source: string;
let profileId: string;
const dumps: Record<string, string> = {};
const orders = { schema: 'app', table: 'orders' };
const customers = { schema: 'app', table: 'customers' };

beforeAll(async () => {
  engine = await makeEngine();
  source = await createDatabase(shop);
  dumps['custom'] = pgDump(source, ['-Fc']);
  dumps['plain'] = pgDump(source, []);
  profileId = (await engine.addProfile({ database: 'postgres' })).id;
});

afterAll(async () => {
  expect(leftoversOf(engine)).toEqual([]);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

/** A live database that went on after the dump. */
async function lived(): Promise<string> {
  return createDatabase(`${shop}
    delete from app.orders where id <= 500; insert into app.customers (name) values ('new one');
    drop view app.totals;
    create table app.notes (id int primary key, of_customer int references app.customers on delete cascade, of_order bigint);
    alter table app.notes add constraint "to order" foreign key (of_order) references app.orders; comment on constraint "to order" on app.notes is 'kept';
    insert into app.notes values (1, 5, 700)`);
}

describe.each(['custom', 'plain'])('chosen tables of a %s dump', (form) => {
  it('come back whole into the live database, foreign keys from outside too', async () => {
    const database = await lived();
    const request = {
      ...(await requestFor(engine, dumps[form] ?? '', { profileId, database, tables: [orders, customers] })),
      safetyBackup: true,
    };
    const plan = await engine.client.restores.plan(request);
    expect(plan).toMatchObject({ mode: 'tables', blockers: [], safetyBackup: true });
    const definitions = `select conname, pg_get_constraintdef(oid) as def, obj_description(oid, 'pg_constraint') as comment from pg_constraint where connamespace = 'app'::regnamespace order by 1
      `;
    const constraints = await sql(database, definitions);
    const indexes = await sql(database, "select indexdef from pg_indexes where schemaname = 'app' order by 1");
    const done = succeeded(await restore(engine, request), engine.faults);
    expect(done).toMatchObject({ mode: 'tables', undo: 'possible', rowsRestored: form === 'plain' ? 1100 : null });
    expect(
      await sql(
        database,
        'select (select count(*)::int from app.orders) as orders, (select count(*)::int from app.customers) as customers, (select count(*)::int from app.notes) as notes',
      ),
    ).toEqual([{ orders: 1000, customers: 100, notes: 1 }]);
    expect(await sql(database, definitions)).toEqual(constraints);
    expect(await sql(database, "select indexdef from pg_indexes where schemaname = 'app' order by 1")).toEqual(indexes);
    expect(await sql(database, "insert into app.customers (name) values ('after') returning id")).toEqual([{ id: 101 }]);
    expect(await sql(database, 'insert into app.orders (customer) values (1) returning id::int')).toEqual([{ id: 1001 }]);

    const undo = await engine.client.restores.undo({ id: done.id, confirm: database });
    expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
    expect(
      await sql(
        database,
        'select (select count(*)::int from app.orders) as orders, (select count(*)::int from app.customers) as customers',
      ),
    ).toEqual([{ orders: 500, customers: 101 }]);
    await dropDatabase(database);
  });

  it('into a new database, with the types and schemas that they need', async () => {
    const database = `${source}_${form}`;
    const done = succeeded(
      await restoreFile(engine, dumps[form] ?? '', { profileId, database, create: true, tables: [customers] }),
      engine.faults,
    );
    expect(done.mode).toBe('new');
    expect(
      await sql(database, "select count(*)::int as n, (select to_regclass('app.orders') is null) as alone from app.customers"),
    ).toEqual([{ n: 100, alone: true }]);
    await dropDatabase(database);
  });
});

it('is refused beforehand where a view stands in the way', async () => {
  const database = await createDatabase(shop);
  expect(await planFile(engine, dumps['custom'] ?? '', { profileId, database, tables: [orders] })).toMatchObject({
    blockers: [{ code: 'TABLE_IN_THE_WAY', message: expect.stringContaining('view app.totals') }],
  });
  const done = await restoreFile(engine, dumps['custom'] ?? '', { profileId, database, tables: [orders] });
  expect(done).toMatchObject({ status: 'failed', error: { code: 'TABLE_IN_THE_WAY' } });
  await dropDatabase(database);
});

it('takes everything back where other rows point to rows that the dump lacks', async () => {
  const database = await lived();
  await sql(database, 'insert into app.notes values (2, (select max(id) from app.customers), 700)');
  const done = await restoreFile(engine, dumps['custom'] ?? '', { profileId, database, tables: [customers, orders] });
  expect(done).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS', message: expect.stringContaining('notes') } });
  expect(
    await sql(database, 'select (select count(*)::int from app.orders) as orders, (select count(*)::int from app.customers) as customers'),
  ).toEqual([{ orders: 500, customers: 101 }]);
  await dropDatabase(database);
});

it('brings a table that is not there any more, and an undo drops it again', async () => {
  const database = await createDatabase(`${shop} drop table app.orders cascade`);
  const done = succeeded(await restoreFile(engine, dumps['custom'] ?? '', { profileId, database, tables: [orders] }), engine.faults);
  expect(
    await sql(
      database,
      "select count(*)::int as n, (select count(*)::int from pg_constraint where contype = 'f' and conrelid = 'app.orders'::regclass) as keys from app.orders",
    ),
  ).toEqual([{ n: 1000, keys: 1 }]);
  const undo = await engine.client.restores.undo({ id: done.id, confirm: database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await sql(database, "select to_regclass('app.orders') as gone")).toEqual([{ gone: null }]);
  await dropDatabase(database);
});

it('says which table the dump lacks', async () => {
  await expect(
    planFile(engine, dumps['custom'] ?? '', { profileId, database: source, tables: [{ schema: 'app', table: 'Orders' }] }),
  ).rejects.toMatchObject({ code: 'TABLE_NOT_IN_DUMP' });
});

it('brings partitions with their parent', async () => {
  const statements = `create table p (a int not null, t text) partition by range (a); create table p1 partition of p for values from (0) to (100); create table p2 partition of p default;
    create unique index p_a on p (a); insert into p select n, 't' from generate_series(1, 200) n`;
  const from = await createDatabase(statements);
  const dump = pgDump(from, ['-Fc']);
  const database = await createDatabase(`${statements}; delete from p`);
  succeeded(await restoreFile(engine, dump, { profileId, database, tables: [{ schema: 'public', table: 'p' }] }), engine.faults);
  expect(
    await sql(
      database,
      'select (select count(*)::int from p) as p, (select count(*)::int from only p1) as p1, (select count(*)::int from pg_inherits) as links',
    ),
  ).toEqual([{ p: 200, p1: 99, links: 4 }]);
  for (const name of [from, database]) await dropDatabase(name);
});

describe('a dump that holds less than the database that it would replace', () => {
  it('is no surprise: a backup of chosen tables is refused, a quick one says what will be empty', async () => {
    const database = await createDatabase(shop);
    const own = await engine.addProfile({ database });
    const odd = { schema: 'public', table: 'Odd "Table' };
    const chosen = await engine.backUpWell(own.id, { tables: [odd] });
    const whole = restoreRequest.parse({ source: { kind: 'backup', id: chosen.id }, profileId: own.id });
    expect((await engine.client.restores.plan(whole)).blockers).toMatchObject([
      { code: 'TARGET_NOT_EMPTY', message: expect.stringContaining('app.customers') },
    ]);
    expect((await engine.client.restores.plan({ ...whole, tables: [odd] })).blockers).toEqual([]);
    const quick = await engine.backUpWell(own.id, { excludeTableData: ['app.orders'] });
    const plan = await engine.client.restores.plan({ ...whole, source: { kind: 'backup', id: quick.id } });
    expect(plan).toMatchObject({ blockers: [], warnings: [{ code: 'ROWS_NOT_IN_DUMP', message: expect.stringContaining('app.orders') }] });
    await sql(database, 'create table younger (id int)');
    const later = await engine.client.restores.plan({ ...whole, source: { kind: 'backup', id: quick.id } });
    expect(later.warnings.map(({ code }) => code)).toEqual(['TABLES_NOT_IN_DUMP', 'ROWS_NOT_IN_DUMP']);
    await dropDatabase(database);
  });

  it('is verified deeply and restored into a new database with the schemas that pg_dump -t leaves out', async () => {
    const database = await createDatabase(
      'create schema "odd schema"; create table "odd schema".t as select n from generate_series(1, 5) n',
    );
    const own = await engine.addProfile({ database });
    const backup = await engine.backUpWell(own.id, { tables: [{ schema: 'odd schema', table: 't' }], deepVerify: true });
    const fresh = `${database}_fresh`;
    const request = restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: own.id, database: fresh, create: true });
    expect(succeeded(await restore(engine, request), engine.faults).rowsRestored).toBe(5);
    for (const name of [fresh, database]) await dropDatabase(name);
  });
});
