// Rules of live tables that a preview must not run, and rules that it must see.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createRole, sql } from '../../support/server.ts';
import { previewOf, scene } from '../restores/rows-support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

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
