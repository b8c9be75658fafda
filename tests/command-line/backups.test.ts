// `backup` and `backups`: made, listed, read back, found again from their folders, deleted.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { runCli } from '../support/run-cli.ts';
import { createDatabase, createRole, dropDatabase, serverUrl, sql } from '../support/server.ts';
import { commandsOver, serverFields, shop } from './commands.ts';

const { home, cli, ok, fails, addProfile } = commandsOver();
let database: string;
beforeAll(async () => {
  database = await createDatabase(shop);
  await addProfile('shop', database);
});
afterAll(() => dropDatabase(database));

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
  const added = await runCli(['profile', 'add', 'wrong', ...serverFields(database), '--password-stdin'], {
    home,
    stdin: 'not-the-password',
  });
  expect(added.code, added.stderr).toBe(0);
  const run = await cli('backup', 'wrong', '--json');
  expect(run.code).toBe(1);
  expect(run.json).toMatchObject({ error: { code: 'AUTHENTICATION_FAILED' } });
  expect(run.stdout + run.stderr).not.toContain('not-the-password');
  expect(
    (await ok<{ backups: Backup[] }>('backups', 'list', '--profile', 'wrong')).backups.filter((one) => one.status === 'succeeded'),
  ).toEqual([]);
});

test('a role without a right on one table: told beforehand, by name', async () => {
  const role = await createRole();
  await sql(database, `grant select on customers, orders to ${role.user}`);
  await runCli(['profile', 'add', 'weak', '--url', serverUrl(database, role)], { home });
  expect(await fails(1, 'backup', 'weak')).toMatchObject({ code: 'PERMISSION_DENIED', message: expect.stringContaining('audit_log') });
});
