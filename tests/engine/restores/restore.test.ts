import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import {
  databases,
  leftoversOf,
  pgDump,
  planFile,
  restore,
  restoreFile,
  requestFor,
  shop,
  shopFacts,
  succeeded,
  wholeShop,
} from './support.ts';

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

describe('into a new database', () => {
  it('creates it, fills it, and says how', async () => {
    const database = `${source}_new`;
    const plan = await planFile(engine, custom, { profileId, database, create: true });
    expect(plan).toMatchObject({ mode: 'new', databaseExists: false, blockers: [], safetyBackup: false });
    const done = succeeded(await restoreFile(engine, custom, { profileId, database, create: true }), engine.faults);
    expect(done).toMatchObject({ mode: 'new', previousDatabase: null, undo: 'none' });
    expect(await shopFacts(database)).toEqual(wholeShop);
    await dropDatabase(database);
  });

  it('does not create one unasked', async () => {
    const done = await restoreFile(engine, custom, { profileId, database: 'not_there' });
    expect(done).toMatchObject({ status: 'failed', error: { code: 'DATABASE_NOT_FOUND', hint: expect.stringContaining('--create') } });
  });

  it.each(['x"y', "o'brien \\ z", 'dbname=postgres host=nowhere', 'töpfe 🐘', 'n'.repeat(63)])('takes any name: %s', async (database) => {
    const small = await createDatabase('create table "select ""from" (a int); insert into "select ""from" values (1)');
    const done = succeeded(await restoreFile(engine, pgDump(small, ['-Fc']), { profileId, database, create: true }), engine.faults);
    expect(done.database).toBe(database);
    expect(await sql(database, 'select * from "select ""from"')).toEqual([{ a: 1 }]);
    // Once more over itself: now as a replacement with a name beside.
    const again = succeeded(await restoreFile(engine, pgDump(small, ['-Fc']), { profileId, database }), engine.faults);
    expect(again.mode).toBe('replace');
    expect(Buffer.byteLength(again.previousDatabase ?? '')).toBeLessThanOrEqual(63);
    for (const name of [database, again.previousDatabase ?? '', small]) await dropDatabase(name);
  });
});

describe('a backup folder by its path', () => {
  it('is proved by its manifest like a backup by its id, and is the dump that the manifest names', async () => {
    const own = await engine.addProfile({ database: source });
    const backup = await engine.backUpWell(own.id, { format: 'plain', compression: 'none' });
    const dump = join(backup.directory, 'database.sql');
    const target = await createDatabase();
    // Sorts before the dump, and is not in the manifest.
    writeFileSync(join(backup.directory, 'database.dump'), 'not a dump');
    succeeded(await restoreFile(engine, backup.directory, { profileId, database: target }), engine.faults);
    expect(await shopFacts(target)).toEqual(wholeShop);
    writeFileSync(dump, readFileSync(dump, 'utf8').replace('name 50', 'name 5O'));
    const refused = await restoreFile(engine, backup.directory, { profileId, database: target });
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'HASH_MISMATCH' } });
    await dropDatabase(target);
  });
});

it('finds out that a server is read-only before anything is backed up or made', async () => {
  const { user: role, password } = await createRole('createdb');
  await sql('postgres', `alter role ${role} set default_transaction_read_only = on`);
  const reader = await engine.addProfile({ user: role, database: 'postgres' }, password);
  const plan = await planFile(engine, custom, { profileId: reader.id, database: 'never_made', create: true, noOwner: true });
  expect(plan.blockers).toMatchObject([{ code: 'SERVER_ERROR', message: expect.stringContaining('read-only') }]);
});

it('takes the place of an empty template database, and leaves nothing of it behind', async () => {
  const database = await createDatabase();
  await sql('postgres', `alter database ${database} is_template true`);
  succeeded(await restoreFile(engine, custom, { profileId, database }), engine.faults);
  const again = succeeded(await restoreFile(engine, custom, { profileId, database }), engine.faults);
  const { jobId } = await engine.client.restores.discard({ id: again.id, confirm: again.previousDatabase ?? '' });
  expect(await engine.ended(jobId)).toMatchObject({ status: 'succeeded' });
  expect(leftoversOf(engine)).toEqual([]);
  expect(await databases(`${database}%`)).toEqual([database]);
  await sql('postgres', `alter database ${database} is_template false`);
  await dropDatabase(database);
});

it('fills an existing empty database, keeping what belongs to it', async () => {
  const database = await createDatabase();
  await sql('postgres', `alter database ${database} set work_mem = '7MB'`);
  const done = succeeded(await restoreFile(engine, custom, { profileId, database }), engine.faults);
  expect(done).toMatchObject({ mode: 'new', previousDatabase: null });
  expect(await shopFacts(database)).toEqual(wholeShop);
  expect(await sql(database, 'show work_mem')).toEqual([{ work_mem: '7MB' }]);
  expect(await databases(`${database}%`)).toEqual([database]);
  await dropDatabase(database);
});

describe('over an existing database', () => {
  it('swaps, keeps owner, rights and settings, goes back, and discards', async () => {
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

  it('leaves it untouched when the dump fails, and nothing behind', async () => {
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

  it('will not begin without the target named, nor on another target than planned', async () => {
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
});

describe('a role that may not create databases', () => {
  it('replaces in place, and goes back from the safety backup', async () => {
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

  it('that may, but not end the sessions of others, restores in place while they are there', async () => {
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

  it('takes everything back on an error', async () => {
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
});

it('finds missing roles and extensions before anything is touched', async () => {
  const owner = await createRole();
  const from = await createDatabase(`create table t (a int); alter table t owner to ${owner.user}`);
  const dump = pgDump(from, ['-Fc']);
  await sql(from, 'alter table t owner to postgres');
  await sql('postgres', `drop role ${owner.user}`);
  const database = await createDatabase('create table old (a int)');
  const plan = await planFile(engine, dump, { profileId, database });
  expect(plan).toMatchObject({ missingRoles: [owner.user], blockers: [{ code: 'ROLES_MISSING' }] });
  expect(await restoreFile(engine, dump, { profileId, database })).toMatchObject({ status: 'failed', error: { code: 'ROLES_MISSING' } });
  expect(await planFile(engine, dump, { profileId, database, noOwner: true })).toMatchObject({ missingRoles: [], blockers: [] });
  for (const name of [from, database]) await dropDatabase(name);
});

it('verifies its own backup before using it', async () => {
  const database = await createDatabase('create table t (a int); insert into t select generate_series(1, 5000)');
  const profile = await engine.addProfile({ database });
  const backup = await engine.backUpWell(profile.id);
  const request = restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: profile.id, safetyBackup: false });
  const done = succeeded(await restore(engine, request), engine.faults);
  expect(done.rowsRestored).toBe(5000);
  const { appendFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  appendFileSync(join(backup.directory, backup.artifacts[0]?.name ?? ''), 'x');
  expect(await restore(engine, request)).toMatchObject({
    status: 'failed',
    error: { code: expect.stringMatching(/HASH_MISMATCH|DUMP_INCOMPLETE/) },
  });
  expect(await sql(database, 'select count(*)::int as n from t')).toEqual([{ n: 5000 }]);
  for (const name of [database, done.previousDatabase ?? '']) await dropDatabase(name);
});
