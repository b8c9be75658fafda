// What a cleanup takes, what it leaves, and what comes in its way.
import { describe, expect, test } from 'vitest';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import { noteRead } from '../../../electron/engine/backups/in-use.ts';
import { applyRetention } from '../../../electron/engine/retention/apply.ts';
import { planRetention } from '../../../electron/engine/retention/plan.ts';
import { makeHome } from '../../support/home.ts';
import {
  addBackup,
  addProfile,
  addRule,
  deletions,
  filledEnd,
  fillHome,
  folders,
  ids,
  now,
  openContext,
  testJob,
} from './catalog-of-backups.ts';
import { eachTestHasFourBackups } from './four-backups.ts';

const four = eachTestHasFourBackups();
const { apply } = four;
const addJob = (id: string, subject: string | null, status = 'running'): void =>
  void four.opened.catalog
    .prepare(
      `insert into jobs (id, status, kind, title, profile, database, subject_id, server_key, owner, queued_at, queue_order)
         values (?, ?, 'verify', 'A job', '', '', ?, '', 'hos_x', '', 1)`,
    )
    .run(id, status, subject);

test('what goes is what the preview said; each with its reason in the log and on record', async () => {
  const plan = await planRetention(four.opened.context, null);
  expect(plan.going.map((one) => one.id)).toEqual(['bak_2', 'bak_3', 'bak_4']);
  const done = await apply();
  expect(done).toMatchObject({ removed: 3, failures: [] });
  expect(done.freedBytes).toBeGreaterThanOrEqual(300);
  expect(done.lines.filter((line) => /Deleted bak_\d of shop .*not-wanted \(keeps the last 1\)/.test(line))).toHaveLength(3);
  expect([...folders(four.home).keys()]).toEqual(['bak_1']);
  expect(() => backupStore(four.opened.catalog).get('bak_2')).toThrow(
    `Retention deleted the backup bak_2 on ${new Date(now).toISOString()}: not-wanted (keeps the last 1).`,
  );
  expect(await apply()).toMatchObject({ removed: 0, failures: [] });
});

test('another profile, and what was not confirmed, is left alone', async () => {
  addProfile(four.opened.catalog, 'pro_q');
  addRule(four.opened.catalog, { kind: 'profile', profileId: 'pro_q' }, { keepLast: 1 });
  for (const n of [5, 6]) addBackup(four.home, four.opened.catalog, { id: `bak_${n}`, daysAgo: n, profileId: 'pro_q' });
  await apply({ profileId: 'pro_q' });
  expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3', 'bak_4', 'bak_5']);
  await apply({ only: new Set(['bak_3', 'bak_1']) });
  expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_4', 'bak_5']);
});

describe('what comes in the way after the decision', () => {
  test('a pin, a job that reads, a preview that reads, an undo that needs it: each keeps its backup', async () => {
    addBackup(four.home, four.opened.catalog, { id: 'bak_5', daysAgo: 5 });
    const done = await apply({
      at(step, id) {
        if (step !== 'marked' || id !== 'bak_2') return;
        backupStore(four.opened.catalog).setPinned('bak_2', true);
        addJob('job_a', 'bak_3');
        addJob('job_b', 'pre_x');
        noteRead(four.opened.catalog, 'job_b', 'bak_4');
        four.opened.catalog
          .prepare("insert into restores values ('res_a', 'succeeded', 'p', 'pro_p', 'shop', '', 'possible', ?)")
          .run(JSON.stringify({ safetyBackupId: 'bak_5', previousDatabase: null }));
      },
    });
    expect(done).toMatchObject({ removed: 0, failures: [] });
    expect(done.lines.filter((line) => line.startsWith('warning'))).toHaveLength(4);
    expect(ids(four.opened.catalog)).toHaveLength(5);
    expect(deletions(four.opened.catalog)).toEqual([]);
  });

  test('where the one that was to stay turns bad meanwhile, nothing goes', async () => {
    const done = await apply({
      at(step, id) {
        if (step === 'marked' && id === 'bak_4')
          backupStore(four.opened.catalog).recordVerification('bak_1', {
            ok: false,
            deep: false,
            at: new Date(now).toISOString(),
            checks: [],
          });
      },
    });
    expect(done.removed).toBe(0);
    expect(ids(four.opened.catalog)).toHaveLength(4);
    // Decided anew: the newest good one is another, and it stays, as does the bad one that is newer than any good.
    await apply();
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2']);
  });

  test('a cancel ends a cleanup, and takes the marks back', async () => {
    const controller = new AbortController();
    const job = testJob(controller.signal);
    const applying = applyRetention(four.opened.context, job, {
      profileId: null,
      at: (step) => step === 'recorded' && controller.abort(new Error('cancelled')),
    });
    await expect(applying).rejects.toThrow('cancelled');
    expect(deletions(four.opened.catalog)).toEqual(['bak_4 removed not-wanted']);
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3']);
  });
});

test('the rule of a schedule or profile that is gone deletes nothing, nor does the next wider one in its place', async () => {
  addBackup(four.home, four.opened.catalog, { id: 'bak_5', daysAgo: 5, scheduleId: 'sch_gone' });
  addBackup(four.home, four.opened.catalog, { id: 'bak_6', daysAgo: 6, scheduleId: 'sch_gone' });
  four.opened.catalog.exec(`insert into retention values ('schedule:sch_gone', '{"keepLast":1}', '')`);
  expect((await planRetention(four.opened.context, null)).going.map((one) => one.id)).toEqual(['bak_2', 'bak_3', 'bak_4']);
  four.opened.catalog.exec('delete from profiles');
  expect((await planRetention(four.opened.context, null)).going).toEqual([]);
});

test('runs that failed hold nothing: they neither count nor go', async () => {
  four.opened.catalog.exec("update backups set status = 'failed', directory = null where id = 'bak_1'");
  const plan = await planRetention(four.opened.context, null);
  expect(plan.keep.map((one) => one.id)).toEqual(['bak_2']);
  expect(plan.going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
});

test('backups are planned from an index, without reading the facts of each', () => {
  const asked = "explain query plan select id, pinned, directory from backups where status = 'succeeded'";
  expect(four.opened.catalog.prepare<[], { detail: string }>(asked).all()[0]?.detail).toContain('COVERING INDEX');
});

test('a filled home ends as the kill tests expect it to', async () => {
  const other = makeHome();
  fillHome(other);
  const filled = openContext(other, () => now + 86_400);
  await applyRetention(filled.context, testJob(), { profileId: null });
  expect({ ids: ids(filled.catalog), deletions: deletions(filled.catalog) }).toEqual(filledEnd);
  filled.close();
});
