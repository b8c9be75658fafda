// Tables that somebody else locks: who it is, and a way out.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rewriteStatements } from '../../support/at-statement.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, dropDatabase, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { requestOf, restoreBy, rowsOf, scene, stagingIn, type Scene } from './rows-support.ts';
import { leftoversOf } from './support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
});

const done = async (at: Scene): Promise<void> => {
  expect(await stagingIn(at.database)).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(at.database);
};

it('a table that stays locked is BUSY, with who locks it', async () => {
  // Six tries, as ever, of which none needs its three seconds here.
  const asBefore = rewriteStatements(/lock_timeout = '3s'/, "lock_timeout = '30ms'");
  const at = await scene(engine, 'create table t (id int primary key); insert into t values (1), (2)', 'delete from t where id = 2');
  const holder = await connect(at.database);
  await holder.query('begin; lock table t in row exclusive mode');
  const restore = await restoreBy(engine, at, { strategy: 'skip', safetyBackup: false });
  const [{ pid }] = (await holder.query<{ pid: number }>('select pg_backend_pid() as pid')).rows as [{ pid: number }];
  expect(restore).toMatchObject({ status: 'failed', error: { code: 'BUSY', message: expect.stringContaining(`pid ${pid}`) } });
  expect(asBefore()).toBeGreaterThan(0);
  await holder.query('rollback');
  await holder.end();
  await done(at);
});

it('a restore that is cancelled while it waits for a lock has touched nothing and leaves nothing', async () => {
  const at = await scene(engine, 'create table t (id int primary key); insert into t values (1), (2)', 'delete from t where id = 2');
  const holder = await connect(at.database);
  await holder.query('begin; lock table t in row exclusive mode');
  const { jobId, restoreId } = await engine.client.restores.start({ ...requestOf(at, { strategy: 'skip' }), confirm: at.database });
  const mine = () => sql('postgres', 'select from pg_stat_activity where application_name = $1', [`howdah ${jobId}`]);
  await until(
    'it waits',
    async () =>
      (await sql('postgres', "select from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'", [`howdah ${jobId}`]))
        .length > 0,
  );
  await engine.client.jobs.cancel({ id: jobId });
  expect(await engine.ended(jobId)).toMatchObject({ status: 'cancelled' });
  expect(await engine.client.restores.get({ id: restoreId })).toMatchObject({ status: 'cancelled', undo: 'none' });
  expect(await mine()).toEqual([]);
  await holder.query('rollback');
  await holder.end();
  expect(await rowsOf(at.database, 't')).toEqual(['(1)']);
  await done(at);
});
