// A preview through the contract: counts, rows, verdicts, and staging that does not outlive it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewRequest, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { leftoversOf, pgDump, shop } from '../restores/support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

async function previewOf(database: string, path: string, change: Partial<PreviewRequest> = {}): Promise<Preview> {
  const profile = await engine.addProfile({ database });
  const file = await engine.client.dumps.open({ path });
  const { jobId, previewId } = await engine.client.previews.start(
    previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id, ...change }),
  );
  await engine.ended(jobId);
  const state = await engine.client.previews.get({ id: previewId });
  if (state.status !== 'ready') throw new Error(`${JSON.stringify(state, null, 1)} ${engine.faults.join('\n')}`);
  return state.preview;
}

const stagings = (database: string) => sql(database, "select nspname from pg_namespace where nspname like 'howdah%'");

test('tells new, identical, conflicting and live-only rows, by column, in every archive format', async () => {
  const database = await createDatabase(shop);
  for (const format of ['-Fc', '-Fd', '-Ft', '-Fp']) {
    const path = pgDump(database, [format], undefined, `shop${format}`);
    await sql(
      database,
      `begin; update app.customers set name = 'Another ' || id where id <= 3; delete from app.orders where id in (5, 6);
       insert into app.customers (id, name) values (9001, 'fresh'); delete from public."Odd ""Table" where a = 7;
       insert into public."Odd ""Table" select * from public."Odd ""Table" where a = 8; commit`,
    );
    const preview = await previewOf(database, path);
    expect(preview.totals).toMatchObject({ rows: 1150, new: 3, conflicts: 3, liveOnly: 2, uniqueClashes: 0, identical: 1144 });
    const customers = preview.tables.find((table) => table.table === 'customers');
    expect(customers).toMatchObject({
      rows: 100,
      conflicts: 3,
      liveOnly: 1,
      conflictsByColumn: { name: 3 },
      key: { kind: 'primary', columns: ['id'] },
    });
    expect(customers?.sample[0]).toMatchObject({
      kind: 'conflict',
      key: { id: '1' },
      changes: [{ column: 'name', live: 'Another 1', backup: 'name 1' }],
    });
    expect(preview.strategies.skip).toEqual({ created: 3, updated: 0, deleted: 0, skipped: 1147 });
    expect(preview.strategies.replace).toEqual({ created: 3, updated: 3, deleted: 2, skipped: 1144 });
    expect(preview.safe).toBe(false);
    expect(preview.reasons.map((reason) => reason.code)).toEqual(['ROWS_LOST', 'ROWS_CHANGED', 'LARGE_OBJECTS']);
    expect(preview.verdicts.skip).toEqual({ safe: true, reasons: [] });
    expect(await stagings(database)).toHaveLength(1);
    await engine.client.previews.close({ id: preview.id });
    expect(await stagings(database)).toEqual([]);
    await sql(
      database,
      `begin; delete from app.customers where id = 9001; update app.customers set name = 'name ' || id where id <= 3;
       insert into app.orders (id, customer, total) values (5, 6, 5), (6, 7, 6); delete from public."Odd ""Table" where a in (7, 8);
       insert into public."Odd ""Table" select n, repeat('x', 200) from generate_series(7, 8) n; commit`,
    );
  }
});

test('a backup made while a preview is open holds none of its staging', async () => {
  const database = await createDatabase(shop);
  const preview = await previewOf(database, pgDump(database, ['-Fc']));
  const backup = await engine.backUpWell(preview.profileId);
  const dump = await engine.client.dumps.inspect({ source: { kind: 'backup', id: backup.id } });
  expect(dump.objects.filter((object) => `${object.schema} ${object.name}`.includes('howdah'))).toEqual([]);
  expect(dump.tables.map((table) => table.table).toSorted()).toEqual(['Odd "Table', 'customers', 'orders']);
  await engine.client.previews.close({ id: preview.id });
});

test('takes no lock on live tables but that of SELECT: writers and lockers are not met', async () => {
  const database = await createDatabase(shop);
  const path = pgDump(database, ['-Fc']);
  const other = await connect(database);
  try {
    await other.query('begin; update app.customers set name = name where id = 1; lock table app.customers, app.orders in exclusive mode');
    const preview = await previewOf(database, path);
    expect(preview.totals).toMatchObject({ rows: 1150, identical: 1150 });
    expect(preview.verdicts.merge).toEqual({ safe: true, reasons: [] });
    await engine.client.previews.close({ id: preview.id });
  } finally {
    await other.end();
  }
});

test('says who holds a lock that SELECT waits for; a cancel leaves no session and no staging behind', async () => {
  const database = await createDatabase(shop);
  const path = pgDump(database, ['-Fc']);
  const other = await connect(database);
  try {
    await other.query('begin; lock table app.orders in access exclusive mode');
    const profile = await engine.addProfile({ database });
    const file = await engine.client.dumps.open({ path });
    const { jobId, previewId } = await engine.client.previews.start(
      previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id }),
    );
    await until('the lock wait is shown', async () => {
      const job = await engine.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.some((wait) => wait.waitsFor.includes('orders'));
    });
    await engine.client.jobs.cancel({ id: jobId });
    expect((await engine.ended(jobId)).status).toBe('cancelled');
    expect(await engine.client.previews.get({ id: previewId })).toMatchObject({ status: 'failed', error: { code: 'CANCELLED' } });
    expect(await stagings(database)).toEqual([]);
    expect(await sql('postgres', 'select from pg_stat_activity where application_name = $1', [`howdah ${jobId}`])).toEqual([]);
    expect(leftoversOf(engine)).toEqual([]);
  } finally {
    await other.end();
  }
});

test('a role that may not create a schema is told so, with both ways on, before anything is done', async () => {
  const database = await createDatabase(shop);
  const path = pgDump(database, ['-Fc']);
  const role = await createRole();
  await sql(database, `grant usage on schema app to "${role.user}"; grant select on all tables in schema app, public to "${role.user}"`);
  const profile = await engine.addProfile({ database, user: role.user }, role.password);
  const file = await engine.client.dumps.open({ path });
  const request = previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id });
  const estimate = await engine.client.previews.estimate(request);
  expect(estimate.blockers).toEqual([
    expect.objectContaining({ code: 'STAGING_NOT_ALLOWED', hint: expect.stringMatching(/GRANT CREATE ON DATABASE.*--stage-on/s) }),
  ]);
  const { jobId } = await engine.client.previews.start(request);
  expect(await engine.ended(jobId)).toMatchObject({ status: 'failed', error: { code: 'STAGING_NOT_ALLOWED' } });
});

test('staging goes with the engine that made it', async () => {
  const database = await createDatabase(shop);
  const path = pgDump(database, ['-Fc']);
  const own = await makeEngine();
  const profile = await own.addProfile({ database });
  const file = await own.client.dumps.open({ path });
  const { jobId } = await own.client.previews.start(
    previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id, tables: [{ schema: 'app', table: 'orders' }] }),
  );
  await own.ended(jobId);
  expect(await stagings(database)).toHaveLength(1);
  await own.close();
  expect(await stagings(database)).toEqual([]);
});

test('where the role may not create a schema, the rows are staged on another server: to be looked at, not carried out', async () => {
  const database = await createDatabase(shop);
  const path = pgDump(database, ['-Fc']);
  await sql(database, "update app.customers set name = 'Other' where id = 2; delete from app.orders where id < 4");
  const role = await createRole();
  await sql(database, `grant usage on schema app to "${role.user}"; grant select on all tables in schema app, public to "${role.user}"`);
  const elsewhere = await engine.addProfile({ database: 'postgres' });
  const profile = await engine.addProfile({ database, user: role.user }, role.password);
  const file = await engine.client.dumps.open({ path });
  const { jobId, previewId: id } = await engine.client.previews.start(
    previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id, stageOn: elsewhere.id }),
  );
  await engine.ended(jobId);
  const state = await engine.client.previews.get({ id });
  if (state.status !== 'ready') throw new Error(JSON.stringify(state));
  expect(state.preview).toMatchObject({ staging: 'elsewhere', totals: { rows: 1150, new: 3, conflicts: 1, liveOnly: 0, identical: 1146 } });
  const { rows, total } = await engine.client.previews.rows({ id, schema: 'app', table: 'customers', kind: 'conflict' });
  expect(total).toBe(1);
  expect(rows[0]).toMatchObject({ key: { id: '2' }, changes: [{ column: 'name', live: 'Other', backup: 'name 2' }] });
  await expect(engine.client.previews.judge({ id, strategy: 'skip' })).rejects.toMatchObject({ code: 'RESTORE_BLOCKED' });
  await engine.client.previews.close({ id });
  expect(await sql('postgres', "select datname from pg_database where datname like 'howdah_tmp%'")).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
});

test('a replace of the whole counts the rows of tables that the target lacks; row by row they block', async () => {
  const database = await createDatabase(
    `${shop} create table app.gone (id int primary key); insert into app.gone select generate_series(1, 25)`,
  );
  const path = pgDump(database, ['-Fc']);
  await sql(database, 'drop table app.gone; create table app.fresh (id int)');
  const preview = await previewOf(database, path);
  expect(preview.totals).toMatchObject({ rows: 1175, new: 25, identical: 1150 });
  expect(preview.strategies.replace).toEqual({ created: 25, updated: 0, deleted: 0, skipped: 1150 });
  expect(preview.strategies.skip.created).toBe(0);
  expect(preview.tables.find((table) => table.table === 'gone')?.blockers).toEqual([
    expect.objectContaining({ code: 'TABLE_MISSING', strategies: ['merge', 'skip'] }),
  ]);
  expect(preview.reasons.map((reason) => reason.code)).toEqual(['TABLES_LOST', 'LARGE_OBJECTS', 'SCHEMA_DIFFERS']);
  const judged = await engine.client.previews.judge({ id: preview.id, strategy: 'replace' });
  expect(judged.effects.created).toBe(25);
  await engine.client.previews.close({ id: preview.id });
});

test('an index expression that fails on a row of the backup blocks its table, and no other', async () => {
  const database = await createDatabase(
    `${shop} create table public.odd (id int primary key, v int); insert into public.odd values (1, 0), (2, 5)`,
  );
  const path = pgDump(database, ['-Fc']);
  await sql(database, 'delete from public.odd where v = 0; delete from app.orders where id = 9');
  await sql(database, 'create unique index odd_tenth on public.odd ((10 / v))');
  const preview = await previewOf(database, path);
  const odd = preview.tables.find((table) => table.table === 'odd');
  expect(odd).toMatchObject({ compared: false });
  expect(odd?.blockers.map((blocker) => blocker.code)).toEqual(['CHECK_FAILS']);
  expect(preview.tables.find((table) => table.table === 'orders')).toMatchObject({ compared: true, new: 1, identical: 999 });
  await engine.client.previews.close({ id: preview.id });
});
