// Restores over a database that is in use: beside, then swapped, with a way back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { databases, leftoversOf, pgDump, requestFor, restore, restoreFile, shop, shopFacts, succeeded, wholeShop } from './support.ts';

let engine: TestEngine;
let source: string;
let custom: string;
let profileId: string;

beforeAll(async () => {
  engine = await makeEngine();
  source = await createDatabase(shop);
  custom = pgDump(source, ['-Fc']);
  profileId = (await engine.addProfile({ database: 'postgres' })).id;
});

afterAll(async () => {
  expect(leftoversOf(engine)).toEqual([]);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

it('a restore over a database swaps, keeps owner, rights and settings, goes back, and discards', async () => {
  const owner = await createRole();
  const reader = await createRole();
  const database = await createDatabase('create table old (a int); insert into old values (1)');
  await sql(
    'postgres',
    `alter database ${database} owner to ${owner.user};
    revoke connect on database ${database} from public; grant connect, temporary on database ${database} to ${reader.user} with grant option;
    alter database ${database} set search_path = "$user", 'odd schema', public; alter role ${reader.user} in database ${database} set work_mem = '9MB';
    comment on database ${database} is 'it''s ours'; alter database ${database} connection limit 77`,
  );
  const facts = `select pg_get_userbyid(datdba) as owner, array(select unnest(datacl)::text order by 1) as acl, shobj_description(oid, 'pg_database') as comment, datconnlimit, datallowconn,
    pg_encoding_to_char(encoding), datcollate, (select array_agg(setconfig::text order by setrole) from pg_db_role_setting where setdatabase = d.oid) as settings
    from pg_database d where datname = $1`;
  const before = await sql('postgres', facts, [database]);
  // A client that keeps coming back is no obstacle.
  let stop = false;
  const clients = (async () => {
    while (!stop) {
      try {
        const client = await connect(database);
        client.on('error', () => undefined);
        await client.query('select pg_sleep(0.01)').catch(() => undefined);
        await client.end().catch(() => undefined);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  })();
  const sleeper = await connect(database);
  sleeper.on('error', () => undefined);

  const request = { ...(await requestFor(engine, custom, { profileId, database })), safetyBackup: true };
  const plan = await engine.client.restores.plan(request);
  expect(plan).toMatchObject({ mode: 'replace', safetyBackup: true, blockers: [] });
  const done = succeeded(await restore(engine, request), engine.faults);
  stop = true;
  await clients;
  await sleeper.end().catch(() => undefined);
  expect(done).toMatchObject({ mode: 'replace', undo: 'possible' });
  expect(done.previousDatabase).toMatch(new RegExp(`^${database}_before_\\d{8}_\\d{6}$`));
  const safety = await engine.client.backups.get({ id: done.safetyBackupId ?? '' });
  expect(safety).toMatchObject({ status: 'succeeded', origin: 'safety', database });
  expect(await shopFacts(database)).toEqual(wholeShop);
  expect(await sql('postgres', facts, [database])).toEqual(before);
  expect(await sql(done.previousDatabase ?? '', 'select * from old')).toEqual([{ a: 1 }]);

  await expect(engine.client.restores.undo({ id: done.id, confirm: 'something' })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  const undo = await engine.client.restores.undo({ id: done.id, confirm: database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await sql(database, 'select * from old')).toEqual([{ a: 1 }]);
  const undone = await engine.client.restores.get({ id: done.id });
  expect(undone.undo).toBe('done');
  expect(undone.previousDatabase).toMatch(/_undone_/);
  await expect(engine.client.restores.undo({ id: done.id, confirm: database })).rejects.toMatchObject({ code: 'UNDO_NOT_POSSIBLE' });

  await expect(engine.client.restores.discard({ id: done.id, confirm: database })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  const discard = await engine.client.restores.discard({ id: done.id, confirm: undone.previousDatabase ?? '' });
  expect(await engine.ended(discard.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await databases(`${database}%`)).toEqual([database]);
  await dropDatabase(database);
});

it('a restore over a database leaves it untouched when the dump fails, and nothing behind', async () => {
  const database = await createDatabase('create table old (a int); insert into old values (1)');
  const broken = await createDatabase(
    "create table good (a int); create function f(int) returns int language sql immutable as 'select $1'; create table late (a int check (f(a) > 0)); insert into late values (5)",
  );
  // A function that raises only at the target: it is made to fail after the dump.
  await sql(
    broken,
    "create or replace function f(int) returns int language plpgsql immutable as $$begin if current_database() like 'howdah%' then raise 'no'; end if; return $1; end$$",
  );
  const done = await restoreFile(engine, pgDump(broken, ['-Fc']), { profileId, database });
  expect(done).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS', detail: expect.stringContaining('late') } });
  expect(await sql(database, 'select * from old')).toEqual([{ a: 1 }]);
  expect(await databases(`${database}%`)).toEqual([database]);
  expect(leftoversOf(engine)).toEqual([]);
  for (const name of [database, broken]) await dropDatabase(name);
});

it('a restore over a database will not begin without the target named, nor on another target than planned', async () => {
  const database = await createDatabase('create table old (a int)');
  const request = await requestFor(engine, custom, { profileId, database });
  await expect(engine.client.restores.start({ ...request, confirm: 'postgres' })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  const { fingerprint } = await engine.client.restores.plan(request);
  await dropDatabase(database);
  await createDatabase('create table other (a int)', database);
  const { jobId, restoreId } = await engine.client.restores.start({ ...request, confirm: database, fingerprint });
  await engine.ended(jobId);
  expect(await engine.client.restores.get({ id: restoreId })).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' } });
  await dropDatabase(database);
});
