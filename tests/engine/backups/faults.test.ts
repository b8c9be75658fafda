// What must not go wrong in silence: each fault is named, and nothing half-made stays behind.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { startCluster } from '../../support/cluster.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { connect, createDatabase, createRole, dropDatabase, sql, testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';

let engine: TestEngine;
let profile: Profile;
let database: string;

beforeAll(async () => {
  database = await createDatabase(
    'create table t (id int primary key, x text); insert into t select i, md5(i::text) from generate_series(1, 200000) i; create table small (id int); insert into small values (1)',
  );
  engine = await makeEngine();
  profile = await engine.addProfile({ database, clientDirectory: testServer().binDirectory });
});
afterAll(async () => {
  await engine.close();
  await dropDatabase(database);
});

/** Every folder that a backup could have left, and every note of one. */
function leftBehind(of: TestEngine = engine, folder = join(of.home, 'backups')): string[] {
  const folders = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('bak_'))
    : [];
  const done = folders.filter((name) => !name.includes('.partial') && !name.includes('.deleted'));
  return folders.filter((name) => !done.includes(name));
}

const backendsOf = (jobId: string) =>
  sql<{ pid: number }>('postgres', 'select pid from pg_stat_activity where application_name = $1', [`howdah ${jobId}`]);

describe('on the way to the server', () => {
  test('wrong password', async () => {
    const wrong = await engine.addProfile({ database }, 'not the password');
    expect(await engine.backUp(wrong.id)).toMatchObject({ status: 'failed', error: { code: 'AUTHENTICATION_FAILED' } });
  });
  test('unknown host', async () => {
    const nowhere = await engine.addProfile({ database, host: 'no-such-host.invalid' });
    expect(await engine.backUp(nowhere.id)).toMatchObject({ status: 'failed', error: { code: 'CONNECTION_FAILED' } });
  });
  test('a closed port', async () => {
    const closed = await engine.addProfile({ database, port: 1 });
    expect(await engine.backUp(closed.id)).toMatchObject({ status: 'failed', error: { code: 'CONNECTION_FAILED' } });
  });
  test('no such database', async () => {
    expect(await engine.backUp(profile.id, { database: 'nope' })).toMatchObject({
      status: 'failed',
      error: { code: 'DATABASE_NOT_FOUND' },
    });
  });
  test('no client that fits', async () => {
    const empty = temporaryDirectory('no-clients');
    const toolless = await engine.addProfile({ database, clientDirectory: empty });
    expect(await engine.backUp(toolless.id)).toMatchObject({
      status: 'failed',
      error: { code: 'CLIENT_TOOL_MISSING', hint: expect.stringMatching(/\w/) },
    });
  });
  afterAll(() => expect(leftBehind()).toEqual([]));
});

describe('rights', () => {
  test('one table that the role may not read is named before anything runs', async () => {
    const role = await createRole();
    await sql(database, `grant select on t to ${role.user}`);
    const limited = await engine.addProfile({ database, user: role.user }, role.password);
    const backup = await engine.backUp(limited.id);
    expect(backup).toMatchObject({
      status: 'failed',
      error: { code: 'PERMISSION_DENIED', message: expect.stringContaining('public.small') },
    });
    expect(backup.status === 'failed' && backup.error.message.includes('public.t,')).toBe(false);
    const plan = await engine.client.backups.plan({ profileId: limited.id, options: {} });
    expect(plan.warnings.map((warning) => warning.code)).toContain('PERMISSION_DENIED');
    expect((await engine.backUp(limited.id, { tables: [{ schema: 'public', table: 't' }] })).status).toBe('succeeded');
    await sql(database, `drop owned by ${role.user}; drop role ${role.user}`);
  });
  test('rows under row-level security', async () => {
    const other = await createDatabase('create table secret (id int); alter table secret enable row level security');
    const role = await createRole();
    await sql(other, `grant select on secret to ${role.user}`);
    const limited = await engine.addProfile({ database: other, user: role.user }, role.password);
    expect(await engine.backUp(limited.id)).toMatchObject({
      status: 'failed',
      error: { code: 'PERMISSION_DENIED', hint: expect.stringContaining('BYPASSRLS') },
    });
    await dropDatabase(other);
    await sql('postgres', `drop role ${role.user}`);
  });
});

describe('a table locked by another session', () => {
  test('the wait and who causes it are shown; cancel leaves no backend, no folder, a cancelled row', async () => {
    const blocker = await connect(database);
    await blocker.query("set application_name = 'nightly batch'; begin; lock table small in access exclusive mode");
    const { jobId, backupId } = await engine.client.backups.start({ profileId: profile.id, options: {} });
    const wait = await until('the lock to be seen', async () => {
      const job = await engine.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.find((one) => one.waitsFor.startsWith('small '));
    });
    expect(wait).toMatchObject({ blockedByApplication: 'nightly batch', blockedByUser: 'postgres' });
    expect((await backendsOf(jobId)).length).toBeGreaterThan(0);
    await engine.client.jobs.cancel({ id: jobId });
    expect((await engine.ended(jobId)).status).toBe('cancelled');
    expect(await engine.client.backups.get({ id: backupId })).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
    await until('the backends to be gone', async () => (await backendsOf(jobId)).length === 0);
    expect(leftBehind()).toEqual([]);
    expect(engine.engine.jobs.store.row(jobId)?.status).toBe('cancelled');
    await blocker.end();
  });

  test('waiting is not being stuck: the backup goes on when the lock is let go', async () => {
    const impatient = await makeEngine();
    await impatient.client.settings.set({ stuckAfterSeconds: 30 });
    const own = await impatient.addProfile({ database, clientDirectory: testServer().binDirectory });
    const blocker = await connect(database);
    await blocker.query('begin; lock table small in access exclusive mode');
    const { jobId, backupId } = await impatient.client.backups.start({
      profileId: own.id,
      options: { format: 'directory', compression: 'none' },
    });
    await until('the lock to be seen', async () => {
      const job = await impatient.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.length > 0;
    });
    await blocker.query('commit');
    await blocker.end();
    await impatient.ended(jobId);
    expect((await impatient.client.backups.get({ id: backupId })).status).toBe('succeeded');
    await impatient.close();
  });
});

test('cancelled in the queue', async () => {
  const narrow = await makeEngine();
  await narrow.client.settings.set({ jobsInAll: 1 });
  const own = await narrow.addProfile({ database });
  const first = await narrow.client.backups.start({ profileId: own.id, options: {} });
  const second = await narrow.client.backups.start({ profileId: own.id, options: {} });
  await narrow.client.jobs.cancel({ id: second.jobId });
  expect(await narrow.client.backups.get({ id: second.backupId })).toMatchObject({ status: 'cancelled' });
  await narrow.ended(first.jobId);
  expect(await narrow.client.backups.get({ id: first.backupId })).toMatchObject({ status: 'succeeded' });
  await narrow.close();
});

const canMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;

describe.skipIf(!canMount)('a disk that is full (needs root, to mount a small tmpfs)', () => {
  const folder = temporaryDirectory('tmpfs');
  beforeAll(() => void execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]));
  afterAll(() => void execFileSync('umount', [folder]));
  test.each([
    ['our own writing', { format: 'custom' as const, compression: 'none' }],
    ['behind zstd', {}],
    ['pg_dump’s writing', { format: 'directory' as const, compression: 'none' }],
  ])('%s', async (_name, options) => {
    const full = await engine.addProfile({ database, backupDirectory: folder, clientDirectory: testServer().binDirectory });
    const plan = await engine.client.backups.plan({ profileId: full.id, options });
    expect(plan.warnings.map((warning) => warning.code)).toContain('LOW_SPACE');
    expect(await engine.backUp(full.id, options)).toMatchObject({ status: 'failed', error: { code: 'DISK_FULL' } });
    expect(leftBehind(engine, folder)).toEqual([]);
  });
});

describe('a folder that cannot be written', () => {
  test('a file stands in the way', async () => {
    const blocked = await engine.addProfile({ database, backupDirectory: '/dev/null/x' });
    expect(await engine.backUp(blocked.id)).toMatchObject({ status: 'failed', error: { code: 'FOLDER_NOT_WRITABLE' } });
  });
  test.skipIf(process.getuid?.() === 0)('no right to write (not as root)', async () => {
    const folder = join(temporaryDirectory('read-only'), 'x');
    mkdirSync(folder, { mode: 0o500 });
    chmodSync(folder, 0o500);
    const blocked = await engine.addProfile({ database, backupDirectory: folder });
    expect(await engine.backUp(blocked.id)).toMatchObject({ status: 'failed', error: { code: 'FOLDER_NOT_WRITABLE' } });
  });
  test.skipIf(!canMount)('a read-only file system (needs root)', async () => {
    const folder = temporaryDirectory('read-only');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', folder]);
    try {
      const blocked = await engine.addProfile({ database, backupDirectory: folder });
      expect(await engine.backUp(blocked.id)).toMatchObject({ status: 'failed', error: { code: 'FOLDER_NOT_WRITABLE' } });
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a server that goes away', () => {
  test.each([
    ['one stream', {}],
    ['an archive that is read along', { format: 'custom' as const, compression: 'gzip' }],
    ['workers', { format: 'directory' as const, compression: 'gzip:1', jobs: 2 }],
  ])('half-way, %s', async (_name, options) => {
    const cluster = await startCluster();
    try {
      const setUp = await connectTo(cluster.url('postgres'));
      await setUp.query('create table t as select i, md5(i::text) as x from generate_series(1, 200000) i; create table gate (id int)');
      const holder = await connectTo(cluster.url('postgres'));
      holder.on('error', () => undefined);
      setUp.on('error', () => undefined);
      // Everything is read but this one table, so that half-way is a certain place.
      await holder.query('begin; lock table gate in access exclusive mode');
      const own = await engine.addProfile(
        { database: 'postgres', host: cluster.host, port: cluster.port, user: cluster.user },
        cluster.password,
      );
      const { jobId, backupId } = await engine.client.backups.start({ profileId: own.id, options });
      await until('the dump to wait', async () => {
        const job = await engine.client.jobs.get({ id: jobId });
        return job.status === 'running' && job.progress.waits.length > 0;
      });
      cluster.stop('immediate');
      await engine.ended(jobId);
      expect(await engine.client.backups.get({ id: backupId })).toMatchObject({ status: 'failed', error: { code: 'CONNECTION_LOST' } });
      expect(leftBehind()).toEqual([]);
    } finally {
      cluster.remove();
    }
  });
});

async function connectTo(url: string) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

test('no fault of our own was met on the way', () => {
  expect(engine.faults).toEqual([]);
});
