// Schemas of scripts that today's pg_dump did not write, and the extensions and roles that a dump asks for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { schema } from './compared-schema.ts';
import { brief, compareWith, mend, tableNamed } from './support.ts';

let engine: TestEngine;
const databases: string[] = [];

beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
  for (const name of databases) await dropDatabase(name);
});

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

const told = async (path: string, name: string, tables: string[] = []): Promise<{ fits: boolean; names: string[] }> => {
  const { fits, differences } = await compareWith(engine, { path, database: name, tables: tables.map(tableNamed) });
  return { fits, names: differences.map(brief).toSorted() };
};

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
