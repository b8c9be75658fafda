import { describe, expect, it } from 'vitest';
import { inspectPlain } from '../../../electron/engine/dumps/plain.ts';

const inspect = (script: string) =>
  inspectPlain(
    (async function* () {
      yield Buffer.from(script);
    })(),
  );
const pgDump = (body: string): string =>
  `--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.4\n-- Dumped by pg_dump version 16.1\n\n${body}\n\n--\n-- PostgreSQL database dump complete\n--\n\n`;
const codesOf = async (script: string): Promise<string[]> =>
  (await inspect(script)).problems.map(({ code, severity }) => `${code} ${severity}`);

describe('commands that reach beyond the database', () => {
  it.each([
    ['\\! rm -rf /', 'SHELL_ESCAPE blocker'],
    ['\\!rm -rf /', 'SHELL_ESCAPE blocker'],
    ['SELECT 1; \\! ls', 'SHELL_ESCAPE blocker'],
    ['SELECT 1 \\g |cat\n;', 'SHELL_ESCAPE blocker'],
    ['\\o |cat', 'SHELL_ESCAPE blocker'],
    ['\\set x `id`', 'SHELL_ESCAPE blocker'],
    ["\\copy t from program 'id'", 'SHELL_ESCAPE blocker'],
    ['\\connect `id`', 'SHELL_ESCAPE blocker'],
    ['\\connect db \\\\ SELECT 1', 'META_COMMAND blocker'],
    ['\\i other.sql', 'META_COMMAND blocker'],
    ['\\copy t from /etc/passwd', 'META_COMMAND blocker'],
    ["COPY t FROM PROGRAM 'id';", 'SHELL_ESCAPE blocker'],
    ["COPY (SELECT 1) TO PROGRAM 'id';", 'SHELL_ESCAPE blocker'],
    ["COPY t FROM '/etc/passwd';", 'SHELL_ESCAPE blocker'],
    ["copy /* x */ t (a, b) to /* y */ '/tmp/x';", 'SHELL_ESCAPE blocker'],
    ["COPY (SELECT ') FROM STDIN') TO PROGRAM 'id';", 'SHELL_ESCAPE blocker'],
    ['\\connect other', 'CONNECT_COMMAND warning'],
    ['DROP DATABASE IF EXISTS shop;', 'DROP_DATABASE warning'],
    ['/* x */ DROP /* y */ DATABASE shop;', 'DROP_DATABASE warning'],
    ['CREATE DATABASE shop;', 'CREATE_DATABASE warning'],
  ])('%s is %s', async (line, expected) => {
    const found = await inspect(pgDump(`SET client_encoding = 'UTF8';\n${line}\n`));
    expect(found.problems.map(({ code, severity }) => `${code} ${severity}`)).toEqual([expected]);
    expect(found.problems[0]?.line).toBe(9);
  });

  it.each([
    '\\restrict abcDEF123\nSELECT 1;\n\\unrestrict abcDEF123',
    "INSERT INTO t VALUES ('\\! ls', 'DROP DATABASE x;');",
    'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP DATABASE x; END $$;',
    'COPY t FROM stdin;\n\\! ls\nDROP DATABASE x;\n\\.',
    'COPY t TO stdout;',
  ])('%j is harmless', async (body) => {
    expect((await codesOf(pgDump(body))).filter((code) => !code.includes('_ONLY'))).toEqual([]);
  });

  it('blocks several databases, and takes drop, create and connect of one for what it is', async () => {
    const one = 'DROP DATABASE shop;\nCREATE DATABASE shop;\n\\connect shop\nCREATE TABLE t (id int);\n';
    const found = await inspect(pgDump(one));
    expect(found.database).toBe('shop');
    expect(found.problems.map(({ code }) => code)).toEqual(['DROP_DATABASE', 'CREATE_DATABASE', 'CONNECT_COMMAND', 'SCHEMA_ONLY']);
    expect(await codesOf(pgDump(`${one}\\connect -reuse-previous=on "dbname='x y'"\nCREATE TABLE t (id int);`))).toContain(
      'MULTIPLE_DATABASES blocker',
    );
    expect(await codesOf('CREATE TABLE a (id int);\n\\c other\nCREATE TABLE b (id int);')).toContain('MULTIPLE_DATABASES blocker');
    expect(await codesOf('CREATE ROLE a;\nGRANT a TO b;\n\\c other\nCREATE TABLE b (id int);')).not.toContain('MULTIPLE_DATABASES blocker');
  });
});

describe('the end', () => {
  it('is missing where pg_dump began and its closing line is not there', async () => {
    const whole = pgDump('CREATE TABLE t (id int);');
    const found = await inspect(whole.slice(0, whole.indexOf(';') + 1));
    expect(found.complete).toBe(false);
    expect(found.problems.map(({ code }) => code)).toContain('CUT_OFF');
    expect((await inspect(whole)).complete).toBe(true);
  });

  it('is not known of a script that pg_dump did not write', async () => {
    const found = await inspect('CREATE TABLE t (id int);');
    expect(found.complete).toBeNull();
    expect(found.problems.map(({ code, severity }) => `${code} ${severity}`)).toEqual(['NO_END_MARK warning', 'UNKNOWN_VERSION warning']);
  });

  it('of a cluster is missing where only its databases end', async () => {
    const cluster = `--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE a;\n\\connect shop\n${pgDump('CREATE TABLE t (id int);')}`;
    expect((await inspect(cluster)).complete).toBe(false);
    const whole = await inspect(`${cluster}--\n-- PostgreSQL database cluster dump complete\n--\n`);
    expect(whole).toMatchObject({ complete: true, database: 'shop' });
  });

  it('that a closing line inside a string feigns is not believed', async () => {
    const found = await inspect("-- PostgreSQL database dump\nINSERT INTO t VALUES ('\n-- PostgreSQL database dump complete\n');\n");
    expect(found.complete).toBe(false);
  });
});

describe('contents', () => {
  it('are told from statements where there are no comments', async () => {
    const found = await inspect(`
      SET search_path = shop, pg_catalog;
      CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
      CREATE UNLOGGED TABLE items (id int, name text);
      CREATE TABLE public."It""ems" (id int);
      CREATE UNIQUE INDEX i ON items (id);
      INSERT INTO items VALUES (1, 'a);(b'), (2, E'\\'),('), (3, NULL);
      INSERT INTO items (id) VALUES (4);
      INSERT INTO public."It""ems" SELECT 1;
      INSERT INTO other.t DEFAULT VALUES;
      ALTER TABLE items OWNER TO "an na";
      GRANT SELECT, INSERT ON items TO bob, PUBLIC WITH GRANT OPTION;
      ALTER DEFAULT PRIVILEGES FOR ROLE carl IN SCHEMA shop GRANT SELECT ON TABLES TO dora;
    `);
    expect(found.tables).toMatchObject([
      { schema: 'shop', table: 'items', rows: 4, hasData: true },
      { schema: 'public', table: 'It"ems', rows: null, hasData: true },
      { schema: 'other', table: 't', rows: 1, hasData: true, created: false },
    ]);
    expect(found.extensions).toEqual(['uuid-ossp']);
    expect(found.roles).toEqual(['an na', 'bob', 'carl', 'dora']);
    expect(found.objects.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'EXTENSION uuid-ossp',
      'TABLE items',
      'TABLE It"ems',
      'INDEX i',
    ]);
  });

  it('that are only rows or only definitions are said to be', async () => {
    expect(await codesOf(pgDump('COPY public.t (id) FROM stdin;\n1\n\\.\n'))).toEqual(['DATA_ONLY warning']);
    expect(await codesOf(pgDump('CREATE TABLE public.t (id int);'))).toEqual(['SCHEMA_ONLY warning']);
  });
});

it('takes the one-line comment above a table with a line break in its name for that table', async () => {
  const body =
    'CREATE TABLE public."new\nline" (id integer);\n\n--\n-- Data for Name: new line; Type: TABLE DATA; Schema: public; Owner: a\n--\n\nCOPY public."new\nline" (id) FROM stdin;\n1\n\\.\n';
  expect((await inspect(pgDump(body))).tables).toMatchObject([{ schema: 'public', table: 'new\nline', hasData: true, rows: 1 }]);
});
