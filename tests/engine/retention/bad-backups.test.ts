// Backups that a verification says are bad: they go only once they surely are. And a pin that the catalog has lost.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import { setPinned } from '../../../electron/engine/backups/pin.ts';
import { planRetention } from '../../../electron/engine/retention/plan.ts';
import { addRule, deletions, folders, ids, now } from './catalog-of-backups.ts';
import { eachTestHasFourBackups } from './four-backups.ts';

const four = eachTestHasFourBackups();
const { apply, directoryOf } = four;

describe('a backup that a verification says is bad', () => {
  const markBad = (id: string): void =>
    backupStore(four.opened.catalog).recordVerification(id, { ok: false, deep: false, at: new Date(now).toISOString(), checks: [] });
  const going = async () => (await planRetention(four.opened.context, null)).going.map((one) => `${one.id} ${one.reason}`);
  beforeEach(() => {
    addRule(four.opened.catalog, { kind: 'profile', profileId: 'pro_p' }, { daily: 3 });
    markBad('bak_2');
  });

  test('a bad backup stays with its files whole, and while its folder cannot be looked at', async () => {
    expect((await planRetention(four.opened.context, null)).keep.find((one) => one.id === 'bak_2')?.reasons).toEqual(['unproved']);
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
  ])('a bad backup goes where one of its files is %s', async (_name, spoil) => {
    spoil(join(directoryOf('bak_2'), 'data', '1.dat'));
    expect(await going()).toEqual(['bak_2 not-good']);
    expect(await apply()).toMatchObject({ removed: 1, failures: [] });
    expect(ids(four.opened.catalog)).toEqual(['bak_1', 'bak_3', 'bak_4']);
  });

  test('a bad backup is looked at once more right before it goes', async () => {
    const path = join(directoryOf('bak_2'), 'data', '1.dat');
    writeFileSync(path, 'x');
    const done = await apply({ at: (step) => step === 'marked' && writeFileSync(path, 'x'.repeat(50)) });
    expect(done).toMatchObject({ removed: 0, failures: [] });
    expect(done.lines.join()).toContain('bak_2 stays: its files are not surely damaged any more');
    expect(deletions(four.opened.catalog)).toEqual([]);
    expect(folders(four.home).get('bak_2')).toBe(3);
  });
});

test('a pin that the catalog has lost is found beside the backup, and is on record again', async () => {
  await setPinned(four.opened.context, 'bak_3', true);
  four.opened.catalog.exec('update backups set pinned = 0');
  const done = await apply();
  expect(done).toMatchObject({ removed: 2, failures: [] });
  expect(done.lines.join()).toContain('bak_3 stays: it was pinned');
  expect(backupStore(four.opened.catalog).get('bak_3')).toMatchObject({ pinned: true });
  await setPinned(four.opened.context, 'bak_3', false);
  expect(await apply()).toMatchObject({ removed: 1, failures: [] });
});
