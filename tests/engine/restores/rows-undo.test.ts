// Undo of a restore that changed rows: every row as it was, and the way back from that.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { transactionName } from '../../../electron/engine/restores/settle-swap.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { connect, dropDatabase, sql } from '../../support/server.ts';
import { copyOf, restoreBy, rowsOf, scene, stagingIn, type Scene } from './rows-support.ts';
import { leftoversOf, succeeded } from './support.ts';

let engine: TestEngine;
let base: Scene;
beforeAll(async () => {
  engine = await makeEngine();
  base = await scene(engine, before, since);
});
afterAll(async () => {
  await engine.close();
  await dropDatabase(base.database);
});

const before = `
  create table people (id int primary key, name text, boss int references people);
  insert into people select n, 'name ' || n, nullif(n / 2, 0) from generate_series(1, 20) n;
  create table pets (id int generated always as identity, name text, keeper int not null references people on delete cascade) partition by range (id);
  create table pets_low partition of pets for values from (1) to (10);
  create table pets_high partition of pets for values from (10) to (100);
  insert into pets (name, keeper) select 'pet ' || n, n from generate_series(1, 15) n;
  create table plain (a int, b text);
  insert into plain values (1, 'x'), (1, 'x'), (2, 'y');
`;
const since = `
  update people set name = null where id = 3; update people set name = 'other' where id = 4;
  delete from pets where keeper > 12; delete from people where id > 17;
  insert into people values (50, 'fifty', 4); insert into pets (name, keeper) values ('of fifty', 50);
  delete from plain where a = 1; insert into plain values (7, 'z'), (7, 'z');
`;
const tables = ['people', 'pets', 'plain'].map((table) => ({ schema: 'public', table }));
const all = async (database: string): Promise<string[][]> => Promise.all(tables.map(({ table }) => rowsOf(database, table)));

it.each(['replace', 'merge', 'skip'] as const)(
  'what %s did to the rows goes back with an undo, and comes again with the undo of that',
  async (strategy) => {
    const at = await copyOf(engine, base);
    const live = await all(at.database);
    const restore = succeeded(await restoreBy(engine, at, { strategy, tables }), engine.faults);
    const restored = await all(at.database);
    expect(restored).not.toEqual(live);
    const undo = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
    expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
    expect(await all(at.database)).toEqual(live);
    // One row tells the whole story.
    const { restores } = await engine.client.restores.list({ search: at.database, offset: 0, limit: 10 });
    expect(restores).toMatchObject([{ id: restore.id, undo: 'done' }]);
    await expect(engine.client.restores.undo({ id: restore.id, confirm: at.database })).rejects.toMatchObject({
      code: 'UNDO_NOT_POSSIBLE',
    });
    const { backups } = await engine.client.backups.list({
      sort: 'startedAt',
      descending: true,
      offset: 0,
      limit: 10,
      search: at.database,
    });
    const own = backups.find((backup) => backup.label === `before the undo of ${restore.id}`);
    const again = succeeded(await restoreBy(engine, { ...at, backupId: own?.id ?? '' }, { strategy: 'replace', tables }), engine.faults);
    expect(again).toMatchObject({ mode: 'replace' });
    expect(await all(at.database)).toEqual(restored);
    expect(await stagingIn(at.database)).toEqual([]);
    expect(leftoversOf(engine)).toEqual([]);
    await dropDatabase(at.database);
  },
);

it('rows that were changed since go back as well, and the log says how many', async () => {
  const at = await copyOf(engine, base);
  const live = await all(at.database);
  const restore = succeeded(await restoreBy(engine, at, { strategy: 'merge' }), engine.faults);
  await sql(at.database, "update people set name = 'meanwhile' where id = 1; insert into plain values (8, 'meanwhile')");
  const undo = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await all(at.database)).toEqual(live);
  const { lines } = await engine.client.jobs.log({ id: undo.jobId });
  expect(lines.map((line) => line.text).join('\n')).toMatch(/Rows were changed after the restore.*changed instead of/);
  await dropDatabase(at.database);
});

it('what stands in the way of an undo is named, and nothing is touched', async () => {
  const at = await copyOf(engine, base);
  const restore = succeeded(
    await restoreBy(engine, at, { strategy: 'skip', tables: [{ schema: 'public', table: 'people' }] }),
    engine.faults,
  );
  await sql(at.database, "insert into pets (name, keeper) values ('new', 19)");
  const restored = await all(at.database);
  const undo = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
  expect(await engine.ended(undo.jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'RESTORE_BLOCKED', message: expect.stringContaining('ROWS_IN_THE_WAY') },
  });
  expect(await all(at.database)).toEqual(restored);
  expect(await engine.client.restores.get({ id: restore.id })).toMatchObject({ undo: 'possible' });
  await dropDatabase(at.database);
});

it.each([
  ['was committed', 'commit', 'done'],
  ['was taken back', 'rollback', 'possible'],
])('the program ends as an undo is committed, and it %s: the history says so at the next start', async (_, how, undo) => {
  const home = makeHome();
  const first = await makeEngine({ home });
  const at = await scene(first, before, since);
  const restore = succeeded(await restoreBy(first, at, { strategy: 'merge' }), first.faults);
  await first.close();
  const client = await connect(at.database);
  await client.query('begin');
  const { rows } = await client.query<{ id: string }>('select txid_current()::text as id');
  await client.query(how);
  await client.end();
  const catalog = new Database(join(home, 'catalog.sqlite'));
  const body = {
    kind: 'swap',
    profileId: at.profileId,
    restoreId: restore.id,
    live: at.database,
    fresh: transactionName(rows[0]?.id ?? ''),
    aside: '',
  };
  catalog
    .prepare('insert into leftovers (id, job_id, owner, kind, body) values (?, ?, ?, ?, ?)')
    .run('lef_x', 'job_of_the_undo', 'hos_dead', 'swap', JSON.stringify(body));
  catalog.close();
  const next = await makeEngine({ home });
  await next.engine.settledAll();
  expect(leftoversOf(next)).toEqual([]);
  expect(await next.client.restores.get({ id: restore.id })).toMatchObject({ status: 'succeeded', undo });
  await next.close();
  await dropDatabase(at.database);
});
