// The command line as a process of its own (`startCli`), as a shell starts it: what the tests beside this one, which run
// commands inside their own process, cannot see. Streams and their buffers, exit codes, signals, two processes on one folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import { temporaryDirectory } from '../support/home.ts';
import { startCli, type CliRun } from '../support/run-cli.ts';
import { connect, createDatabase, dropDatabase, sql, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';
import { commandsOver, serverFields, shop } from './commands.ts';

const { home, ok, fails } = commandsOver();
let database: string;
let added: CliRun;
const started: ReturnType<typeof startCli>[] = [];

function start(...args: string[]): ReturnType<typeof startCli> {
  const process = startCli(args, { home });
  started.push(process);
  return process;
}
beforeAll(async () => {
  database = await createDatabase(`${shop} create table long (line text); insert into long values (repeat('y', 500000));`);
  added = await startCli(['profile', 'add', 'shop', ...serverFields(database), '--password-stdin', '--json'], {
    home,
    stdin: `${testServer().password}\n`,
  }).ended;
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => dropDatabase(database));

/** Keeps a backup of the shop waiting until the returned function is called. */
async function holdOrders(): Promise<() => Promise<void>> {
  const blocker = await connect(database);
  await blocker.query('begin; lock table orders in access exclusive mode');
  return () => blocker.end();
}

const sessions = "select from pg_stat_activity where datname = $1 and application_name like 'howdah%'";
const waiting = `${sessions} and wait_event_type = 'Lock'`;

describe('as a process of its own', () => {
  test('a password comes on standard input, and shows nowhere', () => {
    expect(added.code, added.stderr).toBe(0);
    expect(added.json).toMatchObject({ profile: { name: 'shop', hasPassword: true } });
    expect(added.stdout + added.stderr).not.toContain(testServer().password);
  });

  test('a backup: one document on standard output, its progress on standard error, exit code 0; a long document comes whole', async () => {
    const run = await start('backup', 'shop', '--json').ended;
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout.split('\n')).toEqual([expect.stringMatching(/^\{"backup":\{/), '']);
    expect(run.stderr).toContain('Verified: ');
    const { backup } = run.json as { backup: SucceededBackup };
    // Longer than what a pipe holds.
    const rows = await start('rows', backup.id, 'long', '--json').ended;
    expect(rows.json).toMatchObject({ rows: [{ line: 'y'.repeat(500_000) }] });
  });

  test.each([
    [0, ['--version']],
    [1, ['backup', 'nobody', '--json']],
    [2, ['frobnicate']],
    [3, ['profile', 'remove', 'careful', '--json']],
  ])('exit code %i: %j', async (code, args) => {
    if (code === 3) await ok('profile', 'add', 'careful', '--host', 'h', '--environment', 'production');
    expect(await start(...args).ended).toMatchObject({ code, signal: null });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s cancels: exit code 130, nothing left in the folder or at the server', async (signal) => {
    const letGo = await holdOrders();
    try {
      const { child, ended } = start('backup', 'shop', '--json');
      await until('the dump to wait for the lock', async () => (await sql('postgres', waiting, [database])).length > 0);
      child.kill(signal);
      const run = await ended;
      expect(run.code, run.stderr).toBe(130);
      expect(run.json).toMatchObject({ error: { code: 'CANCELLED' } });
      await until('its sessions to end', async () => (await sql('postgres', sessions, [database])).length === 0);
      const { backups } = await ok<{ backups: Backup[] }>('backups', 'list', '--limit', '1');
      expect(backups[0]).toMatchObject({ status: 'cancelled' });
    } finally {
      await letGo();
    }
  });

  test('jobs are listed, and cancelled from another process, which shows who blocks', async () => {
    const letGo = await holdOrders();
    try {
      const { ended } = start('backup', 'shop', '--json');
      const job = await until('the job to show whom it waits for', async () => {
        const { jobs } = await ok<{ jobs: { id: string; progress?: { waits: { blockedByUser: string }[] } }[] }>(
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
      await letGo();
    }
  });

  test('a dump named instead of a command is served for a look', async () => {
    const file = join(temporaryDirectory('named'), 'any.name');
    writeFileSync(file, '-- PostgreSQL database dump\ncreate table t (a int);\n-- PostgreSQL database dump complete\n');
    const { child, output, ended } = start(file, '--no-open', '--json');
    const line = await until('the address', () => output().stdout.trim() || null);
    expect(JSON.parse(line)).toMatchObject({ serve: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=/) } });
    child.kill('SIGTERM');
    expect((await ended).stdout.trim()).toBe(line);
  });
});
