import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import { setPinned } from '../../../electron/engine/backups/pin.ts';
import { noteRead } from '../../../electron/engine/backups/in-use.ts';
import { applyRetention, type CleanupRequest } from '../../../electron/engine/retention/apply.ts';
import { planRetention } from '../../../electron/engine/retention/plan.ts';
import { makeHome, temporaryDirectory } from '../../support/home.ts';
import {
  addBackup,
  addProfile,
  addRule,
  day,
  deletions,
  filledEnd,
  fillHome,
  folders,
  ids,
  now,
  openContext,
  testJob,
  type TestContext,
} from './catalog-of-backups.ts';

let home: string;
let opened: TestContext;

/** Four good ones, of which the rule keeps the newest: `bak_2`, `bak_3` and `bak_4` go. */
beforeEach(() => {
  home = makeHome();
  opened = openContext(home);
  addProfile(opened.catalog, 'pro_p');
  addRule(opened.catalog, { kind: 'profile', profileId: 'pro_p' }, { keepLast: 1 });
  for (const n of [1, 2, 3, 4]) addBackup(home, opened.catalog, { id: `bak_${n}`, daysAgo: n });
});
afterEach(() => opened.close());

const directoryOf = (id: string): string =>
  opened.catalog.prepare<[string], { directory: string }>('select directory from backups where id = ?').get(id)?.directory ?? '';
async function apply(request: Partial<CleanupRequest> = {}) {
  const job = testJob();
  const done = await applyRetention(opened.context, job, { profileId: null, ...request });
  return { ...done, lines: job.lines };
}
const addJob = (id: string, subject: string | null, status = 'running'): void =>
  void opened.catalog
    .prepare(
      `insert into jobs (id, status, kind, title, profile, database, subject_id, server_key, owner, queued_at, queue_order)
         values (?, ?, 'verify', 'A job', '', '', ?, '', 'hos_x', '', 1)`,
    )
    .run(id, status, subject);

test('what goes is what the preview said; each with its reason in the log and on record', async () => {
  const plan = await planRetention(opened.context, null);
  expect(plan.going.map((one) => one.id)).toEqual(['bak_2', 'bak_3', 'bak_4']);
  const done = await apply();
  expect(done).toMatchObject({ removed: 3, failures: [] });
  expect(done.freedBytes).toBeGreaterThanOrEqual(300);
  expect(done.lines.filter((line) => /Deleted bak_\d of shop .*not-wanted \(keeps the last 1\)/.test(line))).toHaveLength(3);
  expect([...folders(home).keys()]).toEqual(['bak_1']);
  expect(() => backupStore(opened.catalog).get('bak_2')).toThrow(
    `Retention deleted the backup bak_2 on ${new Date(now).toISOString()}: not-wanted (keeps the last 1).`,
  );
  expect(await apply()).toMatchObject({ removed: 0, failures: [] });
});

test('another profile, and what was not confirmed, is left alone', async () => {
  addProfile(opened.catalog, 'pro_q');
  addRule(opened.catalog, { kind: 'profile', profileId: 'pro_q' }, { keepLast: 1 });
  for (const n of [5, 6]) addBackup(home, opened.catalog, { id: `bak_${n}`, daysAgo: n, profileId: 'pro_q' });
  await apply({ profileId: 'pro_q' });
  expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3', 'bak_4', 'bak_5']);
  await apply({ only: new Set(['bak_3', 'bak_1']) });
  expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_4', 'bak_5']);
});

describe('what comes in the way after the decision', () => {
  test('a pin, a job that reads, a preview that reads, an undo that needs it', async () => {
    addBackup(home, opened.catalog, { id: 'bak_5', daysAgo: 5 });
    const done = await apply({
      at(step, id) {
        if (step !== 'marked' || id !== 'bak_2') return;
        backupStore(opened.catalog).setPinned('bak_2', true);
        addJob('job_a', 'bak_3');
        addJob('job_b', 'pre_x');
        noteRead(opened.catalog, 'job_b', 'bak_4');
        opened.catalog
          .prepare("insert into restores values ('res_a', 'succeeded', 'p', 'pro_p', 'shop', '', 'possible', ?)")
          .run(JSON.stringify({ safetyBackupId: 'bak_5', previousDatabase: null }));
      },
    });
    expect(done).toMatchObject({ removed: 0, failures: [] });
    expect(done.lines.filter((line) => line.startsWith('warning'))).toHaveLength(4);
    expect(ids(opened.catalog)).toHaveLength(5);
    expect(deletions(opened.catalog)).toEqual([]);
  });

  test('the one that stays in its place turns bad: nothing goes', async () => {
    const done = await apply({
      at(step, id) {
        if (step === 'marked' && id === 'bak_4')
          backupStore(opened.catalog).recordVerification('bak_1', { ok: false, deep: false, at: new Date(now).toISOString(), checks: [] });
      },
    });
    expect(done.removed).toBe(0);
    expect(ids(opened.catalog)).toHaveLength(4);
    // Decided anew: the newest good one is another, and it stays, as does the bad one that is newer than any good.
    await apply();
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2']);
  });

  test('a cancel ends it, and takes the marks back', async () => {
    const controller = new AbortController();
    const job = testJob(controller.signal);
    const applying = applyRetention(opened.context, job, {
      profileId: null,
      at: (step) => step === 'recorded' && controller.abort(new Error('cancelled')),
    });
    await expect(applying).rejects.toThrow('cancelled');
    expect(deletions(opened.catalog)).toEqual(['bak_4 removed not-wanted']);
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3']);
  });
});

describe('what a verification says is bad', () => {
  const markBad = (id: string): void =>
    backupStore(opened.catalog).recordVerification(id, { ok: false, deep: false, at: new Date(now).toISOString(), checks: [] });
  const going = async () => (await planRetention(opened.context, null)).going.map((one) => `${one.id} ${one.reason}`);
  beforeEach(() => {
    addRule(opened.catalog, { kind: 'profile', profileId: 'pro_p' }, { daily: 3 });
    markBad('bak_2');
  });

  test('stays with its files whole, and while its folder cannot be looked at', async () => {
    expect((await planRetention(opened.context, null)).keep.find((one) => one.id === 'bak_2')?.reasons).toEqual(['unproved']);
    const file = join(directoryOf('bak_2'), 'manifest.json');
    writeFileSync(file, JSON.stringify({ id: 'bak_other' }));
    rmSync(join(directoryOf('bak_2'), 'data'), { recursive: true });
    expect(await going()).toEqual([]);
    expect(await apply()).toMatchObject({ removed: 0, failures: [] });
    writeFileSync(file, JSON.stringify({ id: 'bak_2' }));
    expect(await going()).toEqual(['bak_2 not-good']);
  });

  test.each([
    ['absent', (path: string) => rmSync(path)],
    ['of another size', (path: string) => writeFileSync(path, 'x')],
    ['of another hash', (path: string) => writeFileSync(path, 'y'.repeat(50))],
  ])('goes where a file is %s', async (_name, spoil) => {
    spoil(join(directoryOf('bak_2'), 'data', '1.dat'));
    expect(await going()).toEqual(['bak_2 not-good']);
    expect(await apply()).toMatchObject({ removed: 1, failures: [] });
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_3', 'bak_4']);
  });

  test('is looked at once more right before it goes', async () => {
    const path = join(directoryOf('bak_2'), 'data', '1.dat');
    writeFileSync(path, 'x');
    const done = await apply({ at: (step) => step === 'marked' && writeFileSync(path, 'x'.repeat(50)) });
    expect(done).toMatchObject({ removed: 0, failures: [] });
    expect(done.lines.join()).toContain('bak_2 stays: its files are not surely damaged any more');
    expect(deletions(opened.catalog)).toEqual([]);
    expect(folders(home).get('bak_2')).toBe(3);
  });
});

test('a pin that the catalog has lost is found beside the backup, and is on record again', async () => {
  await setPinned(opened.context, 'bak_3', true);
  opened.catalog.exec('update backups set pinned = 0');
  const done = await apply();
  expect(done).toMatchObject({ removed: 2, failures: [] });
  expect(done.lines.join()).toContain('bak_3 stays: it was pinned');
  expect(backupStore(opened.catalog).get('bak_3')).toMatchObject({ pinned: true });
  await setPinned(opened.context, 'bak_3', false);
  expect(await apply()).toMatchObject({ removed: 1, failures: [] });
});

test("backups of other tables take nobody else's place", async () => {
  addBackup(home, opened.catalog, { id: 'bak_customers', daysAgo: 9, holds: 'chosen', selection: 'customers' });
  for (const n of [5, 6, 7]) addBackup(home, opened.catalog, { id: `bak_orders${n}`, daysAgo: n, holds: 'chosen', selection: 'orders' });
  await apply();
  expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_customers', 'bak_orders5']);
});

describe('put aside by a cleanup that died', () => {
  beforeEach(async () => {
    // The state that a kill between the two leaves.
    await apply({
      only: new Set(['bak_2']),
      at: (step) => step === 'measured' && opened.catalog.exec("update deletions set state = 'removed'"),
    });
    expect(ids(opened.catalog)).toHaveLength(4);
    opened.catalog.exec("update deletions set state = 'marked'");
    renameSync(directoryOf('bak_2'), `${directoryOf('bak_2')}.deleted`);
  });

  test('it is finished by the next', async () => {
    expect(await apply()).toMatchObject({ removed: 3 });
    expect([...folders(home).keys()]).toEqual(['bak_1']);
  });

  test('a pin meanwhile puts it back', async () => {
    backupStore(opened.catalog).setPinned('bak_2', true);
    await apply();
    expect(Object.fromEntries(folders(home))).toEqual({
      bak_1: 3,
      bak_2: 3,
    });
    expect(deletions(opened.catalog).map((line) => line.split(' ')[0])).toEqual(['bak_3', 'bak_4']);
  });

  test('it is put back where the one that stayed in its place is lost', async () => {
    rmSync(directoryOf('bak_1'), { recursive: true });
    await apply();
    expect([...folders(home).keys()]).toEqual(['bak_2']);
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2']);
  });

  test('a rule that was taken away meanwhile puts it back', async () => {
    opened.catalog.exec('delete from retention');
    await apply();
    expect(folders(home).size).toBe(4);
    expect(ids(opened.catalog)).toHaveLength(4);
    expect([...folders(home).keys()].some((name) => name.endsWith('.deleted'))).toBe(false);
  });
});

test('a folder half removed when the program died is finished', async () => {
  const directory = directoryOf('bak_2');
  cpSync(directory, join(home, 'copy'), { recursive: true });
  await apply({ only: new Set(['bak_2']) });
  cpSync(join(home, 'copy'), `${directory}.deleted`, { recursive: true });
  rmSync(join(`${directory}.deleted`, 'data'), { recursive: true });
  opened.catalog.exec("update deletions set state = 'marked', removed_at = null");
  await apply({ only: new Set() });
  expect(existsSync(`${directory}.deleted`)).toBe(false);
  expect(deletions(opened.catalog)).toEqual(['bak_2 removed not-wanted']);
});

describe('a fault in the middle', () => {
  const failAt = (wanted: string) => ({
    at: (step: string, id: string) => {
      if (step === wanted && id === 'bak_2') throw new Error('the disk went away');
    },
  });

  test('before the record of it: the folder is back in its place', async () => {
    const done = await apply(failAt('put-aside'));
    expect(done).toMatchObject({ removed: 2, failures: [{ id: 'bak_2' }] });
    expect(Object.fromEntries(folders(home))).toEqual({ bak_1: 3, bak_2: 3 });
    expect(deletions(opened.catalog)[0]).toBe('bak_2 failed not-wanted');
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2']);
    expect(await apply()).toMatchObject({ removed: 1, failures: [] });
    expect(deletions(opened.catalog)[0]).toBe('bak_2 removed not-wanted');
  });

  test('after it: failed on record, and finished by the next, though its rule be gone', async () => {
    const done = await apply(failAt('row-gone'));
    expect(done).toMatchObject({ removed: 2, failures: [{ id: 'bak_2' }] });
    expect(Object.fromEntries(folders(home))).toEqual({ bak_1: 3, 'bak_2.deleted': 3 });
    expect(ids(opened.catalog)).toEqual(['bak_1']);
    opened.catalog.exec('delete from retention');
    addProfile(opened.catalog, 'pro_q');
    expect(await apply({ profileId: 'pro_q' })).toMatchObject({ removed: 0 });
    const again = await apply();
    expect(again).toMatchObject({ removed: 1, failures: [] });
    expect(again.freedBytes).toBeGreaterThanOrEqual(100);
    expect([...folders(home).keys()]).toEqual(['bak_1']);
    expect(deletions(opened.catalog)[0]).toBe('bak_2 removed not-wanted');
  });
});

describe('what is not surely that backup', () => {
  test('a folder with another manifest or none stays; the others go; it is tried again', async () => {
    writeFileSync(join(directoryOf('bak_2'), 'manifest.json'), JSON.stringify({ id: 'bak_other' }));
    unlinkSync(join(directoryOf('bak_3'), 'manifest.json'));
    const directory = directoryOf('bak_2');
    const done = await apply();
    expect(done.failures.map(({ id, error }) => [id, error.code])).toEqual([
      ['bak_3', 'MANIFEST_INVALID'],
      ['bak_2', 'MANIFEST_INVALID'],
    ]);
    expect(done.removed).toBe(1);
    expect(deletions(opened.catalog)).toEqual(['bak_2 failed not-wanted', 'bak_3 failed not-wanted', 'bak_4 removed not-wanted']);
    expect(ids(opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3']);
    expect(readdirSync(dirname(directory)).filter((name) => name.endsWith('.deleted'))).toEqual([]);
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ id: 'bak_2' }));
    expect(await apply()).toMatchObject({ removed: 1 });
    expect(deletions(opened.catalog)[0]).toBe('bak_2 removed not-wanted');
  });

  test('a link in place of the folder, or of one above it, is not followed', async () => {
    const elsewhere = temporaryDirectory('elsewhere');
    const two = directoryOf('bak_2');
    renameSync(two, join(elsewhere, 'bak_2'));
    symlinkSync(join(elsewhere, 'bak_2'), two);
    const done = await apply();
    expect(done.failures.map(({ id, error }) => [id, error.code])).toEqual([['bak_2', 'FORBIDDEN']]);
    expect(readdirSync(join(elsewhere, 'bak_2'))).toContain('manifest.json');

    const shop = dirname(two);
    addBackup(home, opened.catalog, { id: 'bak_9', daysAgo: 9 });
    renameSync(shop, join(elsewhere, 'shop'));
    symlinkSync(join(elsewhere, 'shop'), shop);
    expect((await apply()).failures.map(({ id, error }) => [id, error.code])).toEqual([
      ['bak_9', 'FORBIDDEN'],
      ['bak_2', 'FORBIDDEN'],
    ]);
    expect(readdirSync(join(elsewhere, 'shop')).some((name) => name.endsWith('bak_9'))).toBe(true);
  });

  test('a link inside of the folder goes, and what it leads to stays', async () => {
    const elsewhere = temporaryDirectory('elsewhere');
    writeFileSync(join(elsewhere, 'precious'), 'x');
    symlinkSync(elsewhere, join(directoryOf('bak_2'), 'data', 'link'));
    expect(await apply()).toMatchObject({ removed: 3, failures: [] });
    expect(readdirSync(elsewhere)).toEqual(['precious']);
  });
});

describe('disks', () => {
  test('that are not connected: everything stays, and the next one does not count what is missing', async () => {
    renameSync(join(home, 'backups'), join(home, 'away'));
    const plan = await planRetention(opened.context, null);
    expect(plan.going).toEqual([]);
    expect(plan.keep.every((one) => one.reasons.includes('missing'))).toBe(true);
    expect(await apply()).toMatchObject({ removed: 0, failures: [] });
    renameSync(join(home, 'away'), join(home, 'backups'));
    rmSync(directoryOf('bak_1'), { recursive: true });
    expect((await planRetention(opened.context, null)).going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
  });

  test('on which the newest has lost its files: another stays in its place', async () => {
    rmSync(join(directoryOf('bak_1'), 'data'), { recursive: true });
    expect((await planRetention(opened.context, null)).going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
  });

  test.skipIf(process.getuid?.() === 0)('that cannot be written: nothing is lost, and it is tried again', async () => {
    const parent = dirname(directoryOf('bak_1'));
    chmodSync(parent, 0o500);
    try {
      expect((await apply()).failures).toHaveLength(3);
    } finally {
      chmodSync(parent, 0o700);
    }
    expect(ids(opened.catalog)).toHaveLength(4);
    expect(await apply()).toMatchObject({ removed: 3, failures: [] });
  });

  test('where the name to put it aside is taken by something else: failed, and nothing is lost', async () => {
    mkdirSync(`${directoryOf('bak_2')}.deleted`);
    writeFileSync(join(`${directoryOf('bak_2')}.deleted`, 'strange'), 'x');
    const done = await apply();
    expect(done.failures.map(({ id }) => id)).toEqual(['bak_2']);
    expect(folders(home).get('bak_2')).toBe(3);
    expect(folders(home).get('bak_2.deleted')).toBe(1);
  });
});

test('the rule of a schedule or profile that is gone deletes nothing, nor does the next wider one in its place', async () => {
  addBackup(home, opened.catalog, { id: 'bak_5', daysAgo: 5, scheduleId: 'sch_gone' });
  addBackup(home, opened.catalog, { id: 'bak_6', daysAgo: 6, scheduleId: 'sch_gone' });
  opened.catalog.exec(`insert into retention values ('schedule:sch_gone', '{"keepLast":1}', '')`);
  expect((await planRetention(opened.context, null)).going.map((one) => one.id)).toEqual(['bak_2', 'bak_3', 'bak_4']);
  opened.catalog.exec('delete from profiles');
  expect((await planRetention(opened.context, null)).going).toEqual([]);
});

test('runs that failed hold nothing: they neither count nor go', async () => {
  opened.catalog.exec("update backups set status = 'failed', directory = null where id = 'bak_1'");
  const plan = await planRetention(opened.context, null);
  expect(plan.keep.map((one) => one.id)).toEqual(['bak_2']);
  expect(plan.going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
});

test('a hundred thousand backups are planned in seconds', async () => {
  opened.catalog.exec(`
    insert into backups (id, status, profile, profile_id, database, origin, started_at, size_bytes, directory, facts)
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000)
      select printf('bak_n%06d', i), 'succeeded', 'pro_p', 'pro_p', 'db' || (i % 20), 'manual',
             strftime('%Y-%m-%dT%H:%M:%fZ', ${now / 1000} - i * 900, 'unixepoch'), 1000, '${home}/backups/none/' || i, '${JSON.stringify({ artifacts: 'x'.repeat(3000) })}' from n;
    insert into verifications (backup_id, at, ok, body) select id, started_at, 1, '{}' from backups where id like 'bak_n%';`);
  const begun = performance.now();
  const plan = await planRetention(opened.context, null);
  expect(plan.keep.length + plan.going.length).toBe(100_004);
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(
    opened.catalog
      .prepare<[], { detail: string }>("explain query plan select id, pinned, directory from backups where status = 'succeeded'")
      .all()[0]?.detail,
  ).toContain('COVERING INDEX');
});

test('the end of a filled home', async () => {
  opened.close();
  home = makeHome();
  fillHome(home);
  opened = openContext(home, () => now + day / 1000);
  await apply();
  expect({ ids: ids(opened.catalog), deletions: deletions(opened.catalog) }).toEqual(filledEnd);
});
