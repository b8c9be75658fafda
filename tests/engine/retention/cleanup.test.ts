// Retention through the contract: rules, previews, cleanups after real backups.
import { existsSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { retentionRule, type RetentionRule } from '../../../shared/contract/retention.ts';
import { previewRequest } from '../../../shared/contract/previews.ts';
import { backupsNeeded } from '../../../electron/engine/backups/in-use.ts';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { startCleanup } from '../../../electron/engine/retention/clean.ts';
import type { EngineContext } from '../../../electron/engine/context.ts';
import type { JobRequest } from '../../../electron/engine/jobs/jobs.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { createDatabase, dropDatabase, testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { addBackup, addProfile, addRule, openContext, testJob } from './catalog-of-backups.ts';

let database: string;
let engine: TestEngine;
let profileId: string;
beforeAll(async () => {
  database = await createDatabase('create table t (id int primary key); insert into t values (1)');
});
afterAll(() => dropDatabase(database));
beforeEach(async () => {
  engine = await makeEngine();
  profileId = (await engine.addProfile({ database, clientDirectory: testServer().binDirectory })).id;
  return () => engine.close();
});

const setRule = (change: Partial<RetentionRule>) =>
  engine.client.retention.set({ scope: { kind: 'profile', profileId }, rule: retentionRule.parse(change) });
const cleanups = async () => (await engine.client.jobs.list({ active: false, limit: 100 })).filter((job) => job.kind === 'cleanup');
const settled = () => until('all jobs have ended', () => engine.engine.jobs.activeHere() === 0);
const left = async (): Promise<string[]> => (await engine.client.backups.list({})).backups.map((backup) => backup.id);

test('rules are set, listed, and removed; of what is not there, none', async () => {
  expect(await engine.client.retention.list()).toEqual([]);
  expect(await setRule({ keepLast: 3, keepDays: 1 })).toMatchObject({
    words: 'keeps the last 3, 1 day',
    scope: { kind: 'profile', profileId },
  });
  await setRule({ weekly: 4 });
  await engine.client.retention.set({ scope: { kind: 'safety' }, rule: retentionRule.parse({ keepDays: 30 }) });
  expect((await engine.client.retention.list()).map((policy) => policy.words)).toEqual(['keeps 4 weekly', 'keeps 30 days']);
  expect(await engine.client.retention.remove({ scope: { kind: 'safety' } })).toEqual({ removed: true });
  expect(await engine.client.retention.remove({ scope: { kind: 'safety' } })).toEqual({ removed: false });
  for (const scope of [
    { kind: 'profile' as const, profileId: 'pro_none' },
    { kind: 'schedule' as const, scheduleId: 'sch_none' },
  ])
    await expect(engine.client.retention.set({ scope, rule: retentionRule.parse({}) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('what an older catalog does not say of a backup, its manifest does; until then it stands in for no other', async () => {
  const whole = await engine.backUpWell(profileId);
  const chosen = await engine.backUpWell(profileId, { tables: [{ schema: 'public', table: 't' }] });
  const catalog = openCatalog(engine.home);
  // As the first version left them.
  catalog.exec("update backups set holds = 'whole', selection = '?'");
  const manifest = join(chosen.directory, 'manifest.json');
  renameSync(manifest, `${manifest}.away`);
  await engine.client.retention.set({ scope: { kind: 'profile', profileId }, rule: retentionRule.parse({ keepLast: 1 }) });
  const stays = async () => (await engine.client.retention.preview({})).keep.map((one) => `${one.id} ${one.holds}`);
  expect(await stays()).toEqual([`${chosen.id} whole`, `${whole.id} whole`]);
  renameSync(`${manifest}.away`, manifest);
  expect(await stays()).toEqual([`${chosen.id} chosen`, `${whole.id} whole`]);
  expect(catalog.prepare("select 1 from backups where selection = '?'").all()).toEqual([]);
  catalog.close();
});

test('after each backup, where a rule applies, and only there', async () => {
  const first = await engine.backUpWell(profileId);
  await settled();
  expect(await cleanups()).toEqual([]);
  await setRule({ keepLast: 1 });
  const second = await engine.backUpWell(profileId);
  await settled();
  expect(await left()).toEqual([second.id]);
  expect(existsSync(first.directory)).toBe(false);
  expect(existsSync(`${first.directory}.deleted`)).toBe(false);
  expect(await cleanups()).toMatchObject([{ status: 'succeeded', profileId, result: { removed: 1, freedBytes: expect.any(Number) } }]);
  const { deletions, total } = await engine.client.retention.deletions({});
  expect(total).toBe(1);
  expect(deletions[0]).toMatchObject({
    id: first.id,
    state: 'removed',
    reason: 'not-wanted',
    rule: 'keeps the last 1',
    database,
    error: null,
  });
  expect(deletions[0]?.freedBytes).toBeGreaterThan(0);
  await expect(engine.client.backups.get({ id: first.id })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('Retention deleted'),
  });
  // A backup that fails cleans nothing.
  await engine.backUp(profileId, { database: 'not_there' });
  await settled();
  expect(await cleanups()).toHaveLength(1);
  expect(engine.faults).toEqual([]);
});

test('many backups at once lead to one waiting cleanup, not to as many', async () => {
  await setRule({ keepLast: 1 });
  const catalog = openCatalog(engine.home);
  catalog
    .prepare(
      `insert into jobs (id, status, kind, title, profile, database, server_key, owner, queued_at, queue_order)
         values ('job_busy', 'running', 'cleanup', 'Another cleanup', '', '', 'cleanup', ?, '2026-01-01', 1)`,
    )
    .run(engine.engine.hostId);
  for (let n = 0; n < 3; n++) await engine.backUpWell(profileId);
  const waiting = (await cleanups()).filter((job) => job.status === 'queued');
  expect(waiting).toHaveLength(1);
  await expect(engine.client.retention.apply({ profileId, confirm: 2 })).rejects.toMatchObject({ code: 'BUSY' });
  expect(await left()).toHaveLength(3);
  catalog.exec("update jobs set status = 'succeeded', finished_at = '2026-01-01' where id = 'job_busy'");
  catalog.close();
  await settled();
  expect(await left()).toHaveLength(1);
});

test('what is confirmed is what the preview said; a rule can be tried before it is saved', async () => {
  const made = [await engine.backUpWell(profileId), await engine.backUpWell(profileId), await engine.backUpWell(profileId)].map(
    (one) => one.id,
  );
  const tried = await engine.client.retention.preview({
    instead: { scope: { kind: 'profile', profileId }, rule: retentionRule.parse({ keepLast: 1 }) },
  });
  expect(tried.keep).toMatchObject([{ id: made[2], reasons: ['last-good', 'min-keep:1', 'last:1'] }]);
  expect(tried.delete.map((one) => [one.id, one.reason])).toEqual([
    [made[1], 'not-wanted'],
    [made[0], 'not-wanted'],
  ]);
  expect(tried.deleteBytes).toBeGreaterThan(0);
  expect((await engine.client.retention.preview({})).delete).toEqual([]);
  await setRule({ keepLast: 1 });
  await engine.client.backups.setPinned({ id: made[0] ?? '', pinned: true });
  await expect(engine.client.retention.apply({ confirm: 2 })).rejects.toMatchObject({ code: 'PLAN_STALE' });
  expect(await left()).toHaveLength(3);
  const { jobId } = await engine.client.retention.apply({ confirm: 1 });
  expect(await engine.ended(jobId)).toMatchObject({ status: 'succeeded', result: { removed: 1 } });
  expect(await left()).toEqual([made[2], made[0]]);
});

test('a preview reads its backup: until it ends, the backup is in use', async () => {
  const old = await engine.backUpWell(profileId);
  await engine.backUpWell(profileId);
  await setRule({ keepLast: 1 });
  const catalog = openCatalog(engine.home);
  // The queue is full, so the preview waits for as long as this test wants.
  const busy = catalog.prepare(
    `insert into jobs (id, status, kind, title, profile, database, server_key, owner, queued_at, queue_order)
       values (?, 'running', 'sample', 'Busy', '', '', '', ?, '2026-01-01', 1)`,
  );
  for (let n = 0; n < 4; n++) busy.run(`job_busy${n}`, engine.engine.hostId);
  const started = await engine.client.previews.start(previewRequest.parse({ source: { kind: 'backup', id: old.id }, profileId }));
  expect([...backupsNeeded(catalog)]).toContain(old.id);
  expect((await engine.client.retention.preview({})).delete).toEqual([]);
  await expect(engine.client.backups.remove({ id: old.id, confirm: old.id })).rejects.toMatchObject({ code: 'BUSY' });
  catalog.exec("update jobs set status = 'succeeded', finished_at = '2026-01-01' where kind = 'sample'");
  await engine.ended(started.jobId);
  expect((await engine.client.retention.preview({})).delete.map((one) => one.id)).toEqual([old.id]);
  catalog.close();
});

test('one that cannot be deleted fails the cleanup, stays on record, and goes once it can', async () => {
  const bad = await engine.backUpWell(profileId);
  await engine.backUpWell(profileId);
  await setRule({ keepLast: 1 });
  const manifest = join(bad.directory, 'manifest.json');
  unlinkSync(manifest);
  const { jobId } = await engine.client.retention.apply({ confirm: 1 });
  expect(await engine.ended(jobId)).toMatchObject({ status: 'failed', error: { code: 'MANIFEST_INVALID' } });
  expect((await engine.client.retention.deletions({})).deletions).toMatchObject([
    { id: bad.id, state: 'failed', error: { code: 'MANIFEST_INVALID' } },
  ]);
  // The next backup is made all the same; its cleanup tries again and says so.
  await engine.backUpWell(profileId);
  await settled();
  expect((await cleanups()).map((job) => job.status)).toEqual(['failed', 'failed']);
  expect(await left()).toHaveLength(2);
  rmSync(bad.directory, { recursive: true });
  const again = await engine.client.retention.apply({ confirm: 0 });
  expect(await engine.ended(again.jobId)).toMatchObject({ status: 'succeeded' });
});

test('a failed cleanup is told of: once for each profile', async () => {
  const home = makeHome();
  const { context, catalog, told, close } = openContext(home);
  addProfile(catalog, 'pro_p');
  addProfile(catalog, 'pro_q');
  for (const own of ['pro_p', 'pro_q']) {
    addRule(catalog, { kind: 'profile', profileId: own }, { keepLast: 1 });
    for (const n of [1, 2, 3]) {
      const directory = addBackup(home, catalog, { id: `bak_${own}${n}`, daysAgo: n, profileId: own });
      if (n > 1 && !(own === 'pro_q' && n === 3)) unlinkSync(join(directory, 'manifest.json'));
    }
  }
  let request: JobRequest | undefined;
  const jobs = {
    start(asked: JobRequest) {
      request = asked;
      return { id: 'job_x' };
    },
  };
  startCleanup({ ...context, jobs } as unknown as EngineContext, { profileId: null, priority: 1 });
  await expect(request?.run(testJob() as never)).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringContaining('3 backups'),
  });
  expect(told).toMatchObject([
    { kind: 'cleanup-failed', profile: 'pro_p', backupId: null, error: { message: expect.stringContaining('2 backups') } },
    { kind: 'cleanup-failed', profile: 'pro_q', backupId: 'bak_pro_q2', error: { code: 'MANIFEST_INVALID' } },
  ]);
  close();
});

test('a clock that leapt takes nothing with it: a cleanup that nobody watches stops where most of a group would go', async () => {
  let now = Date.parse('2026-11-01T02:00:00Z');
  const day = 86_400_000;
  const leaping = await makeEngine({ clock: () => now });
  try {
    const profile = await leaping.addProfile({ database, clientDirectory: testServer().binDirectory });
    await leaping.client.retention.set({ scope: { kind: 'profile', profileId: profile.id }, rule: retentionRule.parse({ keepDays: 30 }) });
    const made: string[] = [];
    for (let nights = 0; nights < 5; nights += 1, now += day) made.push((await leaping.backUpWell(profile.id)).id);
    const idle = () => until('all jobs have ended', () => leaping.engine.jobs.activeHere() === 0);
    await idle();
    now += 365 * day;
    made.push((await leaping.backUpWell(profile.id)).id);
    await idle();
    const cleanup = (await leaping.client.jobs.list({ active: false, limit: 100 })).find((job) => job.kind === 'cleanup');
    expect(cleanup).toMatchObject({
      status: 'failed',
      error: { code: 'CONFIRMATION_NEEDED', message: expect.stringContaining('5 of 6 good backups') as string },
    });
    const ids = async () => (await leaping.client.backups.list({})).backups.map(({ id }) => id);
    expect(new Set(await ids())).toEqual(new Set(made));
    // A person who looked may.
    const { jobId } = await leaping.client.retention.apply({ confirm: 5 });
    expect(await leaping.ended(jobId)).toMatchObject({ status: 'succeeded' });
    expect(await ids()).toEqual([made.at(-1)]);
  } finally {
    await leaping.close();
  }
});
