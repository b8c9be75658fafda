import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/home.ts';
import { createDatabase, dropDatabase } from '../support/server.ts';
import { clients, run } from '../engine/dumps/rich-dumps.ts';
import { commandsOver } from './commands.ts';

const { cli, addProfile } = commandsOver();
let database: string;
let path: string;
beforeAll(async () => {
  database = await createDatabase(`
    create table "Odd, ""Name" ("A" int primary key, "long text" text, "__proto__" text);
    insert into "Odd, ""Name" values (1, repeat('x', 200), null), (2, E'two\\nlines\\u001b[31m', 'NULL'), (3, '', '🐘');
    create schema a; create schema b; create table a.same (x int); create table b.same (x int);`);
  path = join(temporaryDirectory('rows'), 'dump');
  const [client] = clients();
  if (client === undefined) throw new Error('no client programs');
  run(client, 'pg_dump', ['-Fc', '-f', path, '-d', database]);
  await addProfile('here', 'postgres');
});
afterAll(() => dropDatabase(database));

const odd = '"Odd, ""Name"';

test('one JSON document with the rows', async () => {
  const found = await cli('rows', path, odd, '--limit', '2', '--json');
  expect(found.code, found.stderr).toBe(0);
  expect(found.json).toEqual({
    columns: ['A', 'long text', '__proto__'],
    rows: [
      JSON.parse(`{"A":"1","long text":"${'x'.repeat(200)}","__proto__":null}`),
      JSON.parse(String.raw`{"A":"2","long text":"two\nlines\u001b[31m","__proto__":"NULL"}`),
    ],
    more: true,
  });
  expect((await cli('rows', path, odd, '--offset', '2', '--json')).json).toMatchObject({
    rows: [{ A: '3', 'long text': '' }],
    more: false,
  });
});

test('a table to read, in which NULL is no text and nothing steers the terminal', async () => {
  const { stdout, code } = await cli('rows', path, odd);
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^A {2}long text {2,}__proto__$/);
  expect(lines[1]).toBe(`1  ${'x'.repeat(59)}…  ∅`);
  expect(lines[2]).toMatch(/^2 {2}two↵lines·\[31m +NULL$/);
  expect(lines.at(-2)).toBe('3 rows (∅ is NULL)');
  expect(stdout).not.toContain('\u001b');
  expect((await cli('rows', path, 'a.same')).stdout).toBe('No rows.\n');
});

test('a condition, here and on a profile', async () => {
  for (const on of [[], ['--on', 'here']]) {
    const found = await cli('rows', path, odd, '--where', `"A" > 1 and "__proto__" = 'NULL'`, ...on, '--json');
    expect(found.code, found.stderr).toBe(0);
    expect(found.json).toMatchObject({ rows: [{ A: '2' }], more: false });
  }
  const wrong = await cli('rows', path, odd, '--where', 'a > 1', '--on', 'here', '--json');
  expect(wrong.code).toBe(2);
  expect(wrong.json).toMatchObject({ error: { code: 'BAD_INPUT' } });
});

test('wrong arguments', async () => {
  expect((await cli('rows', path, 'same', '--json')).json).toMatchObject({ error: { code: 'BAD_INPUT' } });
  expect((await cli('rows', path, 'nothing', '--json')).json).toMatchObject({ error: { code: 'TABLE_NOT_IN_DUMP' } });
  expect((await cli('rows', path, 'a.same,b.same', '--json')).json).toMatchObject({ error: { code: 'BAD_INPUT' } });
  expect((await cli('rows', path, odd, '--limit', '0', '--json')).json).toMatchObject({ error: { code: 'BAD_INPUT' } });
  expect((await cli('rows', path, odd, '--where', '', '--json')).json).toMatchObject({ error: { code: 'BAD_INPUT' } });
});
