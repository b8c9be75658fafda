import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import { compareSchemas } from '../../../electron/engine/schema/compare-schemas.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { startJob } from '../dumps/rows-support.ts';
import { leftoversOf, pgDump } from '../restores/support.ts';
import { until } from '../../support/wait.ts';
import { brief, compareWith, contextOf, mend, tableNamed, targetOf } from './support.ts';

let engine: TestEngine;
let source: string;
let archive: string;
const databases: string[] = [];

const schema = `
  create schema app; create type app.mood as enum ('sad', 'ok'); create type app.tone as enum ('low');
  create table app.people (id serial primary key, name text not null, mood app.mood, born date default '2000-01-01', check (id > 0));
  create table app.pets (id int primary key, owner int references app.people, moods app.mood[]);
  create table public.log (id bigint generated always as identity primary key, at timestamptz, tone app.tone);
  create index log_at on log (at); create function app.f(x int) returns int language sql as 'select 1';
  insert into app.people (name) values ('a'); insert into app.pets values (1, 1); insert into log (at) values (now());
  create view app.v as select id, name from app.people where id > 1;
  create function app.t() returns trigger language plpgsql as 'begin return new; end';
  create trigger touched before insert on app.people for each row execute function app.t();`;

async function database(statements: string): Promise<string> {
  const name = await createDatabase(statements);
  databases.push(name);
  return name;
}

function file(text: string): string {
  const path = join(temporaryDirectory('script'), 'script.sql');
  writeFileSync(path, text);
  return path;
}

beforeAll(async () => {
  engine = await makeEngine();
  source = await database(schema);
  archive = pgDump(source, ['-Fc']);
});
afterAll(async () => {
  await engine.close();
  for (const name of databases) await dropDatabase(name);
});

const told = async (path: string, name: string, tables: string[] = []): Promise<{ fits: boolean; names: string[] }> => {
  const { fits, differences } = await compareWith(engine, { path, database: name, tables: tables.map(tableNamed) });
  return { fits, names: differences.map(brief).toSorted() };
};

describe('whether rows fit', () => {
  it('only the compared tables and the types that they use count', async () => {
    const live = await database(schema);
    await sql(live, `alter table public.log add column more int; alter type app.tone add value 'high'`);
    const names = ['different TYPE app.tone', 'extra COLUMN public.log more'];
    expect(await told(archive, live, ['app.people', 'app.pets'])).toEqual({ fits: true, names });
    expect(await told(archive, live, ['log'])).toEqual({ fits: false, names });
    expect(await told(archive, live)).toEqual({ fits: false, names });
    await sql(live, `alter table public.log drop column more`);
    expect((await told(archive, live, ['log'])).fits).toBe(false);
    expect((await told(archive, live, ['app.people'])).fits).toBe(true);
    await sql(live, `alter type app.mood add value 'great'`);
    // An array of it.
    expect((await told(archive, live, ['app.pets'])).fits).toBe(false);
  });

  it('a label that only the target has cannot be mended', async () => {
    const live = await database(schema);
    await sql(live, `alter type app.mood add value 'great'`);
    const { differences } = await compareWith(engine, { path: archive, database: live });
    expect(differences).toMatchObject([{ kind: 'different', type: 'TYPE', schema: 'app', name: 'mood', mend: null }]);
    expect(differences[0]?.live).toContain("'great'");
    expect(differences[0]?.backup).not.toContain("'great'");
  });

  it('what is beside the rows does not count', async () => {
    const live = await database(schema);
    await sql(
      live,
      `drop index log_at; drop function app.f; drop view app.v; alter table app.pets drop constraint pets_owner_fkey; create table extra (id int);
      drop trigger touched on app.people; alter table app.people alter born drop default; create index on app.people (name)`,
    );
    expect(await told(archive, live)).toEqual({
      fits: true,
      names: [
        'extra INDEX app.people_name_idx',
        'extra TABLE public.extra',
        'missing DEFAULT app.people born',
        'missing FK CONSTRAINT app.pets pets_owner_fkey',
        'missing FUNCTION app.f(integer)',
        'missing INDEX public.log_at',
        'missing TRIGGER app.people touched',
        'missing VIEW app.v',
      ],
    });
  });
});

describe('a dump that does not hold everything', () => {
  it('of chosen tables: what it cannot know is not in excess, but parts of its tables are', async () => {
    const path = pgDump(source, ['-Fc', '-t', 'app.pets']);
    expect(await told(path, source)).toEqual({ fits: true, names: [] });
    const live = await database(schema);
    await sql(
      live,
      'create index more on app.pets (owner); drop index log_at; alter table app.people drop column born; alter table app.pets drop column moods',
    );
    expect(await told(path, live)).toEqual({ fits: false, names: ['extra INDEX app.more', 'missing COLUMN app.pets moods'] });
  });

  it('a backup of ours says itself what was chosen', async () => {
    const profile = await engine.addProfile({ database: source });
    const backup = await engine.backUpWell(profile.id, { tables: [tableNamed('log')] });
    expect(await told(backup.directory, source)).toEqual({ fits: true, names: [] });
    const schemas = await engine.backUpWell(profile.id, { schemas: ['public'] });
    expect(await told(schemas.directory, source)).toEqual({ fits: true, names: [] });
  });

  it.each([['-Fc'], ['-Fp']])('of rows alone (%s): columns are compared by name', async (form) => {
    const path = pgDump(source, [form, '-a']);
    expect(await told(path, source)).toEqual({ fits: true, names: [] });
    const live = await database(schema);
    await sql(
      live,
      `alter table app.people drop column born; alter table log add column note text, add made text generated always as ('x') stored; drop table app.pets; create table extra (id int)`,
    );
    expect(await told(path, live)).toEqual({
      fits: false,
      names: ['extra COLUMN public.log note', 'missing COLUMN app.people born', 'missing TABLE app.pets'],
    });
  });
});

describe('scripts of other hands', () => {
  it('an old pg_dump, which wrote names for a search path', async () => {
    const live = await database(schema);
    const script = `--
-- PostgreSQL database dump
--
-- Dumped from database version 9.6.5
-- Dumped by pg_dump version 9.6.5
SET search_path = app, pg_catalog;
CREATE SCHEMA app;
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE tone AS ENUM ('low');
CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql AS $$select 1$$;
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$begin return new; end$$;
SET default_with_oids = false;
CREATE TABLE people (id integer NOT NULL, name text NOT NULL, mood mood, born date DEFAULT '2000-01-01'::date, CONSTRAINT people_id_check CHECK ((id > 0)));
CREATE SEQUENCE people_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE people_id_seq OWNED BY people.id;
CREATE TABLE pets (id integer NOT NULL, owner integer, moods mood[], gone text);
CREATE VIEW v AS SELECT people.id, people.name FROM people WHERE (people.id > 1);
SET search_path = public, pg_catalog;
CREATE TABLE log (id bigint NOT NULL, at timestamp with time zone, tone app.tone);
SET search_path = app, pg_catalog;
ALTER TABLE ONLY people ALTER COLUMN id SET DEFAULT nextval('people_id_seq'::regclass);
ALTER TABLE ONLY people ADD CONSTRAINT people_pkey PRIMARY KEY (id);
ALTER TABLE ONLY pets ADD CONSTRAINT pets_pkey PRIMARY KEY (id);
SET search_path = public, pg_catalog;
ALTER TABLE ONLY log ADD CONSTRAINT log_pkey PRIMARY KEY (id);
CREATE INDEX log_at ON log USING btree (at);
CREATE INDEX log_tone ON log USING btree (tone);
SET search_path = app, pg_catalog;
CREATE TRIGGER touched BEFORE INSERT ON people FOR EACH ROW EXECUTE PROCEDURE t();
ALTER TABLE ONLY pets ADD CONSTRAINT pets_owner_fkey FOREIGN KEY (owner) REFERENCES people(id);
--
-- PostgreSQL database dump complete
--
`;
    const path = file(script);
    const { fits, differences } = await compareWith(engine, { path, database: live, tables: [tableNamed('app.people')] });
    // AS integer, which sequences have since 10, and identity columns are real differences to a server of 9.6.
    expect(differences.map(brief).toSorted()).toEqual([
      'different SEQUENCE app.people_id_seq',
      'extra IDENTITY public.log id',
      'missing COLUMN app.pets gone',
      'missing INDEX public.log_tone',
    ]);
    expect(fits).toBe(true);
    expect((await compareWith(engine, { path, database: live, tables: [tableNamed('app.pets')] })).fits).toBe(false);
    await mend(live, differences);
    expect((await compareWith(engine, { path, database: live })).differences.map(brief)).toEqual([]);
  });

  it('a script by hand: tables and columns, and whether the rest is there', async () => {
    const path = file(`
      /* nobody's dump */ create table if not exists people (
        id serial primary key, -- the, key
        name varchar(20) not null unique, at timestamptz(3) default now(), "Odd, name" int8 references people (id) on delete cascade,
        price decimal(10,2) check (price > 0), ok bool default true not null, n float8, constraint named unique (at, ok)
      );
      create unique index by_n on people (n); create index gone on people (ok);
      insert into people (name) values ('create table x (id int);');`);
    const live =
      await database(`create table people (id serial primary key, name varchar(20) not null unique, at timestamptz(3) default now(), "Odd, name" bigint references people on delete cascade,
      price numeric(10,2) check (price > 0), ok boolean default true not null, n double precision, constraint named unique (at, ok)); create unique index by_n on people (n)`);
    expect(await told(path, live)).toEqual({ fits: true, names: ['missing INDEX public.gone'] });
    await sql(live, 'alter table people drop column n, alter price type int, add more int');
    expect(await told(path, live)).toEqual({
      fits: false,
      names: [
        'different COLUMN public.people price',
        'extra COLUMN public.people more',
        'missing COLUMN public.people n',
        'missing INDEX public.by_n',
        'missing INDEX public.gone',
      ],
    });
  });
});

describe('extensions and roles', () => {
  it('another version, with the way to it where there is one', async () => {
    const name = await database(`create extension citext version '1.4'; create table t (c citext)`);
    const profile = await engine.addProfile({ database: name });
    const { directory } = await engine.backUpWell(profile.id);
    expect(await told(directory, name)).toEqual({ fits: true, names: [] });
    const of = async (): Promise<unknown> => (await compareWith(engine, { path: directory, database: name })).differences;
    await sql(name, `alter extension citext update to '1.6'`);
    expect(await of()).toEqual([
      { kind: 'different', type: 'EXTENSION', schema: '', name: 'citext', backup: 'citext 1.4', live: 'citext 1.6', mend: null },
    ]);
    await sql(name, 'drop extension citext cascade');
    expect(await of()).toMatchObject([
      { kind: 'missing', type: 'EXTENSION', name: 'citext' },
      { kind: 'missing', type: 'COLUMN' },
    ]);
    await sql(name, `create extension citext version '1.5'`);
    const [difference] = (await compareWith(engine, { path: directory, database: name })).differences;
    expect(difference).toMatchObject({ kind: 'different', live: 'citext 1.5', mend: null });
  });

  it('an extension that the server does not offer, and a role that it does not know', async () => {
    const path = file(`-- Dumped by pg_dump version 15.1
CREATE EXTENSION IF NOT EXISTS "no such" WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;
CREATE TABLE public.t (id integer);
ALTER TABLE public.t OWNER TO "nobody ""here";
`);
    const live = await database('create table t (id int)');
    const { differences } = await compareWith(engine, { path, database: live });
    expect(differences.map(({ type, name, mend: statement }) => [type, name, statement])).toEqual([
      ['ROLE', 'nobody "here', 'CREATE ROLE "nobody ""here";'],
      ['EXTENSION', 'no such', null],
      ['EXTENSION', 'hstore', 'CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;'],
    ]);
  });
});

describe('a role that may not see everything', () => {
  it('what can be told is told, and of the rest one difference says that it was not read', async () => {
    const live = await database(schema);
    await sql(live, 'drop index log_at; alter table app.people drop column born');
    const role = await createRole();
    await sql(
      live,
      `grant select on log to "${role.user}"; grant usage on schema app to "${role.user}"; grant select on app.pets to "${role.user}"`,
    );
    const compare = async (tables: string[]) =>
      compareWith(engine, { path: archive, database: live, as: role, tables: tables.map(tableNamed) });
    const { fits, differences } = await compare(['log', 'app.pets']);
    expect(differences.map(brief)).toEqual(['missing INDEX public.log_at', `different DATABASE ${live}`]);
    expect(differences.at(-1)?.live).toContain('app.people');
    expect(fits).toBe(true);
    expect((await compare([])).fits).toBe(false);
    expect((await compare(['app.people'])).fits).toBe(false);
  });

  it('a pg_dump that fails does not fail the comparison', async () => {
    const live = await database(schema);
    const dump = await inspectDump(archive);
    const client = await connect(live);
    try {
      await client.query('begin; lock table app.people in access exclusive mode');
      const started = startJob(engine, async (job) => {
        const context = { ...contextOf(engine), settings: () => ({ stuckAfterSeconds: 1 }) } as unknown as ReturnType<typeof contextOf>;
        const { fits, differences } = await compareSchemas(job, context, {
          path: archive,
          dump,
          target: targetOf(live),
          clientDirectory: '',
          tables: [],
        });
        expect({ fits, names: differences.map(brief) }).toEqual({ fits: false, names: [`different DATABASE ${live}`] });
      });
      expect((await started.ended).status).toBe('succeeded');
    } finally {
      await client.end();
    }
  });
});

it('takes no lock that writers or even an EXCLUSIVE lock would be in the way of, and leaves nothing behind', async () => {
  const live = await database(schema);
  const client = await connect(live);
  try {
    await client.query('begin; lock table app.people, app.pets, log in exclusive mode');
    expect(await told(archive, live)).toEqual({ fits: true, names: [] });
  } finally {
    await client.end();
  }
  expect(leftoversOf(engine)).toEqual([]);
  const work = join(engine.home, 'tmp');
  expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
});

it('a cancel ends it while it waits for a lock, and its session with it', async () => {
  const live = await database(schema);
  const dump = await inspectDump(archive);
  const client = await connect(live);
  try {
    await client.query('begin; lock table app.people in access exclusive mode');
    const started = startJob(engine, (job) =>
      compareSchemas(job, contextOf(engine), { path: archive, dump, target: targetOf(live), clientDirectory: '', tables: [] }),
    );
    const waiting = (): Promise<unknown[]> =>
      sql('postgres', `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`, [live]);
    await until('pg_dump waits', async () => (await waiting()).length === 1);
    engine.engine.jobs.cancel(started.id);
    expect((await started.ended).status).toBe('cancelled');
    await until('its session has ended', async () => (await waiting()).length === 0);
  } finally {
    await client.end();
  }
  expect(leftoversOf(engine)).toEqual([]);
});
