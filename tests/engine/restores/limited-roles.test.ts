// Roles that may not create databases, or not end sessions: in place, in one transaction, from the safety backup back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { databases, leftoversOf, pgDump, planFile, requestFor, restore, restoreFile, succeeded } from './support.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await makeEngine();
});

afterAll(async () => {
  expect(leftoversOf(engine)).toEqual([]);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

it('a role that may not create databases replaces in place, and goes back from the safety backup', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await sql('postgres', `alter database ${database} owner to ${role.user}`);
  await sql(
    database,
    `create table old (a int); insert into old values (1); create view over as select * from old; alter table old owner to ${role.user}; alter view over owner to ${role.user}`,
  );
  const own = await engine.addProfile({ user: role.user, database }, role.password);
  const plain = await createDatabase(
    'create table fresh (id serial primary key, t text); insert into fresh (t) select n::text from generate_series(1, 10) n',
  );
  const dump = pgDump(plain, ['-Fc', '--no-owner', '--no-acl']);
  const request = await requestFor(engine, dump, { profileId: own.id, noOwner: true, safetyBackup: true });
  const plan = await engine.client.restores.plan(request);
  expect(plan).toMatchObject({ mode: 'replaceInPlace', blockers: [], safetyBackup: true });
  expect(plan.warnings.map((warning) => warning.code)).toContain('NO_SWAP');
  const done = succeeded(await restore(engine, request), engine.faults);
  expect(done).toMatchObject({ mode: 'replaceInPlace', undo: 'possible', previousDatabase: null });
  expect(await sql(database, 'select count(*)::int as n from fresh')).toEqual([{ n: 10 }]);
  expect(await sql(database, "select to_regclass('old') as old")).toEqual([{ old: null }]);
  const undo = await engine.client.restores.undo({ id: done.id, confirm: database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  expect(await sql(database, 'select * from over')).toEqual([{ a: 1 }]);
  for (const name of [database, plain]) await dropDatabase(name);
});

it('a role that may create databases, but not end the sessions of others, restores in place while they are there', async () => {
  const role = await createRole('createdb');
  const other = await createRole();
  const database = await createDatabase();
  await sql('postgres', `alter database ${database} owner to ${role.user}`);
  await sql(database, `create table old (a int); alter table old owner to ${role.user}`);
  const own = await engine.addProfile({ user: role.user, database }, role.password);
  const small = await createDatabase('create table fresh (a int); insert into fresh values (1)');
  const dump = pgDump(small, ['-Fc']);
  const guest = await connect(database, other);
  expect(await planFile(engine, dump, { profileId: own.id, noOwner: true })).toMatchObject({ mode: 'replaceInPlace', otherSessions: 0 });
  await guest.end();
  // Owned by a superuser in the dump: to be left out, or restored by somebody who may.
  expect(await planFile(engine, dump, { profileId: own.id })).toMatchObject({
    mode: 'replace',
    blockers: [{ code: 'PERMISSION_DENIED' }],
  });
  const done = succeeded(await restoreFile(engine, dump, { profileId: own.id, noOwner: true }), engine.faults);
  expect(done).toMatchObject({ mode: 'replace', undo: 'possible' });
  expect(
    await sql(
      database,
      'select a, (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) as owner from fresh',
    ),
  ).toEqual([{ a: 1, owner: role.user }]);
  const undo = await engine.client.restores.undo({ id: done.id, confirm: database });
  expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
  for (const name of [...(await databases(`${database}%`)), small]) await dropDatabase(name);
});

it('a replacement in place takes everything back on an error', async () => {
  const role = await createRole();
  const database = await createDatabase();
  await sql('postgres', `alter database ${database} owner to ${role.user}`);
  await sql(database, `create table old (a int); insert into old values (1); alter table old owner to ${role.user}`);
  const own = await engine.addProfile({ user: role.user, database }, role.password);
  const broken = await createDatabase('create table fresh (a int); create table bad (a int); insert into bad values (1)');
  const script = pgDump(broken, ['--no-owner', '--no-acl']);
  await sql(
    broken,
    "create function only_here(int) returns int language plpgsql immutable as $$begin if current_user <> 'postgres' then raise 'no'; end if; return $1; end$$; create index on bad (only_here(a))",
  );
  const dump = pgDump(broken, ['-Fc', '--no-owner', '--no-acl']);
  const done = await restoreFile(engine, dump, { profileId: own.id, noOwner: true });
  expect(done).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS' } });
  expect(await sql(database, 'select * from old')).toEqual([{ a: 1 }]);
  expect(succeeded(await restoreFile(engine, script, { profileId: own.id, noOwner: true }), engine.faults).mode).toBe('replaceInPlace');
  for (const name of [database, broken]) await dropDatabase(name);
});
