// Deleting by hand, against what comes in the way at that very moment.
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireAnswers } from '../../../electron/engine/backups/disk-answers.ts';
import { removeBackup } from '../../../electron/engine/backups/remove.ts';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import type { EngineContext } from '../../../electron/engine/context.ts';
import { makeHome } from '../../support/home.ts';
import { addBackup, addProfile, openContext, type TestContext } from '../retention/catalog-of-backups.ts';

let opened: TestContext;
let directory: string;
beforeEach(() => {
  const home = makeHome();
  opened = openContext(home);
  addProfile(opened.catalog, 'pro_p');
  directory = addBackup(home, opened.catalog, { id: 'bak_1', daysAgo: 1 });
});
afterEach(() => opened.close());

const notes: string[] = [];
const remove = () => {
  const note = (id: string) => {
    notes.push(id);
    return () => void notes.splice(notes.indexOf(id), 1);
  };
  return removeBackup({ ...opened.context, leftovers: { note } } as unknown as EngineContext, 'bak_1', 'bak_1');
};

test('a job that begins to read it between the first look and the last', async () => {
  const removing = remove();
  opened.catalog.exec(`insert into jobs (id, status, kind, title, profile, database, subject_id, server_key, owner, queued_at, queue_order)
    values ('job_a', 'running', 'restore', 'A restore', '', '', 'bak_1', '', 'hos_x', '', 1)`);
  await expect(removing).rejects.toMatchObject({ code: 'BUSY' });
  expect(existsSync(directory)).toBe(true);
  expect(backupStore(opened.catalog).has('bak_1')).toBe(true);
  expect(notes).toEqual([]);
});

test('where its end cannot be recorded, it is back in its place', async () => {
  opened.catalog.exec("create trigger no_end before delete on backups begin select raise(abort, 'the disk is full'); end");
  await expect(remove()).rejects.toThrow('the disk is full');
  expect(existsSync(directory)).toBe(true);
  expect(existsSync(`${directory}.deleted`)).toBe(false);
  opened.catalog.exec('drop trigger no_end');
  expect(await remove()).toMatchObject({ removed: 'bak_1' });
  expect(existsSync(directory)).toBe(false);
});

test('a disk that does not answer is given up; one that says that nothing is there has answered', async () => {
  const silent = () => new Promise<never>(() => undefined);
  await expect(requireAnswers(['/share/x'], silent, 20)).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' });
  await requireAnswers(['/not/there', '/']);
});
