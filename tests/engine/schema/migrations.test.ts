import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSession } from '../../../electron/engine/postgres/connection.ts';
import { compareMigrations, migrationsOfDump, readMigrations, type MigrationState } from '../../../electron/engine/schema/migrations.ts';
import type { MigrationVerdict } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { inJob, inspected } from '../dumps/rows-support.ts';
import { pgDump } from '../restores/support.ts';
import { cases, type FrameworkCase } from './framework-tables.ts';
import { contextOf, targetOf } from './support.ts';

let engine: TestEngine;
const databases: string[] = [];
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
  for (const database of databases) await dropDatabase(database);
});

async function database(statements: string): Promise<string> {
  const name = await createDatabase(statements);
  databases.push(name);
  return name;
}
const live = (name: string): Promise<MigrationState[]> => withSession(targetOf(name), (session) => readMigrations(session));
const ofDump = async (path: string): Promise<MigrationState[]> => {
  const dump = await inspected(path);
  return await inJob(engine, (job) => migrationsOfDump(job, contextOf(engine), { path, dump, clientDirectory: '' }));
};
const short = ({ verdict, forward, needed }: MigrationVerdict): unknown => ({ verdict, forward, needed });

describe.each(cases)('$framework', (one: FrameworkCase) => {
  const state = (applied: string[]): MigrationState[] => [{ framework: one.framework, table: one.table, applied }];
  const { base, more, other } = one.applied;
  const [first, longer, branch] = one.replaces === undefined ? [base, [...base, ...more], [...base, ...other]] : [base, more, other];

  it('is read alike from the live table, a foreign dump of any form, and the manifest of a backup', async () => {
    const name = await database(`${one.create}; ${one.base}`);
    expect(await live(name)).toEqual(state(first));
    for (const args of [['-Fc'], ['-Fp'], ['-Fp', '--inserts']])
      expect.soft(await ofDump(pgDump(name, args)), args.join(' ')).toEqual(state(first));
    const profile = await engine.addProfile({ database: name });
    expect(await ofDump((await engine.backUpWell(profile.id)).directory)).toEqual(state(first));
    await sql(name, `${one.replaces ?? ''}; ${one.more}`);
    expect(await live(name)).toEqual(state(longer));
    await sql(
      name,
      `truncate ${one.table
        .split('.')
        .map((part) => `"${part}"`)
        .join('.')}; ${one.replaces === undefined ? one.base : ''}; ${one.other}`,
    );
    expect(await live(name)).toEqual(state(branch));
    expect(await ofDump(pgDump(name, ['-Fd']))).toEqual(state(branch));
  });

  it('exact, older, newer, diverged', () => {
    expect(compareMigrations(state(first), state(first)).map(short)).toEqual([{ verdict: 'exact', forward: [], needed: [] }]);
    const diverged = compareMigrations(state(longer), state(branch)).map(short);
    if (one.framework === 'Alembic') {
      expect(compareMigrations(state(first), state(longer)).map(short)).toEqual([{ verdict: 'unknown', forward: more, needed: base }]);
      expect(compareMigrations([], state(longer)).map(short)).toEqual([{ verdict: 'older', forward: more, needed: [] }]);
      expect(compareMigrations(state([]), state(longer)).map(short)).toEqual([{ verdict: 'older', forward: more, needed: [] }]);
      expect(compareMigrations(state(longer), state([])).map(short)).toEqual([{ verdict: 'newer', forward: [], needed: more }]);
    } else {
      expect(compareMigrations(state(first), state(longer)).map(short)).toEqual([{ verdict: 'older', forward: more, needed: [] }]);
      expect(compareMigrations(state(longer), state(first)).map(short)).toEqual([{ verdict: 'newer', forward: [], needed: more }]);
    }
    expect(diverged).toEqual([{ verdict: 'unknown', forward: other, needed: more }]);
  });

  it('on one side only', () => {
    expect(compareMigrations([], state(first)).map(short)).toEqual([{ verdict: 'older', forward: first, needed: [] }]);
    expect(compareMigrations(state(first), []).map(short)).toEqual([{ verdict: 'newer', forward: [], needed: first }]);
    expect(compareMigrations(state([]), [])[0]?.verdict).toBe('exact');
  });
});

it('tables that merely bear a name are no framework’s', async () => {
  const name =
    await database(`create table migrations (id serial, migration text, batch int); insert into migrations (migration, batch) values ('laravel', 1);
    create table schema_migrations (version bigint primary key, inserted_at timestamp); insert into schema_migrations values (1, now());
    create table alembic_version (x int); create view "SequelizeMeta" as select 'x' as name`);
  expect(await live(name)).toEqual([]);
  expect(await ofDump(pgDump(name, ['-Fc']))).toEqual([]);
});

it('tables that the role may not read are passed over, without an error', async () => {
  const name =
    await database(`create schema hidden; create table hidden.alembic_version (version_num text); create table alembic_version (version_num text);
    create table knex_migrations (id int, name text, batch int); insert into knex_migrations values (1, 'a', 1); grant select on knex_migrations to public; grant select on hidden.alembic_version to public`);
  const role = await createRole();
  const found = await withSession(targetOf(name, role), (session) => readMigrations(session));
  expect(found).toEqual([{ framework: 'Knex', table: 'public.knex_migrations', applied: ['a'] }]);
});

it('a dump whose table is empty has applied nothing', async () => {
  const name = await database(
    'create table django_migrations (id int, app text, name text, applied timestamptz); create table schema_migrations (version text)',
  );
  const django = { framework: 'Django', table: 'public.django_migrations', applied: [] };
  expect(await ofDump(pgDump(name, ['-Fc']))).toEqual([django, { framework: 'Rails', table: 'public.schema_migrations', applied: [] }]);
  // With INSERTs nothing says which columns it has.
  expect(await ofDump(pgDump(name, ['-Fp', '--inserts']))).toEqual([django]);
});

it('several schemas and frameworks are paired by table; a moved table by its framework', () => {
  const of = (framework: string, table: string, ...applied: string[]): MigrationState => ({ framework, table, applied });
  const verdicts = compareMigrations(
    [of('Rails', 'a.schema_migrations', '1'), of('Rails', 'b.schema_migrations', '1', '2'), of('Knex', 'old.knex_migrations', 'x')],
    [of('Rails', 'b.schema_migrations', '1'), of('Rails', 'a.schema_migrations', '1'), of('Knex', 'new.knex_migrations', 'x', 'y')],
  );
  expect(verdicts.map(({ framework, table, verdict }) => `${framework} ${table} ${verdict}`)).toEqual([
    'Rails b.schema_migrations newer',
    'Knex new.knex_migrations older',
    'Rails a.schema_migrations exact',
  ]);
});

it('golang-migrate compares versions as numbers, however long', () => {
  const of = (version: string): MigrationState[] => [
    { framework: 'golang-migrate', table: 'public.schema_migrations', applied: [version] },
  ];
  expect(compareMigrations(of('9007199254740993'), of('9007199254740992'))[0]?.verdict).toBe('newer');
  expect(compareMigrations(of('9'), of('10'))[0]?.verdict).toBe('older');
});

it('lists that were cut to their last steps are not taken for different ones', () => {
  const steps = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `step ${from + index}`);
  const of = (applied: string[]): MigrationState[] => [{ framework: 'Rails', table: 'public.schema_migrations', applied }];
  expect(compareMigrations(of(steps(0, 1000)), of(steps(5, 1005))).map(short)).toEqual([
    { verdict: 'older', forward: steps(1000, 1005), needed: [] },
  ]);
});
