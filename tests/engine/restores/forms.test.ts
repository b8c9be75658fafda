// Every form of dump, whole, cut off, or written by a newer client.
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClientTools } from '../../../electron/engine/postgres/client-tools.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { thorough } from '../../support/thorough.ts';
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

/** A dump of the source by these arguments, made once. */
const made = new Map<string, string>();
function dumpBy(args: string[]): string {
  const key = args.join(' ');
  const path = made.get(key) ?? pgDump(source, args);
  made.set(key, path);
  return path;
}

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

/** How a script or an archive is unpacked does not depend on its flags: those are wrapped in thorough runs. */
const wrapped = ['custom', 'tar', 'plain'];
const compressors = ['gzip', ...('zstdCompressSync' in zlib ? ['zstd'] : [])];
const cases = Object.entries(forms).flatMap(([form, args]) => {
  const wraps = form !== 'directory' && (thorough || wrapped.includes(form));
  return ['nothing', ...(wraps ? compressors : [])].map((wrapper) => ({ form, args, wrapper }));
});

it.each(cases)('a dump as $form, wrapped in $wrapper, comes back whole', async ({ form, args, wrapper }) => {
  const plain = dumpBy(args);
  const path = join(temporaryDirectory(), 'named.wrongly');
  if (wrapper !== 'nothing')
    writeFileSync(path, wrapper === 'gzip' ? zlib.gzipSync(readFileSync(plain)) : zlib.zstdCompressSync(readFileSync(plain)));
  const database = `${source}_${form.replaceAll(/\W/g, '')}_${wrapper}`;
  const done = succeeded(
    await restoreFile(engine, wrapper === 'nothing' ? plain : path, { profileId, database, create: true, jobs: 2 }),
    engine.faults,
  );
  expect(await shopFacts(database)).toEqual(wholeShop);
  if (form === 'plain with --create --clean') expect(done.warnings.join('\n')).toMatch(/DROP DATABASE/i);
  // The dump's own database, which it would have dropped, is untouched.
  expect(await sql(source, 'select count(*)::int as n from app.orders')).toEqual([{ n: 1000 }]);
  await dropDatabase(database);
});

describe('a dump that is cut off', () => {
  let large: string;
  beforeAll(async () => {
    large = await createDatabase(
      'create table t (a int, b text); insert into t select n, md5(n::text) from generate_series(1, 5000) n; create table u as select * from t',
    );
  });
  afterAll(() => dropDatabase(large));

  it.each(['-Fc', '-Ft', '-Fp', '-Fd'])('%s is refused at 20, 60, 80 and 99 %%, and the target stays', async (form) => {
    const database = await createDatabase('create table old (a int)');
    const whole = pgDump(large, [form]);
    for (const share of [0.2, 0.6, 0.8, 0.99]) {
      const path = join(temporaryDirectory('cut'), 'dump');
      cpSync(whole, path, { recursive: true });
      const cut = form === '-Fd' ? join(path, readdirSync(path).find((name) => name.endsWith('.dat.gz')) ?? '') : path;
      truncateSync(cut, Math.floor(statSync(cut).size * share));
      const done = await restoreFile(engine, path, { profileId, database });
      expect(done).toMatchObject({ status: 'failed', error: { code: 'DUMP_INCOMPLETE' } });
      expect(await sql(database, "select to_regclass('old') is not null as old, to_regclass('t') as t")).toEqual([{ old: true, t: null }]);
    }
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
