// Every form of dump, whole, cut off, hostile, or written by a newer client.
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClientTools } from '../../../electron/engine/postgres/client-tools.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { leftoversOf, pgDump, planFile, restoreFile, shop, shopFacts, succeeded, wholeShop } from './support.ts';

let engine: TestEngine;
let source: string;
let profileId: string;

beforeAll(async () => {
  engine = await makeEngine();
  source = await createDatabase(shop);
  profileId = (await engine.addProfile({ database: 'postgres' })).id;
});

afterAll(async () => {
  expect(leftoversOf(engine)).toEqual([]);
  expect(engine.faults).toEqual([]);
  await dropDatabase(source);
  await engine.close();
});

const forms: Record<string, string[]> = {
  custom: ['-Fc'],
  'custom without compression': ['-Fc', '-Z0'],
  directory: ['-Fd'],
  tar: ['-Ft'],
  plain: [],
  'plain with --clean': ['--clean'],
  'plain with --inserts': ['--rows-per-insert=7'],
  'plain with --create --clean': ['--create', '--clean', '--if-exists'],
};

describe.each(Object.entries(forms))('%s', (form, args) => {
  const wrappers = args.includes('-Fd') ? ['none'] : ['none', 'gzip', ...('zstdCompressSync' in zlib ? ['zstd'] : [])];
  it.each(wrappers)('comes back whole, wrapped in %s', async (wrapper) => {
    const plain = pgDump(source, args);
    const path = join(temporaryDirectory(), 'named.wrongly');
    if (wrapper !== 'none')
      writeFileSync(path, wrapper === 'gzip' ? zlib.gzipSync(readFileSync(plain)) : zlib.zstdCompressSync(readFileSync(plain)));
    const database = `${source}_${form.replaceAll(/\W/g, '')}_${wrapper}`;
    const done = succeeded(
      await restoreFile(engine, wrapper === 'none' ? plain : path, { profileId, database, create: true, jobs: 2 }),
      engine.faults,
    );
    expect(await shopFacts(database)).toEqual(wholeShop);
    if (form === 'plain with --create --clean') expect(done.warnings.join('\n')).toMatch(/DROP DATABASE/i);
    // The dump's own database, which it would have dropped, is untouched.
    expect(await sql(source, 'select count(*)::int as n from app.orders')).toEqual([{ n: 1000 }]);
    await dropDatabase(database);
  });
});

describe('cut off', () => {
  it.each(['-Fc', '-Ft', '-Fp', '-Fd'])('%s: refused at 20, 60, 80 and 99 %%, and the target stays', async (form) => {
    const large = await createDatabase(
      'create table t (a int, b text); insert into t select n, md5(n::text) from generate_series(1, 20000) n; create table u as select * from t',
    );
    const database = await createDatabase('create table old (a int)');
    for (const share of [0.2, 0.6, 0.8, 0.99]) {
      const path = pgDump(large, [form]);
      if (form === '-Fd') {
        const file = readdirSync(path).find((name) => name.endsWith('.dat.gz'));
        truncateSync(join(path, file ?? ''), Math.floor(statSync(join(path, file ?? '')).size * share));
      } else truncateSync(path, Math.floor(statSync(path).size * share));
      const done = await restoreFile(engine, path, { profileId, database });
      expect(done).toMatchObject({ status: 'failed', error: { code: 'DUMP_INCOMPLETE' } });
      expect(await sql(database, "select to_regclass('old') is not null as old, to_regclass('t') as t")).toEqual([{ old: true, t: null }]);
    }
    for (const name of [large, database]) await dropDatabase(name);
  });
});

describe('a hostile script', () => {
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
  ])('%s is never run', async (line) => {
    const mark = join(temporaryDirectory(), 'mark');
    const database = await createDatabase('create table old (a int)');
    const path = script(`create table t (a int);\n${line.replace('MARK', mark)}\n`);
    expect((await planFile(engine, path, { profileId, database })).blockers[0]?.code).toBe('DUMP_UNSAFE');
    expect(await restoreFile(engine, path, { profileId, database })).toMatchObject({ status: 'failed', error: { code: 'DUMP_UNSAFE' } });
    expect(existsSync(mark)).toBe(false);
    expect(await sql(database, "select to_regclass('t') as t")).toEqual([{ t: null }]);
    await dropDatabase(database);
  });

  it('reaches no other database, role or setting of the server', async () => {
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

  it('stops at its first error, whatever psql would make of it', async () => {
    const database = await createDatabase('create table old (a int)');
    const path = script('create table t (a int);\nselect no_such_function();\ncreate table u (a int);\n');
    const done = await restoreFile(engine, path, { profileId, database });
    expect(done).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS', detail: expect.stringContaining('42883') } });
    expect(await sql(database, "select to_regclass('old') is not null as old")).toEqual([{ old: true }]);
    await dropDatabase(database);
  });

  it('keeps rows that are in another encoding than its words', async () => {
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
});

const folder = process.env['HOWDAH_TEST_CLIENTS'] ?? '/opt/pg';
const newer = (await findClientTools(['17', '18'].map((major) => join(folder, major, 'bin')))).filter(
  (tools) => tools.major >= 17 && tools.programs.includes('pg_dump'),
);
describe.skipIf(newer.length === 0)('written by a newer pg_dump', () => {
  const cases = newer.flatMap((tools) => ['-Fc', '-Fd', '-Ft', '-Fp'].map((form) => ({ ...tools, form })));
  it.each(cases)('$version $form goes into this older server', async ({ directory, form }) => {
    const path = pgDump(source, [form], directory);
    const database = `${source}_newer`;
    const profile = await engine.addProfile({ database: 'postgres', clientDirectory: directory });
    const done = succeeded(await restoreFile(engine, path, { profileId: profile.id, database, create: true, jobs: 2 }), engine.faults);
    expect(await shopFacts(database)).toEqual(wholeShop);
    expect(done.warnings.join('\n')).toContain('transaction_timeout');
    await dropDatabase(database);
  });

  it('needs a client that can read it, and says which', async () => {
    const path = pgDump(source, ['-Fc'], newer[0]?.directory);
    const profile = await engine.addProfile({ database: 'postgres', clientDirectory: testServer().binDirectory });
    const plan = await planFile(engine, path, { profileId: profile.id, database: `${source}_newer`, create: true });
    expect(plan.blockers).toMatchObject([{ code: 'CLIENT_TOOL_MISSING' }]);
  });
});
