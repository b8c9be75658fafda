// Folders that are not surely the backup that goes, and disks that are not there: nothing is lost.
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planRetention } from '../../../electron/engine/retention/plan.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { addBackup, deletions, folders, ids } from './catalog-of-backups.ts';
import { eachTestHasFourBackups } from './four-backups.ts';

const four = eachTestHasFourBackups();
const { apply, directoryOf } = four;

test("backups of other tables take nobody else's place", async () => {
  addBackup(four.home, four.opened.catalog, { id: 'bak_customers', daysAgo: 9, holds: 'chosen', selection: 'customers' });
  for (const n of [5, 6, 7])
    addBackup(four.home, four.opened.catalog, { id: `bak_orders${n}`, daysAgo: n, holds: 'chosen', selection: 'orders' });
  await apply();
  expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_customers', 'bak_orders5']);
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
    expect(deletions(four.opened.catalog)).toEqual(['bak_2 failed not-wanted', 'bak_3 failed not-wanted', 'bak_4 removed not-wanted']);
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_2', 'bak_3']);
    expect(readdirSync(dirname(directory)).filter((name) => name.endsWith('.deleted'))).toEqual([]);
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ id: 'bak_2' }));
    expect(await apply()).toMatchObject({ removed: 1 });
    expect(deletions(four.opened.catalog)[0]).toBe('bak_2 removed not-wanted');
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
    addBackup(four.home, four.opened.catalog, { id: 'bak_9', daysAgo: 9 });
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
  test('disks that are not connected: everything stays, and the next one does not count what is missing', async () => {
    renameSync(join(four.home, 'backups'), join(four.home, 'away'));
    const plan = await planRetention(four.opened.context, null);
    expect(plan.going).toEqual([]);
    expect(plan.keep.every((one) => one.reasons.includes('missing'))).toBe(true);
    expect(await apply()).toMatchObject({ removed: 0, failures: [] });
    renameSync(join(four.home, 'away'), join(four.home, 'backups'));
    rmSync(directoryOf('bak_1'), { recursive: true });
    expect((await planRetention(four.opened.context, null)).going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
  });

  test('a disk on which the newest has lost its files: another stays in its place', async () => {
    rmSync(join(directoryOf('bak_1'), 'data'), { recursive: true });
    expect((await planRetention(four.opened.context, null)).going.map((one) => one.id)).toEqual(['bak_3', 'bak_4']);
  });

  test.skipIf(process.getuid?.() === 0)('a disk that cannot be written: nothing is lost, and it is tried again', async () => {
    const parent = dirname(directoryOf('bak_1'));
    chmodSync(parent, 0o500);
    try {
      expect((await apply()).failures).toHaveLength(3);
    } finally {
      chmodSync(parent, 0o700);
    }
    expect(ids(four.opened.catalog)).toHaveLength(4);
    expect(await apply()).toMatchObject({ removed: 3, failures: [] });
  });

  test('a name to put aside that is taken by something else: failed, and nothing is lost', async () => {
    mkdirSync(`${directoryOf('bak_2')}.deleted`);
    writeFileSync(join(`${directoryOf('bak_2')}.deleted`, 'strange'), 'x');
    const done = await apply();
    expect(done.failures.map(({ id }) => id)).toEqual(['bak_2']);
    expect(folders(four.home).get('bak_2')).toBe(3);
    expect(folders(four.home).get('bak_2.deleted')).toBe(1);
  });
});
