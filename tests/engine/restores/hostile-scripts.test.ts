// Plain SQL from anywhere: what of it never runs, and what it cannot reach.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { leftoversOf, planFile, restoreFile, succeeded } from './support.ts';

let engine: TestEngine;
let profileId: string;

beforeAll(async () => {
  engine = await makeEngine();
  profileId = (await engine.addProfile({ database: 'postgres' })).id;
});

afterAll(async () => {
  expect(leftoversOf(engine)).toEqual([]);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

const script = (text: string): string => {
  const path = join(temporaryDirectory(), 'dump.sql');
  writeFileSync(path, text);
  return path;
};

it.each([
  '\\! touch MARK',
  'select 1 \\g | touch MARK',
  "\\copy t from program 'touch MARK'",
  '\\i /etc/passwd',
  "copy t from program 'touch MARK';",
  "copy t to '/tmp/x';",
])('a script with %s is never run', async (line) => {
  const mark = join(temporaryDirectory(), 'mark');
  const database = await createDatabase('create table old (a int)');
  const path = script(`create table t (a int);\n${line.replace('MARK', mark)}\n`);
  expect((await planFile(engine, path, { profileId, database })).blockers[0]?.code).toBe('DUMP_UNSAFE');
  expect(await restoreFile(engine, path, { profileId, database })).toMatchObject({ status: 'failed', error: { code: 'DUMP_UNSAFE' } });
  expect(existsSync(mark)).toBe(false);
  expect(await sql(database, "select to_regclass('t') as t")).toEqual([{ t: null }]);
  await dropDatabase(database);
});

it('a script reaches no other database, role or setting of the server', async () => {
  const other = await createDatabase('create table safe (a int)');
  const database = await createDatabase();
  const path = script(
    `drop database ${other};\ncreate role sneaky superuser;\nalter system set work_mem = '1GB';\n\\connect ${other}\ncreate table landed (a int);\ninsert into landed values (1);\n`,
  );
  const done = succeeded(await restoreFile(engine, path, { profileId, database }), engine.faults);
  expect(done.warnings.join('\n')).toMatch(/create role sneaky superuser; \(and 1 more/);
  expect(await sql(database, 'select * from landed')).toEqual([{ a: 1 }]);
  expect(
    await sql(
      other,
      "select to_regclass('landed') as landed, to_regclass('safe') is not null as safe, (select count(*)::int from pg_roles where rolname = 'sneaky') as roles",
    ),
  ).toEqual([{ landed: null, safe: true, roles: 0 }]);
  for (const name of [other, database]) await dropDatabase(name);
});

it('a script stops at its first error, whatever psql would make of it', async () => {
  const database = await createDatabase('create table old (a int)');
  const path = script('create table t (a int);\nselect no_such_function();\ncreate table u (a int);\n');
  const done = await restoreFile(engine, path, { profileId, database });
  expect(done).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS', detail: expect.stringContaining('42883') } });
  expect(await sql(database, "select to_regclass('old') is not null as old")).toEqual([{ old: true }]);
  await dropDatabase(database);
});

it('a script keeps rows that are in another encoding than its words', async () => {
  const database = await createDatabase();
  const path = join(temporaryDirectory(), 'latin1.sql');
  writeFileSync(
    path,
    Buffer.from(
      'SET client_encoding = \'LATIN1\';\ncreate table "größe" (t text);\ncopy "größe" from stdin;\nÄpfel\n\\.\ninsert into "größe" values (\'Öl\');\n',
      'latin1',
    ),
  );
  succeeded(await restoreFile(engine, path, { profileId, database }), engine.faults);
  expect(await sql(database, 'select t from "größe" order by 1')).toEqual(
    [{ t: 'Äpfel' }, { t: 'Öl' }].toSorted((a, b) => (a.t < b.t ? -1 : 1)),
  );
  await dropDatabase(database);
});
