// Rows under the rules of their tables: identities, sequences, partitions, triggers, rights, replica identity.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLiveTables } from '../../../electron/engine/previews/live-tables.ts';
import { othersTouched } from '../../../electron/engine/restores/rows/others-touched.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { previewOf, restoreBy, rowsOf, scene, stagingIn, type Scene } from './rows-support.ts';
import { leftoversOf, succeeded } from './support.ts';

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

it('identities keep their values, and sequences go past them, never back', async () => {
  const at = await scene(
    engine,
    `create table always (id int generated always as identity primary key, t text unique);
     create table down (id int primary key default 0, t text); create sequence countdown increment -1 maxvalue 0 minvalue -1000 start 0 owned by down.id; alter table down alter id set default nextval('countdown');
     create table old (id serial primary key, t text);
     insert into always (t) select 't' || n from generate_series(1, 10) n; insert into down (t) select 't' from generate_series(1, 5);
     insert into old (t) select 't' from generate_series(1, 5);`,
    `truncate always, down; alter table always alter id restart; select setval('countdown', -1); delete from old where id = 2; select setval('old_id_seq', 500);
     insert into always (t) values ('t2'), ('other');`,
  );
  // Live 1 has what the backup's 2 has: with replace both are written anew.
  const replaced = succeeded(
    await restoreBy(engine, at, { strategy: 'replace', tables: ['always', 'down', 'old'].map((table) => ({ schema: 'public', table })) }),
    engine.faults,
  );
  expect(replaced.rows).toEqual({ created: 8 + 5 + 1, updated: 2, deleted: 0, skipped: 4 });
  expect(await rowsOf(at.database, 'always')).toHaveLength(10);
  expect(
    await sql(
      at.database,
      "insert into always (t) values ('new'); insert into down (t) values ('new'); insert into old (t) values ('new'); select (select max(id) from always) as a, (select min(id) from down) as d, (select max(id) from old) as o",
    ),
  ).toEqual([{ a: 11, d: -5, o: 501 }]);
  await done(at);
});

it('partitions, enums, domains, generated columns, columns on one side only and odd names come back row by row', async () => {
  const at = await scene(
    engine,
    `create schema "Odd ""S"; create type "Odd ""S".mood as enum ('fine', 'so-so'); create domain positive as int check (value > 0);
     create table "Odd ""S"."T, x" ("a ""b" int not null, part text not null, mood "Odd ""S".mood, p positive, twice int generated always as ("a ""b" * 2) stored, gone text, primary key ("a ""b", part)) partition by list (part);
     create table "Odd ""S".x partition of "Odd ""S"."T, x" for values in ('x'); create table "Odd ""S".y partition of "Odd ""S"."T, x" for values in ('y');
     insert into "Odd ""S"."T, x" ("a ""b", part, mood, p, gone) select n, case when n % 2 = 0 then 'x' else 'y' end, 'fine', n, 'g' from generate_series(1, 40) n;`,
    `delete from "Odd ""S"."T, x" where "a ""b" > 30; update "Odd ""S"."T, x" set mood = null where "a ""b" = 4; update "Odd ""S"."T, x" set p = 99 where "a ""b" = 5;
     insert into "Odd ""S"."T, x" values (100, 'x', 'so-so', 1); alter table "Odd ""S"."T, x" drop column gone; alter table "Odd ""S"."T, x" add column added text default 'new';`,
  );
  const tables = [{ schema: 'Odd "S', table: 'T, x' }];
  const merged = succeeded(await restoreBy(engine, at, { strategy: 'merge', tables }), engine.faults);
  expect(merged.rows).toEqual({ created: 10, updated: 1, deleted: 0, skipped: 29 });
  const replaced = succeeded(await restoreBy(engine, at, { strategy: 'replace', tables }), engine.faults);
  expect(replaced.rows).toEqual({ created: 0, updated: 1, deleted: 1, skipped: 39 });
  expect(
    await sql(
      at.database,
      `select count(*)::int as n, sum(twice)::int as twice, min(added) as added, count(*) filter (where tableoid = '"Odd ""S".x'::regclass)::int as x from "Odd ""S"."T, x"`,
    ),
  ).toEqual([{ n: 40, twice: 1640, added: 'new', x: 20 }]);
  await done(at);
});

it('rows of another table that a foreign key would take along block it; nothing is touched', async () => {
  for (const part of ['', 'partition by range (id)']) {
    const at = await scene(
      engine,
      `create table people (id int primary key); create table pets (id int, keeper int references people on delete cascade) ${part}; insert into people values (1)`,
      `${part === '' ? '' : 'create table pets_1 partition of pets default;'} insert into people values (2); insert into pets values (1, 2)`,
    );
    const tables = [{ schema: 'public', table: 'people' }];
    const preview = await previewOf(engine, at, { tables });
    expect(preview.tables[0]?.blockers).toMatchObject([{ code: 'ROWS_IN_THE_WAY' }]);
    await engine.client.previews.close({ id: preview.id });
    expect(await restoreBy(engine, at, { strategy: 'replace', tables })).toMatchObject({
      status: 'failed',
      error: { code: 'RESTORE_BLOCKED', message: expect.stringContaining('ROWS_IN_THE_WAY') },
    });
    expect(await rowsOf(at.database, 'pets')).toEqual(['(1,2)']);
    expect(await rowsOf(at.database, 'people')).toEqual(['(1)', '(2)']);
    await done(at);
  }
});

it('a rule that the server alone knows takes everything back, in its own words', async () => {
  const at = await scene(
    engine,
    'create table t (id int primary key, v text); insert into t values (1, null), (2, null)',
    'delete from t where id = 2',
  );
  const role = await createRole();
  await sql(
    at.database,
    `create function no() returns trigger language plpgsql as $$begin raise exception 'not today' using errcode = 'check_violation'; end$$; create trigger no before insert on t for each row execute function no();
     grant select, insert, update, delete on t to "${role.user}"; do $$begin execute format('grant create on database %I to %I', current_database(), '${role.user}'); end$$`,
  );
  const profile = await engine.addProfile({ database: at.database, user: role.user }, role.password);
  expect(await restoreBy(engine, { ...at, profileId: profile.id }, { strategy: 'skip' })).toMatchObject({
    status: 'failed',
    error: { code: 'RESTORE_BLOCKED', message: expect.stringContaining('not today') },
  });
  expect(await rowsOf(at.database, 't')).toEqual(['(1,)']);
  await done(at);
});

it('a sequence that the role may not move is a warning; one that two tables share goes past both', async () => {
  const role = await createRole();
  const at = await scene(
    engine,
    `create sequence shared; create table a (id int primary key default nextval('shared')); create table b (id int primary key default nextval('shared'));
     create table c (id serial primary key); insert into a values (10), (11); insert into b values (20), (30); insert into c values (7)`,
    'delete from a; delete from b; delete from c',
    role,
    `grant select, insert, update, delete on a, b, c to "${role.user}"; grant usage, select, update on sequence shared to "${role.user}"; grant select on sequence c_id_seq to "${role.user}";
     do $$begin execute format('grant create on database %I to %I', current_database(), '${role.user}'); end$$`,
  );
  const restore = succeeded(await restoreBy(engine, at, { strategy: 'skip' }), engine.faults);
  expect(restore.rows?.created).toBe(5);
  expect(restore.warnings).toEqual([expect.stringMatching(/public\.c_id_seq could not be moved/)]);
  expect(await sql(at.database, "select nextval('shared')::int as shared, nextval('c_id_seq')::int as c")).toEqual([{ shared: 31, c: 1 }]);
  await done(at);
});

it('a table that is published without a replica identity refuses in the server’s own words', async () => {
  const at = await scene(
    engine,
    'create table t (a int unique, v text); insert into t values (1, null), (2, null)',
    "update t set v = 'x' where a = 1; delete from t where a = 2; create publication p for table t",
  );
  const before = await rowsOf(at.database, 't');
  // Rows can be added there, not deleted.
  const tables = [{ schema: 'public', table: 't' }];
  expect(await restoreBy(engine, at, { strategy: 'replace', tables })).toMatchObject({
    status: 'failed',
    error: { code: 'RESTORE_BLOCKED', message: expect.stringContaining('replica identity') },
  });
  expect(await rowsOf(at.database, 't')).toEqual(before);
  await done(at);
});

it('rows that went along in other tables are noticed in the transaction itself', async () => {
  const database = await createDatabase(
    'create table people (id int primary key); create table pets (keeper int references people on delete cascade) partition by range (keeper); create table pets_1 partition of pets default; insert into people values (1); insert into pets values (1), (1)',
  );
  const session = await connect(database);
  const people = await readLiveTables(session, [{ schema: 'public', table: 'people' }]);
  await session.query('begin; delete from people');
  await expect(othersTouched(session, people, false)).rejects.toMatchObject({
    code: 'RESTORE_BLOCKED',
    message: expect.stringContaining('2 rows of public.pets_1'),
  });
  expect(await othersTouched(session, people, true)).toEqual(['Triggers or foreign keys also changed 2 rows of public.pets_1.']);
  const both = await readLiveTables(
    session,
    ['people', 'pets'].map((table) => ({ schema: 'public', table })),
  );
  expect(await othersTouched(session, both, false)).toEqual([]);
  await session.query('rollback');
  await session.end();
  await dropDatabase(database);
});

it('a trigger that swallows a row which was to come back takes everything back', async () => {
  const role = await createRole();
  const at = await scene(
    engine,
    "create table t (id int primary key, v text unique); insert into t values (1, 'a'), (2, 'b')",
    "update t set v = 'x' where id = 1; update t set v = 'a' where id = 2; update t set v = 'b' where id = 1",
    role,
    `grant select, insert, update, delete on t to "${role.user}"; do $$begin execute format('grant create on database %I to %I', current_database(), '${role.user}'); end$$`,
  );
  await sql(
    at.database,
    'create function swallow() returns trigger language plpgsql as $$begin return null; end$$; create trigger swallow before insert on t for each row execute function swallow()',
  );
  const tables = [{ schema: 'public', table: 't' }];
  expect(await restoreBy(engine, at, { strategy: 'replace', tables })).toMatchObject({
    status: 'failed',
    error: { code: 'PLAN_STALE', message: expect.stringContaining('0 rows updated instead of 2') },
  });
  expect(await rowsOf(at.database, 't')).toEqual(['(1,b)', '(2,a)']);
  await done(at);
});
