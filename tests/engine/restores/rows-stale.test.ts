// The target moves between preview and restore: PLAN_STALE, and nothing is touched. Undo brings back every row.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, dropDatabase, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { thorough } from '../../support/thorough.ts';
import { copyOf, previewOf, requestOf, restoreBy, rowsOf, scene, stagingIn, type Scene } from './rows-support.ts';
import { databases, leftoversOf, succeeded } from './support.ts';

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
  create table people (id int primary key, name text, note text);
  insert into people select n, 'name ' || n, 'note ' || n from generate_series(1, 50) n;
  create table other (id int primary key, t text);
  insert into other values (1, 'one');
`;
const since =
  "update people set note = null where id <= 5; update people set name = 'new' where id = 6; delete from people where id = 7; insert into people values (99, 'x', 'y')";
const moves: [string, string][] = [
  ['a row added', "insert into people values (100, 'late', null)"],
  ['a row changed', "update people set name = 'changed' where id = 20"],
  ['a row deleted', 'delete from people where id = 20'],
  ['a row written anew as it was', 'update people set name = name where id = 20'],
  ['a column added', 'alter table people add column extra int'],
  ['a row added to a table that would not change', "insert into other values (2, 'two')"],
  ['a table gone', 'drop table other'],
];
const ways: [string, Partial<RestoreRequest>][] = [
  ['merge', { strategy: 'merge' }],
  ['replace of a table', { strategy: 'replace', tables: [{ schema: 'public', table: 'people' }] }],
  ['replace of the whole', { strategy: 'replace' }],
];

describe.each(ways)('%s', (way, choice) => {
  it.each(moves)(`%s after the preview of a ${way}: stale, and nothing is touched`, async (what, move) => {
    const at = await copyOf(engine, base);
    const elsewhere = move.includes('other') && choice.tables !== undefined;
    const preview = await previewOf(engine, at, { tables: choice.tables ?? [] });
    await sql(at.database, move);
    const people = await rowsOf(at.database, 'people');
    const names = await databases(`${at.database}%`);
    // Once with the staging of the preview, once with one of its own: each move and each way has had both.
    const stagings = thorough || way === 'merge' || what === 'a row changed' ? [true, false] : [true];
    for (const open of elsewhere ? [] : stagings) {
      const restore = await restoreBy(engine, at, {
        ...choice,
        fingerprint: preview.fingerprint,
        ...(open ? { previewId: preview.id } : {}),
      });
      expect(restore).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' }, safetyBackupId: null });
      if (open) await engine.client.previews.close({ id: preview.id });
      expect(await rowsOf(at.database, 'people')).toEqual(people);
      expect(await databases(`${at.database}%`)).toEqual(names);
    }
    if (elsewhere) {
      // What was not compared is nobody's business.
      succeeded(await restoreBy(engine, at, { ...choice, fingerprint: preview.fingerprint, previewId: preview.id }), engine.faults);
    }
    expect(await stagingIn(at.database)).toEqual([]);
    expect(leftoversOf(engine)).toEqual([]);
    await dropDatabase(at.database);
  });
});

it('a row added while the restore waits for its lock: nothing is touched', async () => {
  const at = await copyOf(engine, base);
  const holder = await connect(at.database);
  await holder.query("begin; insert into people values (100, 'late', null)");
  const { jobId, restoreId } = await engine.client.restores.start({ ...requestOf(at, { strategy: 'merge' }), confirm: at.database });
  await until(
    'it waits for the lock',
    async () =>
      (
        await sql(
          'postgres',
          "select from pg_stat_activity where application_name = $1 and query like 'lock table%' and wait_event_type = 'Lock'",
          [`howdah ${jobId}`],
        )
      ).length > 0,
  );
  await holder.query('commit');
  await engine.ended(jobId);
  expect(await engine.client.restores.get({ id: restoreId })).toMatchObject({
    status: 'failed',
    error: { code: 'PLAN_STALE', message: expect.stringContaining('public.people (50 rows then, 51 now)') },
  });
  expect(await rowsOf(at.database, 'people')).toHaveLength(51);
  expect(await stagingIn(at.database)).toEqual([]);
  await holder.end();
  await dropDatabase(at.database);
});

it('a row changed while the fresh database is filled: the names are not swapped', async () => {
  const slow = `create function slow(int) returns boolean language plpgsql as $$begin if current_database() like 'howdah%' then perform pg_sleep(0.02); end if; return true; end$$;
    create table people (id int primary key check (slow(id)), name text); insert into people select n, 'x' from generate_series(1, 60) n`;
  for (const uncommitted of [false, true]) {
    const at = await scene(engine, slow, 'delete from people where id = 1');
    const { jobId, restoreId } = await engine.client.restores.start({ ...requestOf(at, { strategy: 'replace' }), confirm: at.database });
    await until(
      'it fills the fresh database',
      async () =>
        (
          await sql(
            'postgres',
            "select from pg_stat_activity where application_name = $1 and datname like 'howdah%' and query ilike 'copy%'",
            [`howdah ${jobId}`],
          )
        ).length > 0,
    );
    const other = await connect(at.database);
    other.on('error', () => undefined);
    await other.query(`${uncommitted ? 'begin;' : ''} update people set name = 'changed' where id = 2`);
    await engine.ended(jobId);
    const restore = await engine.client.restores.get({ id: restoreId });
    // What was not committed goes with its session, and is no change.
    if (uncommitted)
      expect(succeeded(restore, engine.faults)).toMatchObject({
        mode: 'replace',
        rows: { created: 1, updated: 0, deleted: 0, skipped: 59 },
      });
    else expect(restore).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' }, previousDatabase: null });
    expect(await sql(at.database, 'select count(*)::int as n, (select name from people where id = 2) as name from people')).toEqual([
      uncommitted ? { n: 60, name: 'x' } : { n: 59, name: 'changed' },
    ]);
    await other.end().catch(() => undefined);
    for (const name of await databases(`${at.database}%`)) {
      expect(await stagingIn(name)).toEqual([]);
      await dropDatabase(name);
    }
    expect(leftoversOf(engine)).toEqual([]);
  }
});

it('replace of the whole, as the preview said; undo swaps back; a dry run leaves everything', async () => {
  const at = await copyOf(engine, base);
  const preview = await previewOf(engine, at);
  const live = await rowsOf(at.database, 'people');
  const dry = succeeded(await restoreBy(engine, at, { strategy: 'replace', dryRun: true, previewId: preview.id }), engine.faults);
  expect(dry).toMatchObject({ mode: 'replace', dryRun: true, undo: 'none', previousDatabase: null, rows: preview.strategies.replace });
  expect(await databases(`${at.database}%`)).toEqual([at.database]);
  expect(await databases('howdah\\_tmp%')).toEqual([]);
  const restore = succeeded(
    await restoreBy(engine, at, { strategy: 'replace', previewId: preview.id, fingerprint: preview.fingerprint }),
    engine.faults,
  );
  expect(restore).toMatchObject({
    mode: 'replace',
    undo: 'possible',
    rows: { created: 1, updated: 6, deleted: 1, skipped: 44 },
    rowsRestored: 51,
  });
  expect(await rowsOf(at.database, 'people')).toHaveLength(50);
  await expect(engine.client.previews.get({ id: preview.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  for (const name of await databases(`${at.database}%`)) expect(await stagingIn(name)).toEqual([]);
  const undo = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await rowsOf(at.database, 'people')).toEqual(live);
  for (const name of await databases(`${at.database}%`)) await dropDatabase(name);
});
