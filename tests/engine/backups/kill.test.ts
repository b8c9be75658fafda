// kill -9 in the middle of a backup or a deletion: no false success, nothing half-made, nothing left at the server.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { BackupOptions } from '../../../shared/contract/backups.ts';
import type { FileMoment } from '../../support/at-file-step.ts';
import type { StatementMoment } from '../../support/at-statement.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { connect, createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import type { KilledBackup } from './killed-backup.ts';

const program = fileURLToPath(new URL('killed-backup.ts', import.meta.url));
const home = makeHome();
let database: string;
let profileId: string;

beforeAll(async () => {
  database = await createDatabase(
    `create function gate() returns boolean language plpgsql as $$begin
       while current_database() like 'howdah%' and exists (select from pg_roles where rolname = 'gate_of_howdah') loop perform pg_sleep(0.01); end loop; return true; end$$;
     create table t (id int primary key, x text, check (gate())); insert into t select i, md5(i::text) from generate_series(1, 500) i`,
  );
  const first = await makeEngine({ home });
  profileId = (await first.addProfile({ database, clientDirectory: testServer().binDirectory })).id;
  await first.close();
});
afterAll(() => dropDatabase(database));

const directory: Partial<BackupOptions> = { format: 'directory', compression: 'gzip:1' };

/** Gives whether it was killed: by itself, or by the test once `heldUp` says that it stands where the test wants it. */
async function backUpAndDie(told: Partial<KilledBackup>, heldUp?: () => Promise<boolean>): Promise<boolean> {
  const whole: KilledBackup = { home, profileId, options: {}, removes: false, at: null, ...told };
  const child = spawn(process.execPath, [program, JSON.stringify(whole)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)));
  if (heldUp !== undefined) {
    try {
      await until('the backup stands where it is to be killed', async () => child.exitCode !== null || (await heldUp()));
    } finally {
      child.kill('SIGKILL');
    }
  }
  return (await ended) === 'SIGKILL';
}

/** After the next start: the newest backup is as said, the folders are those of the good ones, and nothing is left. */
async function expectAfterRestart(newest: 'interrupted' | 'succeeded' | 'deleted'): Promise<void> {
  const next = await makeEngine({ home });
  await next.engine.settledAll();
  const { backups } = await next.client.backups.list({ limit: 1000, sort: 'startedAt', descending: true });
  expect(backups.filter((backup) => backup.status === 'running')).toEqual([]);
  if (newest !== 'deleted') expect(backups[0]?.status).toBe(newest);
  const good = backups.filter((backup) => backup.status === 'succeeded' && backup.present).map((backup) => backup.id);
  const root = join(home, 'backups');
  const folders = existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /bak_[a-z0-9]+(\.\w+)?$/.test(name))
    : [];
  expect(folders.map((name) => name.replace(/.*_(bak_\w+(\.\w+)?)$/, '$1')).toSorted()).toEqual(good.toSorted());
  expect(await sql('postgres', "select datname from pg_database where datname like 'howdah\\_tmp\\_%'")).toEqual([]);
  await until('no backend of a dead job is left', async () => {
    const rows = await sql('postgres', "select pid from pg_stat_activity where application_name like 'howdah job%'");
    return rows.length === 0;
  });
  expect(next.faults).toEqual([]);
  for (const id of good) {
    const { jobId } = await next.client.backups.verify({ source: { kind: 'backup', id }, deep: false });
    expect(await next.ended(jobId)).toMatchObject({ status: 'succeeded', result: { ok: true } });
    await next.client.backups.remove({ id, confirm: id });
  }
  await next.close();
}

test.each<[string, Partial<BackupOptions>]>([
  ['custom', {}],
  ['directory', directory],
])('killed while pg_dump waits for a table (%s): interrupted, with no folder and no backend left', async (_, options) => {
  const holder = await connect(database);
  onTestFinished(() => holder.end());
  await holder.query('begin; lock table t in access exclusive mode');
  const waits = async () =>
    (
      await sql('postgres', "select from pg_stat_activity where datname = $1 and query ilike 'lock table%' and wait_event_type = 'Lock'", [
        database,
      ])
    ).length > 0;
  expect(await backUpAndDie({ options }, waits)).toBe(true);
  await holder.query('rollback');
  await expectAfterRestart('interrupted');
});

test('killed while a deep verification copies rows: interrupted, and its throw-away database is dropped', async () => {
  await sql('postgres', 'create role gate_of_howdah');
  onTestFinished(async () => void (await sql('postgres', 'drop role if exists gate_of_howdah')));
  const copies = async () =>
    (await sql('postgres', "select from pg_stat_activity where datname like 'howdah%' and wait_event = 'PgSleep'")).length > 0;
  expect(await backUpAndDie({ options: { ...directory, deepVerify: true } }, copies)).toBe(true);
  await sql('postgres', 'drop role gate_of_howdah');
  await expectAfterRestart('interrupted');
});

test.each<[string, Partial<KilledBackup> & { at: FileMoment | StatementMoment }, 'interrupted' | 'deleted']>([
  [
    'once its throw-away database is made',
    { options: { deepVerify: true }, at: { when: 'answered', statements: ['^create database'] } },
    'interrupted',
  ],
  ['before its folder gets its own name', { at: { when: 'before', step: 'rename', path: '\\.partial$' } }, 'interrupted'],
  [
    'with its folder named, before that is on record',
    { options: directory, at: { when: 'after', step: 'rename', path: '\\.partial$' } },
    'interrupted',
  ],
  ['as a deletion has put its folder aside', { removes: true, at: { when: 'after', step: 'renameSync', path: 'bak_\\w+$' } }, 'deleted'],
  ['as a deletion begins to remove its files', { removes: true, at: { when: 'before', step: 'rm', path: '\\.deleted' } }, 'deleted'],
  ['as a deletion has removed some of its files', { removes: true, at: { when: 'after', step: 'rm', path: '\\.deleted' } }, 'deleted'],
])('a backup killed %s: no false success, and nothing half-made stays', async (_, told, newest) => {
  expect(await backUpAndDie(told)).toBe(true);
  await expectAfterRestart(newest);
});
