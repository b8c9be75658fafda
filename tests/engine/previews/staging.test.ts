// What a preview holds at the server: seen by nobody else, gone whatever the database is called by then.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowSeed } from '../../../electron/engine/previews/seen.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createRole, dropDatabase, sql } from '../../support/server.ts';
import { previewOf, restoreBy, scene, stagingIn } from '../restores/rows-support.ts';
import { leftoversOf, succeeded } from '../restores/support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

const table = 'create table t (id int primary key, secret text); insert into t select n, $$s$$ || n from generate_series(1, 20) n';

test('default privileges let nobody into the staging', async () => {
  const other = await createRole();
  const at = await scene(
    engine,
    `${table}; alter default privileges grant usage on schemas to "${other.user}"; alter default privileges grant select on tables to "${other.user}", public;
     alter default privileges grant usage on schemas to public`,
    'update t set secret = null where id < 4',
  );
  const preview = await previewOf(engine, at);
  const [schema] = await stagingIn(at.database);
  expect(
    await sql(at.database, 'select has_schema_privilege($1, $2, $3) as other, has_schema_privilege($4, $2, $3) as own', [
      other.user,
      schema,
      'usage',
      'postgres',
    ]),
  ).toEqual([{ other: false, own: true }]);
  await engine.client.previews.close({ id: preview.id });
  await dropDatabase(at.database);
});

test('it is dropped where the database has another name by then', async () => {
  const at = await scene(engine, table, 'update t set secret = null where id < 4');
  const preview = await previewOf(engine, at);
  const renamed = `${at.database}_renamed`;
  await sql('postgres', `alter database "${at.database}" rename to "${renamed}"`);
  await sql('postgres', `create database "${at.database}"`);
  await engine.client.previews.close({ id: preview.id });
  expect(await stagingIn(renamed)).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(renamed);
  await dropDatabase(at.database);
});

test('an undo that swaps names back takes no staging along', async () => {
  const at = await scene(engine, table, 'update t set secret = null where id < 4');
  const restore = succeeded(await restoreBy(engine, at, { strategy: 'replace', safetyBackup: false }), engine.faults);
  await sql(at.database, 'delete from t where id = 20');
  await previewOf(engine, at);
  const { jobId } = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
  expect((await engine.ended(jobId)).status).toBe('succeeded');
  const aside = (await engine.client.restores.get({ id: restore.id })).previousDatabase ?? '';
  expect(aside).toContain('undone');
  expect(await stagingIn(aside)).toEqual([]);
  expect(await stagingIn(at.database)).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(aside);
  await dropDatabase(at.database);
});

test('what is on record of a refused restore holds no values of rows', async () => {
  const at = await scene(
    engine,
    `create table t (id int primary key, secret text); insert into t values (1, 'very secret')`,
    `delete from t; create function no() returns trigger language plpgsql as $$begin raise check_violation using message = 'no', detail = 'Failing row contains (' || new.secret || ')'; end$$;
     create constraint trigger t_no after insert on t for each row execute function no()`,
  );
  const role = await createRole();
  await sql(
    at.database,
    `grant select, insert, update, delete on t to "${role.user}"; grant create on database "${at.database}" to "${role.user}"`,
  );
  const profile = await engine.addProfile({ database: at.database, user: role.user }, role.password);
  const restore = await restoreBy(engine, { ...at, profileId: profile.id }, { strategy: 'skip', safetyBackup: false });
  expect(restore).toMatchObject({ status: 'failed', error: { code: 'RESTORE_BLOCKED' } });
  expect(JSON.stringify(restore)).not.toContain('very secret');
  await dropDatabase(at.database);
});

test('the digest takes transaction ids and oids to the end of their range', async () => {
  for (const [xid, oid] of [
    ['3', '0'],
    ['2147483648', '16384'],
    ['4294967295', '4294967295'],
  ]) {
    const [row] = await sql<{ seed: string }>('postgres', `select (${rowSeed(`'${xid}'::xid`, `'${oid}'::oid`)})::text as seed`);
    expect(row?.seed).toBe(String((BigInt(xid ?? '') - 2147483648n) * 4294967296n + BigInt(oid ?? '')));
  }
});
