// Cleanups that died or failed in the middle: the next one finishes or takes back.
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import { addProfile, deletions, folders, ids } from './catalog-of-backups.ts';
import { eachTestHasFourBackups } from './four-backups.ts';

const four = eachTestHasFourBackups();
const { apply, directoryOf } = four;

describe('a folder put aside by a cleanup that died', () => {
  beforeEach(async () => {
    // The state that a kill between the two leaves.
    await apply({
      only: new Set(['bak_2']),
      at: (step) => step === 'measured' && four.opened.catalog.exec("update deletions set state = 'removed'"),
    });
    expect(ids(four.opened.catalog)).toHaveLength(4);
    four.opened.catalog.exec("update deletions set state = 'marked'");
    renameSync(directoryOf('bak_2'), `${directoryOf('bak_2')}.deleted`);
  });

  test('a deletion that died is finished by the next cleanup', async () => {
    expect(await apply()).toMatchObject({ removed: 3 });
    expect([...folders(four.home).keys()]).toEqual(['bak_1']);
  });

  test('a pin after a deletion died puts the folder back', async () => {
    backupStore(four.opened.catalog).setPinned('bak_2', true);
    await apply();
    expect(Object.fromEntries(folders(four.home))).toEqual({
      bak_1: 3,
      bak_2: 3,
    });
    expect(deletions(four.opened.catalog).map((line) => line.split(' ')[0])).toEqual(['bak_3', 'bak_4']);
  });

  test('a folder put aside goes back where the one that stayed in its place is lost', async () => {
    rmSync(directoryOf('bak_1'), { recursive: true });
    await apply();
    expect([...folders(four.home).keys()]).toEqual(['bak_2']);
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2']);
  });

  test('a rule that was taken away after a deletion died puts the folder back', async () => {
    four.opened.catalog.exec('delete from retention');
    await apply();
    expect(folders(four.home).size).toBe(4);
    expect(ids(four.opened.catalog)).toHaveLength(4);
    expect([...folders(four.home).keys()].some((name) => name.endsWith('.deleted'))).toBe(false);
  });
});

test('a folder half removed when the program died is finished', async () => {
  const directory = directoryOf('bak_2');
  cpSync(directory, join(four.home, 'copy'), { recursive: true });
  await apply({ only: new Set(['bak_2']) });
  cpSync(join(four.home, 'copy'), `${directory}.deleted`, { recursive: true });
  rmSync(join(`${directory}.deleted`, 'data'), { recursive: true });
  four.opened.catalog.exec("update deletions set state = 'marked', removed_at = null");
  await apply({ only: new Set() });
  expect(existsSync(`${directory}.deleted`)).toBe(false);
  expect(deletions(four.opened.catalog)).toEqual(['bak_2 removed not-wanted']);
});

describe('a fault in the middle', () => {
  const failAt = (wanted: string) => ({
    at: (step: string, id: string) => {
      if (step === wanted && id === 'bak_2') throw new Error('the disk went away');
    },
  });

  test('a fault before a deletion is on record: the folder is back in its place', async () => {
    const done = await apply(failAt('put-aside'));
    expect(done).toMatchObject({ removed: 2, failures: [{ id: 'bak_2' }] });
    expect(Object.fromEntries(folders(four.home))).toEqual({ bak_1: 3, bak_2: 3 });
    expect(deletions(four.opened.catalog)[0]).toBe('bak_2 failed not-wanted');
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2']);
    expect(await apply()).toMatchObject({ removed: 1, failures: [] });
    expect(deletions(four.opened.catalog)[0]).toBe('bak_2 removed not-wanted');
  });

  test('a fault after a deletion is on record: failed, and finished by the next, though its rule be gone', async () => {
    const done = await apply(failAt('row-gone'));
    expect(done).toMatchObject({ removed: 2, failures: [{ id: 'bak_2' }] });
    expect(Object.fromEntries(folders(four.home))).toEqual({ bak_1: 3, 'bak_2.deleted': 3 });
    expect(ids(four.opened.catalog)).toEqual(['bak_1']);
    four.opened.catalog.exec('delete from retention');
    addProfile(four.opened.catalog, 'pro_q');
    expect(await apply({ profileId: 'pro_q' })).toMatchObject({ removed: 0 });
    const again = await apply();
    expect(again).toMatchObject({ removed: 1, failures: [] });
    expect(again.freedBytes).toBeGreaterThanOrEqual(100);
    expect([...folders(four.home).keys()]).toEqual(['bak_1']);
    expect(deletions(four.opened.catalog)[0]).toBe('bak_2 removed not-wanted');
  });
});
