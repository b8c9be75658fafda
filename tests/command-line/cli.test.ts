// The command line as scripts use it: one JSON document on standard output, exit codes, everything else on standard error.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { Restore } from '../../shared/contract/restores.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { connect, createDatabase, createRole, dropDatabase, serverUrl, sql, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const home = makeHome();
let database: string;
const shop = `
  create table customers (id bigint generated always as identity primary key, name text not null);
  insert into customers (name) select 'customer ' || n from generate_series(1, 500) n;
  create table orders (id serial primary key, customer_id bigint not null references customers, note text);
  insert into orders (customer_id, note) select 1 + n % 500, 'note ' || n from generate_series(1, 1500) n;
  create table audit_log (line text);
  insert into audit_log select repeat('x', 100) from generate_series(1, 100);`;

const cli = (...args: string[]) => runCli(args, { home });
async function ok<T>(...args: string[]): Promise<T> {
  const run = await cli(...args, '--json');
  expect(run.code, run.stderr + run.stdout).toBe(0);
  return run.json as T;
}
async function fails(code: number, ...args: string[]): Promise<ErrorReport> {
  const run = await cli(...args, '--json');
  expect(run.code, run.stderr + run.stdout).toBe(code);
  const { error } = run.json as { error: ErrorReport };
  expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'message', 'hint']));
  expect(run.stdout + run.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  return error;
}

beforeAll(async () => {
  database = await createDatabase(shop);
  const { host, port, user, password } = testServer();
  const run = await runCli(
    [
      'profile',
      'add',
      'shop',
      '--host',
      host,
      '--port',
      String(port),
      '--user',
      user,
      '--database',
      database,
      '--password-stdin',
      '--json',
    ],
    { home, stdin: `${password}\n` },
  );
  expect(run.code, run.stderr).toBe(0);
});
afterAll(() => dropDatabase(database));

describe('usage', () => {
  test.each([
    [['frobnicate']],
    [['backup']],
    [['backup', 'shop', '--format', 'zip']],
    [['backup', 'shop', '--compress', 'brotli']],
    [['backups', 'list', '--status', 'fine']],
    [['restore']],
    [['backup', 'shop', '--jobs', 'many']],
    [['profile', 'add', 'x', '--url', 'mysql://u:hidden@h/d']],
    [['profile', 'add', 'x', '--url', 'postgres://u:hidden@h:99999/d']],
    [['backup', 'shop', '--exclude-table-data', '']],
  ])('%j is bad usage', async (args) => {
    const error = await fails(2, ...args);
    expect(error.code).toBe('BAD_INPUT');
    expect(JSON.stringify(error)).not.toContain('hidden');
  });

  test('help and version go to standard output and are no error', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('backup') });
    expect(await cli('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('what does not exist is told, with what does', async () => {
    expect(await fails(1, 'backup', 'nobody')).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('shop') });
    expect(await fails(1, 'backups', 'show', 'bak_nothing')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails(1, 'inspect', '/nonexistent.dump')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('profiles: URL, list, show, test, remove', async () => {
  await ok('profile', 'add', 'by url', '--url', serverUrl(database), '--environment', 'production');
  const { profiles } = await ok<{ profiles: { name: string; hasPassword: boolean; environment: string }[] }>('profile', 'list');
  expect(profiles.map((profile) => profile.name)).toEqual(['by url', 'shop']);
  expect(JSON.stringify(profiles)).not.toContain(testServer().password);
  expect(await ok('profile', 'show', 'BY URL')).toMatchObject({ profile: { environment: 'production', hasPassword: true } });
  expect(await ok('profile', 'test', 'by url')).toMatchObject({ test: { database, rights: { superuser: true } } });
  expect(await fails(3, 'profile', 'remove', 'by url')).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  await ok('profile', 'remove', 'by url', '--yes');
  expect(await fails(1, 'profile', 'add', 'shop', '--host', 'h')).toMatchObject({ code: 'ALREADY_EXISTS' });
});

test('backup, list, show, log, verify, inspect, export, delete', async () => {
  const { backup } = await ok<{ backup: SucceededBackup }>(
    'backup',
    'shop',
    '--format',
    'custom',
    '--label',
    'nightly, "quoted"',
    '--globals',
    '--verify',
  );
  expect(backup).toMatchObject({
    profile: 'shop',
    database,
    kind: 'database',
    status: 'succeeded',
    label: 'nightly, "quoted"',
    tables: 3,
    rows: 2100,
  });
  for (const name of ['id', 'startedAt', 'finishedAt', 'durationMs', 'sizeBytes', 'directory', 'serverVersion', 'clientVersion'])
    expect(backup).toHaveProperty(name);
  for (const artifact of backup.artifacts) expect(statSync(join(backup.directory, artifact.name)).size).toBe(artifact.sizeBytes);
  expect(backup.verification).toMatchObject({ ok: true, deep: true });

  expect(await ok('backups', 'list', '--search', 'nightly')).toMatchObject({ total: 1, backups: [{ id: backup.id }] });
  expect(await ok('backups', 'list', '--status', 'failed')).toMatchObject({ total: 0 });
  const csv = await cli('backups', 'list', '--csv');
  expect(csv.stdout.split('\n')[1]).toContain('"nightly, ""quoted"""');
  expect(await ok('backups', 'show', backup.id)).toMatchObject({ backup: { id: backup.id } });
  expect((await ok<{ log: unknown[] }>('backups', 'log', backup.id)).log.length).toBeGreaterThan(3);
  expect(await ok('backups', 'verify', backup.id)).toMatchObject({ verification: { ok: true, deep: false } });
  expect(await ok('backups', 'verify', join(backup.directory, 'database.dump'), '--deep')).toMatchObject({
    verification: { ok: true, deep: true },
  });
  const { dump } = await ok<{ dump: Dump }>('inspect', backup.id);
  expect(dump).toMatchObject({ format: 'custom', complete: true, problems: [] });
  expect(dump.tables.map((table) => table.table).sort()).toEqual(['audit_log', 'customers', 'orders']);
  const log = join(temporaryDirectory('export'), 'backup_log.json');
  await ok('backups', 'export', '--log', log);
  expect(JSON.stringify(JSON.parse(readFileSync(log, 'utf8')))).toContain(backup.id);

  writeFileSync(join(backup.directory, 'database.dump'), 'X', { flag: 'r+' });
  const broken = await cli('backups', 'verify', backup.id, '--json');
  expect(broken.code).toBe(1);
  expect(broken.json).toMatchObject({ verification: { ok: false } });

  expect(await fails(3, 'backups', 'delete', backup.id)).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  expect(existsSync(backup.directory)).toBe(true);
  await ok('backups', 'delete', backup.id, '--yes');
  expect(existsSync(backup.directory)).toBe(false);
});

test('restore: confirmation, new database, replace, undo, discard', async () => {
  const { backup } = await ok<{ backup: SucceededBackup }>('backup', 'shop');
  const target = `${database} copy`;
  expect(await fails(1, 'restore', backup.id, '--into', 'shop', '--database', target, '--yes')).toMatchObject({
    code: 'DATABASE_NOT_FOUND',
    hint: expect.stringContaining('create'),
  });
  const fresh = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--create', '--yes');
  expect(fresh.restore).toMatchObject({ status: 'succeeded', mode: 'new', database: target, previousDatabase: null });
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 1500 }]);

  await sql(target, 'delete from orders');
  expect(await fails(3, 'restore', backup.id, '--into', 'shop', '--database', target)).toMatchObject({
    code: 'CONFIRMATION_NEEDED',
    message: expect.stringContaining(target),
  });
  const { restore } = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--yes');
  expect(restore).toMatchObject({
    status: 'succeeded',
    mode: 'replace',
    safetyBackupId: expect.stringMatching(/^bak_/),
    previousDatabase: expect.stringContaining('_before_'),
  });
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 1500 }]);
  expect(await fails(3, 'restore', 'undo', restore.id)).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  await ok('restore', 'undo', restore.id, '--yes');
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 0 }]);
  expect(await fails(1, 'restore', 'undo', restore.id, '--yes')).toMatchObject({ code: 'UNDO_NOT_POSSIBLE' });

  const again = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--no-safety-backup', '--yes');
  expect(again.restore.safetyBackupId).toBeNull();
  await ok('restore', 'discard', again.restore.id, '--yes');
  expect(await sql('postgres', 'select datname from pg_database where datname = $1', [again.restore.previousDatabase])).toEqual([]);
  const { restores } = await ok<{ restores: Restore[] }>('restores', 'list');
  expect(restores.map((one) => one.undo)).toEqual(['discarded', 'done', 'none']);
  const csv = await cli('restores', 'list', '--csv');
  expect(csv.stdout.split('\r\n')).toHaveLength(5);
  expect(csv.stdout).toContain(restore.id);
  await dropDatabase(target);
});

test('the catalog is rebuilt from the folders', async () => {
  const other = makeHome();
  const { backup } = await ok<{ backup: SucceededBackup }>('backup', 'shop', '--label', 'found again');
  const run = await runCli(['backups', 'rescan', join(home, 'backups'), '--json'], { home: other });
  expect(run.json).toMatchObject({ rescan: { problems: [] } });
  const listed = await runCli(['backups', 'show', backup.id, '--json'], { home: other });
  expect(listed.json).toMatchObject({
    backup: { id: backup.id, status: 'succeeded', label: 'found again', origin: 'manual', artifacts: backup.artifacts },
  });
});

test('a wrong password fails before anything is made, and never shows', async () => {
  await runCli(
    [
      'profile',
      'add',
      'wrong',
      '--host',
      testServer().host,
      '--port',
      String(testServer().port),
      '--user',
      testServer().user,
      '--database',
      database,
      '--password-stdin',
    ],
    { home, stdin: 'not-the-password' },
  );
  const run = await cli('backup', 'wrong', '--json');
  expect(run.code).toBe(1);
  expect(run.json).toMatchObject({ error: { code: 'AUTHENTICATION_FAILED' } });
  expect(run.stdout + run.stderr).not.toContain('not-the-password');
  expect(
    (await ok<{ backups: Backup[] }>('backups', 'list', '--profile', 'wrong')).backups.filter((one) => one.status === 'succeeded'),
  ).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s cancels: exit 130, nothing left in the folder or at the server', async (signal) => {
  const blocker = await connect(database);
  await blocker.query('begin; lock table orders in access exclusive mode');
  try {
    const { child, ended } = startCli(['backup', 'shop', '--json'], { home });
    await until(
      'the dump to wait for the lock',
      async () =>
        (
          await sql(
            'postgres',
            "select from pg_stat_activity where datname = $1 and application_name like 'howdah job%' and wait_event_type = 'Lock'",
            [database],
          )
        ).length > 0,
    );
    child.kill(signal);
    const run = await ended;
    expect(run.code, run.stderr).toBe(130);
    expect(run.json).toMatchObject({ error: { code: 'CANCELLED' } });
    expect(await sql('postgres', "select from pg_stat_activity where application_name like 'howdah%'")).toEqual([]);
    const { backups } = await ok<{ backups: Backup[] }>('backups', 'list', '--limit', '1');
    expect(backups[0]).toMatchObject({ status: 'cancelled' });
  } finally {
    await blocker.end();
  }
});

test('jobs are listed, and cancelled from another process, which shows who blocks', async () => {
  const blocker = await connect(database);
  await blocker.query('begin; lock table orders in access exclusive mode');
  try {
    const { ended } = startCli(['backup', 'shop', '--json'], { home });
    const job = await until('the job to show whom it waits for', async () => {
      const { jobs } = await ok<{ jobs: { id: string; status: string; progress?: { waits: { blockedByUser: string }[] } }[] }>(
        'jobs',
        'list',
        '--active',
      );
      return jobs.find((one) => (one.progress?.waits.length ?? 0) > 0);
    });
    expect(job.progress?.waits[0]?.blockedByUser).toBe(testServer().user);
    expect(await ok('jobs', 'cancel', job.id)).toMatchObject({ job: { status: 'cancelled' } });
    expect((await ended).code).toBe(130);
    expect(await fails(2, 'jobs', 'cancel', job.id)).toMatchObject({ code: 'BAD_INPUT' });
  } finally {
    await blocker.end();
  }
});

test('a role without a right on one table: told beforehand, by name', async () => {
  const role = await createRole();
  await sql(database, `grant select on customers, orders to ${role.user}`);
  await runCli(['profile', 'add', 'weak', '--url', serverUrl(database, role)], { home });
  expect(await fails(1, 'backup', 'weak')).toMatchObject({ code: 'PERMISSION_DENIED', message: expect.stringContaining('audit_log') });
});

test('a dump named instead of a command is served for a look', async () => {
  const file = join(temporaryDirectory('named'), 'any.name');
  writeFileSync(file, '-- PostgreSQL database dump\ncreate table t (a int);\n-- PostgreSQL database dump complete\n');
  const { child, output, ended } = startCli([file, '--no-open', '--json'], { home });
  const line = await until('the address', () => output().stdout.trim() || null);
  expect(JSON.parse(line)).toMatchObject({ serve: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/) } });
  child.kill('SIGTERM');
  expect((await ended).stdout.trim()).toBe(line);
});
