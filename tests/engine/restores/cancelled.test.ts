// Restores that are cancelled: the target is as it was, and nothing stays behind at the server or on disk.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dropThrowAway } from '../../../electron/engine/postgres/settle-databases.ts';
import { makeEngine } from '../../support/engine.ts';
import { connect, createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { databases, leftoversOf, pgDump } from './support.ts';

it('a throw-away database that the server is still making does not appear behind its own removal', async () => {
  const name = `howdah_tmp_${Math.random().toString(36).slice(2)}`;
  const maker = await connect('postgres');
  maker.on('error', () => undefined);
  const making = maker.query(`create database "${name}" template template0`).catch(() => undefined);
  await until(
    'it is being made',
    async () =>
      (
        await sql('postgres', "select from pg_stat_activity where state = 'active' and left(query, 60) like $1", [
          `create database "${name}"%`,
        ])
      ).length > 0,
  );
  const remover = await connect('postgres');
  await dropThrowAway(remover, name);
  await making;
  expect(await databases(name.replaceAll('_', '\\_'))).toEqual([]);
  await remover.end();
  await maker.end().catch(() => undefined);
});

describe('cancelled in the middle', () => {
  it('a restore that is cancelled as it copies leaves the target as it was, and no session, database or file behind', async () => {
    const engine = await makeEngine();
    const profileId = (await engine.addProfile({ database: 'postgres' })).id;
    // Slow only where it is restored: a minute of copying to be cancelled in.
    const source = await createDatabase(`
      create function slow(int) returns boolean language plpgsql as $$begin if current_database() like 'howdah%' then perform pg_sleep(0.01); end if; return true; end$$;
      create table fresh (id int check (slow(id))); insert into fresh select generate_series(1, 6000)`);
    for (const args of [['-Fc'], []]) {
      const database = await createDatabase('create table old (a int)');
      const dump = pgDump(source, args);
      const file = await engine.client.dumps.open({ path: dump });
      const { jobId, restoreId } = await engine.client.restores.start({
        source: { kind: 'file', id: file.id },
        profileId,
        database,
        create: false,
        tables: [],
        noOwner: false,
        safetyBackup: false,
        confirm: database,
      });
      const name = `howdah ${jobId}`;
      await until(
        'it copies rows',
        async () =>
          (await sql('postgres', "select from pg_stat_activity where application_name = $1 and query ilike 'copy%'", [name])).length > 0,
      );
      await engine.client.jobs.cancel({ id: jobId });
      expect(await engine.ended(jobId)).toMatchObject({ status: 'cancelled' });
      expect(await engine.client.restores.get({ id: restoreId })).toMatchObject({
        status: 'cancelled',
        error: { code: 'CANCELLED' },
        undo: 'none',
      });
      expect(await sql('postgres', 'select query from pg_stat_activity where application_name = $1', [name])).toEqual([]);
      expect(await databases(`${database}%`)).toEqual([database]);
      expect(leftoversOf(engine)).toEqual([]);
      await dropDatabase(database);
    }
    expect(engine.faults).toEqual([]);
    await engine.close();
    await dropDatabase(source);
    expect(readdirSync(engine.home).includes('tmp') ? readdirSync(`${engine.home}/tmp`) : []).toEqual([]);
  });

  it('a restore that is cancelled while its client insists on a lock: the reason is shown, and the cancel still works', async () => {
    const engine = await makeEngine();
    const profileId = (await engine.addProfile({ database: 'postgres' })).id;
    const database = await createDatabase('create table t (a int primary key); insert into t values (1)');
    const dump = pgDump(database, ['-Fc']);
    const holder = await connect(database);
    await holder.query('begin; lock table t');
    const file = await engine.client.dumps.open({ path: dump });
    const { jobId } = await engine.client.restores.start({
      source: { kind: 'file', id: file.id },
      profileId,
      database,
      create: false,
      tables: [{ schema: 'public', table: 't' }],
      noOwner: false,
      safetyBackup: false,
      confirm: database,
    });
    await until('the wait is shown', async () => {
      const job = await engine.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.length > 0;
    });
    await engine.client.jobs.cancel({ id: jobId });
    expect(await engine.ended(jobId)).toMatchObject({ status: 'cancelled' });
    await holder.query('rollback');
    expect((await holder.query('select * from t')).rows).toEqual([{ a: 1 }]);
    await holder.end();
    await engine.close();
    await dropDatabase(database);
  });
});
