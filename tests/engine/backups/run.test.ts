// Backups of a real server, restored by PostgreSQL's own tools.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackupOptions, SucceededBackup } from '../../../shared/contract/backups.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, createRole, dropDatabase, sql, testServer } from '../../support/server.ts';

const shop = `
  create schema "Größe x";
  create table customers (id serial primary key, name text not null, note text);
  create table orders (id serial primary key, customer int references customers, total numeric(10, 2));
  create table "Größe x"."a ""b"" host=y 🐘" (id int primary key, "select" text);
  create table app_log (id serial, line text);
  create view big as select * from orders where total > 50;
  insert into customers (name, note) select 'c' || i, E'tab\\there\\nline' from generate_series(1, 500) i;
  insert into orders (customer, total) select 1 + i % 500, i from generate_series(1, 2000) i;
  insert into "Größe x"."a ""b"" host=y 🐘" values (1, 'x'), (2, null);
  insert into app_log (line) select md5(i::text) from generate_series(1, 300) i;
  create table django_migrations (id serial, app text, name text);
  insert into django_migrations (app, name) values ('auth', '0001_initial'), ('shop', '0001_initial');
  select lo_from_bytea(0, '\\xdeadbeef');`;

let engine: TestEngine;
let profile: Profile;
let database: string;

const clientFolders = (): string[] =>
  ['/opt/pg/17/bin', '/opt/pg/18/bin', ...(process.env['HOWDAH_TEST_CLIENTS'] ?? '').split(':')].filter((folder) =>
    existsSync(join(folder, 'pg_dump')),
  );

beforeAll(async () => {
  database = await createDatabase(shop);
  engine = await makeEngine();
  profile = await engine.addProfile({
    name: 'main',
    database,
    clientDirectory: testServer().binDirectory,
    quickExcludePatterns: ['*_log'],
  });
});
afterAll(async () => {
  await engine.close();
  await dropDatabase(database);
});

const env = () => ({
  ...process.env,
  PGHOST: testServer().host,
  PGPORT: String(testServer().port),
  PGUSER: testServer().user,
  PGPASSWORD: testServer().password,
  LC_ALL: 'C',
});

/** Restores with a shell and stock tools, as README.txt of the backup says. */
async function restoreByReadme(backup: SucceededBackup, tools = testServer().binDirectory): Promise<string> {
  const readme = readFileSync(join(backup.directory, 'README.txt'), 'utf8');
  const commands = readme
    .split('\n')
    .filter((line) => line.startsWith('   ') && !line.startsWith('   ('))
    .map((line) => line.trim());
  expect(commands[0]).toBe('sha256sum --check SHA256SUMS');
  const target = /createdb .* (\S+)$/.exec(commands.find((command) => command.startsWith('createdb')) ?? '')?.[1] ?? '';
  const name = target.replaceAll("'", '');
  await dropDatabase(name);
  execFileSync('bash', ['-o', 'pipefail', '-ec', commands.join('\n')], {
    cwd: backup.directory,
    env: { ...env(), PATH: `${tools}:${process.env['PATH'] ?? ''}` },
    stdio: 'pipe',
  });
  return name;
}

async function countsOf(name: string): Promise<Record<string, number>> {
  const named = await sql<{ t: string }>(
    name,
    "select format('%I.%I', schemaname, tablename) as t from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  const each = named.map(({ t }) => `select ${pg.escapeLiteral(t)} as t, count(*)::int as n from ${t}`);
  const tables = await sql<{ t: string; n: number }>(name, each.join(' union all '));
  return Object.fromEntries(tables.map(({ t, n }) => [t, n]));
}

function requireHonestFolder(backup: SucceededBackup): void {
  expect(statSync(backup.directory).mode & 0o777).toBe(0o700);
  const files = readdirSync(backup.directory, { recursive: true, withFileTypes: true });
  for (const file of files)
    expect(statSync(join(file.parentPath, file.name)).mode & 0o777, file.name).toBe(file.isDirectory() ? 0o700 : 0o600);
  for (const artifact of backup.artifacts) {
    const bytes = readFileSync(join(backup.directory, artifact.name));
    expect(bytes.length).toBe(artifact.sizeBytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(artifact.sha256);
  }
  expect(backup.sizeBytes).toBe(backup.artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0));
  expect(existsSync(`${backup.directory}.partial`)).toBe(false);
}

const old: [string, Partial<BackupOptions>, string, string][] = [
  ['auto', {}, 'custom', 'zstd:1'],
  ['custom gzip:2', { format: 'custom', compression: 'gzip:2' }, 'custom', 'gzip:2'],
  ['custom none', { format: 'custom', compression: 'none' }, 'custom', 'none'],
  ['directory', { format: 'directory', compression: 'gzip:1', jobs: 2 }, 'directory', 'gzip:1'],
  ['directory none', { format: 'directory', compression: 'none' }, 'directory', 'none'],
  ['plain none', { format: 'plain', compression: 'none' }, 'plain', 'none'],
  ['plain gzip', { format: 'plain', compression: 'gzip' }, 'plain', 'gzip'],
  ['plain zstd', { format: 'plain', compression: 'zstd:4' }, 'plain', 'zstd:4'],
  ['tar none', { format: 'tar', compression: 'none' }, 'tar', 'none'],
  ['tar auto', { format: 'tar' }, 'tar', 'none'],
  ['tar gzip', { format: 'tar', compression: 'gzip:1' }, 'tar', 'gzip:1'],
];

describe('round trips with stock tools', () => {
  test.each(old)('a backup made as %s comes back by the words of its own README', async (_name, options, format, compression) => {
    const backup = await engine.backUpWell(profile.id, { ...options, globals: _name === 'auto' });
    expect(backup).toMatchObject({ format, compression, tables: 5, rows: 2804, quick: false });
    expect(backup.verification?.ok).toBe(true);
    requireHonestFolder(backup);
    const restored = await restoreByReadme(backup);
    expect(await countsOf(restored)).toEqual(await countsOf(database));
    expect((await sql<{ n: number }>(restored, 'select count(*)::int as n from pg_largeobject_metadata'))[0]?.n).toBe(1);
    await dropDatabase(restored);
  });

  test.each(clientFolders())('a backup by the newer client in %s says that it is newer than the server', async (folder) => {
    const newer = await engine.addProfile({ database, clientDirectory: folder });
    for (const options of [{}, { format: 'custom' as const, compression: 'lz4' }, { format: 'plain' as const, compression: 'zstd' }]) {
      const backup = await engine.backUpWell(newer.id, options);
      expect(backup.format).toBe(options.format ?? 'directory');
      if (options.format === undefined) expect(backup.compression).toBe('zstd:1');
      requireHonestFolder(backup);
      const manifest = await engine.client.backups.manifest({ id: backup.id });
      expect(manifest['warnings']).toEqual(expect.arrayContaining([expect.stringContaining('newer than the server')]));
    }
  });
});

describe('what a manifest says', () => {
  test('a manifest has tables with exact rows and sizes, roles, migrations, fingerprint, versions', async () => {
    const backup = await engine.backUpWell(profile.id, { label: 'before release', globals: true });
    const manifest = await engine.client.backups.manifest({ id: backup.id });
    expect(manifest).toMatchObject({
      id: backup.id,
      label: 'before release',
      database,
      server: { major: 15, encoding: 'UTF8', user: 'postgres' },
      roles: ['postgres'],
      migrations: [{ framework: 'Django', table: 'public.django_migrations', applied: ['auth.0001_initial', 'shop.0001_initial'] }],
      verification: { ok: true },
      warnings: [],
    });
    expect(manifest['tables']).toEqual(
      expect.arrayContaining([expect.objectContaining({ schema: 'Größe x', table: 'a "b" host=y 🐘', rows: 2, dataExcluded: false })]),
    );
    expect(manifest['schemaFingerprint']).toMatch(/^sha256:[0-9a-f]{64}$/);
    const globals = readFileSync(join(backup.directory, 'globals.sql'), 'utf8');
    expect(globals).toContain('CREATE ROLE postgres');
    expect(globals).not.toMatch(/PASSWORD|SCRAM/);
    const again = await engine.client.backups.manifest({ id: (await engine.backUpWell(profile.id)).id });
    expect(again['schemaFingerprint']).toBe(manifest['schemaFingerprint']);
  });

  test('the fingerprint changes with the schema, not with the rows or the database', async () => {
    const print = async (statements: string): Promise<unknown> => {
      const other = await createDatabase(statements);
      const backup = await engine.backUpWell(profile.id, { database: other });
      const manifest = await engine.client.backups.manifest({ id: backup.id });
      await dropDatabase(other);
      return manifest['schemaFingerprint'];
    };
    const one = await print('create table t (id int primary key, x text)');
    expect(
      await print('create table gone (a int); drop table gone; create table t (id int primary key, x text); insert into t values (1)'),
    ).toBe(one);
    expect(await print('create table t (id int primary key, x varchar)')).not.toBe(one);
    expect(await print('create table t (id int primary key, x text); create index on t (x)')).not.toBe(one);
  });
});

describe('parts of a database', () => {
  test('a quick backup leaves out rows by the profile, keeps the definition, and says so', async () => {
    const plan = await engine.client.backups.plan({ profileId: profile.id, options: { quick: true } });
    expect(plan.excludedTables).toEqual([{ schema: 'public', table: 'app_log' }]);
    const backup = await engine.backUpWell(profile.id, { quick: true });
    expect(backup).toMatchObject({ quick: true, tables: 5, rows: 2504 });
    const restored = await restoreByReadme(backup);
    expect(await countsOf(restored)).toEqual({ ...(await countsOf(database)), 'public.app_log': 0 });
    await dropDatabase(restored);
  });

  test('a backup of chosen tables holds those and no other, under whatever names', async () => {
    const backup = await engine.backUpWell(profile.id, {
      tables: [
        { schema: 'Größe x', table: 'a "b" host=y 🐘' },
        { schema: 'public', table: 'app_log' },
      ],
      format: 'plain',
      compression: 'none',
    });
    expect(backup.tables).toBe(2);
    const text = readFileSync(join(backup.directory, 'database.sql'), 'utf8');
    expect(text).toContain('CREATE TABLE "Größe x"."a ""b"" host=y 🐘"');
    expect(text).not.toContain('CREATE TABLE public.orders');
  });

  test('a backup of chosen schemas holds their tables', async () => {
    const backup = await engine.backUpWell(profile.id, { schemas: ['Größe x'] });
    expect(backup.tables).toBe(1);
  });

  test('rows excluded by pattern: what was expected is what pg_dump left out', async () => {
    const backup = await engine.backUpWell(profile.id, { excludeTableData: ['o*', '"Größe x".*'] });
    const inspected = await engine.client.dumps.inspect({ source: { kind: 'backup', id: backup.id } });
    const without = inspected.tables
      .filter((table) => !table.hasData)
      .map((table) => table.table)
      .sort();
    expect(without).toEqual(['a "b" host=y 🐘', 'orders']);
    expect(backup.rows).toBe(802);
  });

  test('a backup of a table that is not there fails', async () => {
    const backup = await engine.backUp(profile.id, { tables: [{ schema: 'public', table: 'nope' }] });
    expect(backup).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
  });
});

describe('names that other tools stumble over', () => {
  test.each([
    'host=example.com',
    'with "quotes" and \'more\'',
    'spa ce $HOME `id`',
    '🐘 éléphant',
    'x'.repeat(63),
    '-d',
    'postgresql://u:p@h/d',
    'a\\b%c',
  ])('a database named %s comes back by the words of the README', async (name) => {
    await createDatabase('create table "t""; drop" (id int); insert into "t""; drop" values (1)', name);
    try {
      const backup = await engine.backUpWell(profile.id, { database: name, globals: true });
      expect(backup).toMatchObject({ database: name, rows: 1 });
      const restored = await restoreByReadme(backup);
      expect(await countsOf(restored)).toEqual({ 'public."t""; drop"': 1 });
      await dropDatabase(restored);
    } finally {
      await dropDatabase(name);
    }
  });
});

test('a clock that is set back changes no duration and no order of folders within a second', async () => {
  const times = [Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 1)];
  let at = 0;
  const odd = await makeEngine({ clock: () => times[Math.min(1, at++ > 3 ? 1 : 0)] ?? 0 });
  const own = await odd.addProfile({ database });
  const first = await odd.backUpWell(own.id);
  const second = await odd.backUpWell(own.id);
  expect(first.durationMs).toBeGreaterThan(0);
  expect(first.durationMs).toBeLessThan(60_000);
  expect(second.directory).not.toBe(first.directory);
  expect((await odd.client.backups.list({})).total).toBe(2);
  await odd.close();
});

test('two backups of one database at once get folders of their own', async () => {
  const both = await Promise.all([
    engine.backUpWell(profile.id),
    engine.backUpWell(profile.id, { format: 'directory', compression: 'gzip:1' }),
  ]);
  expect(new Set(both.map((backup) => backup.directory)).size).toBe(2);
});

test('a role is asked for its password nowhere but in the child’s environment', async () => {
  const role = await createRole('superuser');
  const own = await makeEngine();
  const withPassword = await own.addProfile({ database, user: role.user, clientDirectory: testServer().binDirectory }, role.password);
  const { jobId } = await own.client.backups.start({ profileId: withPassword.id, options: { globals: true, deepVerify: false } });
  const seen = new Set<string>();
  let over = false;
  const ended = own.ended(jobId).then(() => (over = true));
  while (!over) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        continue; // gone between the two looks
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  expect([...seen].some((line) => line.includes('pg_dump'))).toBe(true);
  expect([...seen].filter((line) => line.includes(role.password))).toEqual([]);
  const files = readdirSync(own.home, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(readFileSync(join(file.parentPath, file.name)).includes(role.password), file.name).toBe(false);
  await own.close();
  await sql('postgres', `drop role ${role.user}`);
});
