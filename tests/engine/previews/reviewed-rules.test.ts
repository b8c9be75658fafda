// Rules of live tables that a preview must not run, and rules that it must see.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLiveTables } from '../../../electron/engine/previews/live-tables.ts';
import { countOn, othersTouched } from '../../../electron/engine/restores/rows/others-touched.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, sql } from '../../support/server.ts';
import { previewOf, restoreBy, rowsOf, scene } from '../restores/rows-support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

const table = (name: string) => ({ schema: 'public', table: name });

test.each([
  ['a unique index', 'create table t (id int primary key, v int); create unique index u on t (f(v));'],
  ['a CHECK', 'create table t (id int primary key, v int, constraint u check (f(v) is not null));'],
  ['a generated column', 'create table t (id int primary key, v int, u int generated always as (f(v)) stored unique not null);'],
  ['a partition key', 'create table t (id int, v int) partition by range (f(v)); create table t1 partition of t default;'],
  ['a domain', 'create domain u as int check (f(value) is not null); create table t (id int primary key, v u);'],
  [
    'an operator',
    'create operator ~~~ (function = f, rightarg = int); create table t (id int primary key, v int, constraint u check ((~~~ v) is not null));',
  ],
  ['an array of a domain', 'create domain dom as int check (f(value) is not null); create table t (id int primary key, v dom[]);'],
])('a role gets no rights by its function in %s', async (_, ddl) => {
  const role = await createRole();
  const value = ddl.includes('dom[]') ? 'array[n]' : 'n';
  const at = await scene(
    engine,
    `grant create on schema public to "${role.user}"; set role "${role.user}";
     create function g() returns int language sql volatile as 'select 1';
     create function f(int) returns int language plpgsql immutable set search_path = public as 'begin perform g(); return $1; end';
     ${ddl} insert into t (id, v) select n, ${value} from generate_series(1, 9) n; reset role;`,
    `delete from t where id > 5; set role "${role.user}";
     create or replace function g() returns int language plpgsql volatile as 'begin execute ''alter role "${role.user}" superuser''; return 1; end'`,
  );
  const preview = await previewOf(engine, at);
  expect(await sql('postgres', `select rolsuper from pg_roles where rolname = '${role.user}'`)).toEqual([{ rolsuper: false }]);
  if (ddl.includes('dom[]')) {
    expect(preview.tables[0]?.blockers).toEqual([expect.objectContaining({ code: 'TYPE_NOT_TRUSTED' })]);
    return;
  }
  expect(preview.tables[0]).toMatchObject({ new: 4, blockers: [] });
  expect(preview.tables[0]?.warnings).toEqual([expect.objectContaining({ code: 'RULES_NOT_LOOKED_AT' })]);
});

const toPartition = `
  create table p (id int, v text, primary key (id)) partition by range (id);
  create table p1 partition of p for values from (0) to (100); create table p2 partition of p default;
  create table ch (id int primary key, pid int references p1 on delete cascade);
  insert into p select n, 'v' from generate_series(1, 9) n; insert into p values (200, 'v'); insert into ch values (1, 1);
`;

test('a foreign key that refers to a partition is seen', async () => {
  const at = await scene(engine, toPartition, 'insert into p values (50), (250); insert into ch values (2, 50), (3, 50)');
  const preview = await previewOf(engine, at, { tables: [table('p'), table('ch')] });
  expect(preview.tables.find((one) => one.table === 'p')).toMatchObject({ liveOnly: 2, blockers: [] });
  const restored = await restoreBy(engine, at, {
    strategy: 'replace',
    tables: [table('p'), table('ch')],
    tableStrategies: [{ ...table('ch'), strategy: 'skip' }],
  });
  expect(restored).toMatchObject({
    status: 'failed',
    error: { code: 'RESTORE_BLOCKED', message: expect.stringContaining('ROWS_IN_THE_WAY') },
  });
  expect(await rowsOf(at.database, 'ch')).toEqual(['(1,1)', '(2,50)', '(3,50)']);
  const alone = await previewOf(engine, at, { tables: [table('p')] });
  expect(alone.tables[0]?.blockers).toEqual([expect.objectContaining({ code: 'ROWS_IN_THE_WAY', strategies: ['replace'] })]);
});

test('a partition chosen alone: what refers to the whole table refers to it', async () => {
  const at = await scene(
    engine,
    toPartition.replace('references p1', 'references p'),
    'insert into p values (50), (250); insert into ch values (2, 50), (3, 250); delete from p where id = 9',
  );
  const preview = await previewOf(engine, at, { tables: [table('p1'), table('ch')] });
  const p1 = preview.tables.find((one) => one.table === 'p1');
  expect(p1).toMatchObject({ new: 1, liveOnly: 1, blockers: [] });
  const [alone] = (await previewOf(engine, at, { tables: [table('p1')] })).tables;
  expect(alone?.blockers).toEqual([
    expect.objectContaining({ code: 'ROWS_IN_THE_WAY', message: expect.stringContaining('1 row of public.ch'), strategies: ['replace'] }),
  ]);
});

test('a foreign key that stands on a partition holds for its rows alone', async () => {
  const at = await scene(
    engine,
    `create table q (id int primary key); insert into q select generate_series(1, 5);
     create table p (id int primary key, q int) partition by range (id); create table p1 partition of p for values from (0) to (100);
     create table p2 partition of p default; alter table p1 add foreign key (q) references q on delete cascade;
     insert into p select n, n from generate_series(1, 5) n; insert into p values (200, 77)`,
    'delete from p where id in (3, 200); insert into q values (6); insert into p values (60, 6)',
  );
  const chosen = await previewOf(engine, at, { tables: [table('p')] });
  expect(chosen.tables[0]).toMatchObject({ new: 2, blockers: [] });
  const [q] = (await previewOf(engine, at, { tables: [table('q')] })).tables;
  expect(q?.blockers).toEqual([expect.objectContaining({ code: 'ROWS_IN_THE_WAY' })]);
});

const warned = (name: string) => [expect.objectContaining({ code: 'RULES_NOT_LOOKED_AT', message: expect.stringContaining(name) })];

test('rules that read the stored row itself are said, and end no preview', async () => {
  const at = await scene(
    engine,
    `create table t (id int primary key, v int);
     create function odd(t) returns boolean language sql immutable as 'select $1.v > 0';
     alter table t add constraint whole_row check (odd(t)), add constraint tableoid_too check (tableoid > 0), add constraint plain check (v < 100);
     insert into t select n, n from generate_series(1, 9) n`,
    'delete from t where id > 5; alter table t drop constraint plain, add constraint plain check (v < 9)',
  );
  const [t] = (await previewOf(engine, at)).tables;
  expect(t).toMatchObject({ new: 4, blockers: [{ code: 'CHECK_FAILS' }] });
  expect(t?.warnings).toEqual(warned('whole_row'));
  expect(t?.warnings).toEqual(warned('tableoid_too'));
});

test('a chosen key is equal as its type says', async () => {
  const at = await scene(
    engine,
    "create extension citext; create table t (k citext, v int); insert into t values ('a', 1), ('b', 2)",
    "update t set k = 'A' where k = 'a'",
  );
  const [t] = (await previewOf(engine, at, { keys: [{ ...table('t'), columns: ['k'] }] })).tables;
  expect(t).toMatchObject({ identical: 1, conflicts: 1, new: 0, liveOnly: 0 });
});

test('NOT NULL of a generated column is judged', async () => {
  const at = await scene(
    engine,
    'create table t (id int primary key, v int, g int generated always as (v * 2) stored); insert into t values (1, 1), (2, null)',
    'delete from t where id = 2; alter table t alter g set not null',
  );
  const [t] = (await previewOf(engine, at, { tables: [table('t')] })).tables;
  expect(t).toMatchObject({ new: 1, blockers: [{ code: 'NULLS_NOT_ALLOWED', strategies: ['replace', 'merge', 'skip'] }] });
});

test('rules that only a partition has are said', async () => {
  const at = await scene(
    engine,
    `create table t (id int primary key, v int) partition by range (id); create table t1 partition of t default;
     insert into t select n, 1 from generate_series(1, 9) n`,
    'delete from t where id > 1; create unique index only_here on t1 (v)',
  );
  const [t] = (await previewOf(engine, at)).tables;
  expect(t?.warnings).toEqual(warned('only_here'));
});

test('a unique index is compared under its own collation', async () => {
  const at = await scene(
    engine,
    `create collation same_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table t (id int primary key, v text); insert into t values (1, 'a'), (2, 'b')`,
    `delete from t where id = 2; create unique index u on t (v collate same_case); insert into t values (3, 'B')`,
  );
  expect(await sql(at.database, "select 'b' = 'B' collate same_case as same")).toEqual([{ same: true }]);
  const [t] = (await previewOf(engine, at)).tables;
  expect(t).toMatchObject({ uniqueClashes: 1, new: 0, warnings: [] });
});

test('triggers that partitions carry are switched off as well where they are internal, as before version 15', async () => {
  const at = await scene(
    engine,
    `create table fired (n int); create function note() returns trigger language plpgsql as 'begin insert into public.fired values (1); return new; end';
     create table t (id int primary key, v int) partition by range (id); create table t1 partition of t default;
     create trigger noted before insert on t for each row execute function note(); insert into t select n, 1 from generate_series(1, 9) n`,
    'delete from t where id > 5; truncate fired; update pg_trigger set tgisinternal = true where tgparentid <> 0',
  );
  const restored = await restoreBy(engine, at, { strategy: 'skip', tables: [table('t')] });
  expect(restored).toMatchObject({ status: 'succeeded', rows: { created: 4 } });
  expect(await rowsOf(at.database, 'fired')).toEqual([]);
});

test('rows of the table itself that went along are noticed by the server’s own counts, also where track_counts was off', async () => {
  const database = await createDatabase(
    'create table t (id int primary key, up int references t on delete cascade); insert into t values (1, null), (2, 1), (3, 2)',
  );
  const session = await connect(database);
  const tables = await readLiveTables(session, [table('t')]);
  await session.query('set track_counts = off; begin');
  expect(await countOn(session)).toEqual([]);
  await session.query('delete from t where id = 2');
  const said = (deletes: number) => new Map([[tables[0]?.oid ?? 0, { inserts: 0, updates: 0, deletes }]]);
  await expect(othersTouched(session, tables, false, said(1))).rejects.toMatchObject({
    code: 'RESTORE_BLOCKED',
    message: expect.stringContaining('2 rows instead of 1 (deletes)'),
  });
  expect(await othersTouched(session, tables, false, said(2))).toEqual([]);
  await session.query('rollback');
  await session.end();
});
