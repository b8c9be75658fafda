// Restores into databases that are new or empty, and what is found out before anything is touched.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { databases, leftoversOf, pgDump, planFile, restore, restoreFile, shop, shopFacts, succeeded, wholeShop } from './support.ts';

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
  it('a new database is created, filled, and said how', async () => {
    const database = `${source}_new`;
    const plan = await planFile(engine, custom, { profileId, database, create: true });
    expect(plan).toMatchObject({ mode: 'new', databaseExists: false, blockers: [], safetyBackup: false });
    const done = succeeded(await restoreFile(engine, custom, { profileId, database, create: true }), engine.faults);
    expect(done).toMatchObject({ mode: 'new', previousDatabase: null, undo: 'none' });
    expect(await shopFacts(database)).toEqual(wholeShop);
    await dropDatabase(database);
  });

  it('a new database is not created unasked', async () => {
    const done = await restoreFile(engine, custom, { profileId, database: 'not_there' });
    expect(done).toMatchObject({ status: 'failed', error: { code: 'DATABASE_NOT_FOUND', hint: expect.stringContaining('--create') } });
  });

  it.each(['x"y', "o'brien \\ z", 'dbname=postgres host=nowhere', 'töpfe 🐘', 'n'.repeat(63)])(
    'a restore takes any name: %s',
    async (database) => {
      const small = await createDatabase('create table "select ""from" (a int); insert into "select ""from" values (1)');
      const done = succeeded(await restoreFile(engine, pgDump(small, ['-Fc']), { profileId, database, create: true }), engine.faults);
      expect(done.database).toBe(database);
      expect(await sql(database, 'select * from "select ""from"')).toEqual([{ a: 1 }]);
      // Once more over itself: now as a replacement with a name beside.
      const again = succeeded(await restoreFile(engine, pgDump(small, ['-Fc']), { profileId, database }), engine.faults);
      expect(again.mode).toBe('replace');
      expect(Buffer.byteLength(again.previousDatabase ?? '')).toBeLessThanOrEqual(63);
      for (const name of [database, again.previousDatabase ?? '', small]) await dropDatabase(name);
    },
  );
});

describe('a backup folder by its path', () => {
  it('a backup folder by its path is proved by its manifest like a backup by its id, and is the dump that the manifest names', async () => {
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
