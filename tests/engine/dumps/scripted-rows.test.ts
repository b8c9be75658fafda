// Rows of plain scripts that pg_dump did not write: read as they stand, or refused where only a server could tell.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableName } from '../../../shared/contract/common.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { codeOf, readAll } from './rows-support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

/** A plain script of somebody else's. */
function script(text: string, name = 'script.sql'): string {
  const path = join(temporaryDirectory('script'), name);
  writeFileSync(path, text);
  return path;
}
const t: TableName = { schema: 'public', table: 't' };
const linesFrom = async (text: string, table = t): Promise<string[]> =>
  (await readAll(engine, script(text), [table])).flatMap((one) => one.lines);
describe('scripts that pg_dump did not write', () => {
  it('follow the search path of old dumps', async () => {
    const text =
      'SET search_path = app, pg_catalog;\nCREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n2\n\\.\nINSERT INTO t VALUES (3);\n';
    expect(await linesFrom(text, { schema: 'app', table: 't' })).toEqual(['1', '2', '3']);
  });

  it('literals of every kind', async () => {
    const text = String.raw`CREATE TABLE t (a text, b text, c text, d text);
INSERT INTO t VALUES (1, -2.5, .5, +7), (1e10, - 3, 007, NULL), -- a comment; here
 (E'a\tb\n\x41\101\u00e9', 'it''s', X'1F', b'01'), ('x'::text, '1'::pg_catalog.int4, 5::bigint, NULL::app."Odd type"),
 (TRUE, false, '2020-01-01'::timestamp without time zone, '{1}'::int[]) ON CONFLICT DO NOTHING;
INSERT INTO t (b, a) OVERRIDING SYSTEM VALUE VALUES ('B', 'A');`.replaceAll('\\\\', '\\');
    expect(await linesFrom(text)).toEqual([
      '1\t-2.5\t.5\t7',
      '1e10\t-3\t7\t\\N',
      "a\\tb\\nAAé\tit's\t00011111\t01",
      'x\t1\t5\t\\N',
      'true\tfalse\t2020-01-01\t{1}',
      'B\tA',
    ]);
  });

  it('backslashes escape where standard_conforming_strings is off', async () => {
    expect(
      await linesFrom("SET standard_conforming_strings = off;\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\\\b\\n');\n"),
    ).toEqual(['a\\\\b\\n']);
    expect(await linesFrom("CREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\b');\n")).toEqual(['a\\\\b']);
  });

  it('INSERTs without columns have those of the definition, or all of the table', async () => {
    const defined = await readAll(engine, script('CREATE TABLE t (b int, a int);\nINSERT INTO t VALUES (1, 2);\n'), [t]);
    expect(defined.map((one) => one.columns)).toEqual([['b', 'a']]);
    const unknown = await readAll(engine, script('INSERT INTO t VALUES (1, 2);\nINSERT INTO t VALUES (3, 4);\n'), [
      { schema: 'public', table: 't' },
    ]);
    expect(unknown.map((one) => [one.columns, one.lines])).toEqual([[[], ['1\t2', '3\t4']]]);
    const altered = 'CREATE TABLE t (b int);\nALTER TABLE t ADD COLUMN c int;\nINSERT INTO t VALUES (1, 2);\n';
    expect((await readAll(engine, script(altered), [t])).map((one) => one.columns)).toEqual([[]]);
  });

  it.each([
    "INSERT INTO t VALUES (nextval('s'));",
    'INSERT INTO t SELECT 1;',
    'INSERT INTO t VALUES (1 + 1);',
    'INSERT INTO t VALUES ((SELECT 1));',
    'INSERT INTO t VALUES (now());',
    'INSERT INTO t VALUES (current_user);',
    "INSERT INTO t VALUES ('a' || 'b');",
    "INSERT INTO t VALUES ('abc'::varchar(2));",
    "INSERT INTO t VALUES ('abc'::char);",
    'INSERT INTO t VALUES (1.7::int);',
    "INSERT INTO t VALUES (DATE '2020-01-01');",
    "INSERT INTO t VALUES (U&'\\0041');",
    'INSERT INTO t VALUES (DEFAULT);',
    'INSERT INTO t DEFAULT VALUES;',
    'INSERT INTO t VALUES (1), (2, 3);',
    'INSERT INTO t (a) OVERRIDING USER VALUE VALUES (1);',
    'INSERT INTO t VALUES (1) RETURNING a;',
    'INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2;',
    "INSERT INTO t VALUES (E'\\000');",
    'INSERT INTO t VALUES (1);\nUPDATE t SET a = 2;',
    'INSERT INTO t VALUES (1);\nDELETE FROM ONLY public.t WHERE a = 1;',
    'COPY t (a) FROM stdin WITH CSV;\n1\n\\.\n',
  ])('refuses %s', async (statement) => {
    expect(await codeOf(linesFrom(`CREATE TABLE t (a int);\n${statement}\n`))).toBe('DUMP_UNSAFE');
  });

  it('names the line of what it refuses', async () => {
    const text = 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),\n  (2),\n  (now());\n';
    await expect(linesFrom(text)).rejects.toThrow(/line 4\b/);
  });

  it('leaves what happens to other tables alone', async () => {
    const text =
      'CREATE TABLE o (a int);\nINSERT INTO o VALUES (now());\nUPDATE o SET a = 1;\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n';
    expect(await linesFrom(text)).toEqual(['1']);
  });

  it('refuses a shell command', async () => {
    expect(await codeOf(linesFrom('CREATE TABLE t (a int);\n\\! touch /tmp/pwned\nINSERT INTO t VALUES (1);\n'))).toBe('DUMP_UNSAFE');
    expect(await codeOf(readAll(engine, script('CREATE TABLE t (a int);\n'), [{ schema: 'public', table: 'T' }]))).toBe(
      'TABLE_NOT_IN_DUMP',
    );
  });
});
