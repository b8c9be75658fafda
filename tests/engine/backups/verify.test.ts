// Damage to our own backups is found, by hashes, by reading and by restoring.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SucceededBackup } from '../../../shared/contract/backups.ts';
import { bad, flipByte, throwAways, verifyGround, verify, whileSpoilt } from './verify-support.ts';

const ground = verifyGround();

test('a good backup is good, and its newest verification is on record', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  const result = await verify(engine, { kind: 'backup', id: backup.id });
  expect(result).toMatchObject({ ok: true, deep: false });
  expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ verification: { at: result.at } });
});

describe('one custom archive', () => {
  let backup: SucceededBackup;
  beforeAll(async () => {
    backup = await ground.engine.backUpWell(ground.profileId, { format: 'custom', compression: 'none' });
  });

  test.each<[string, (main: string) => void, string[]]>([
    ['one bit flipped in the middle', (main) => flipByte(main, Math.floor(statSync(main).size / 2)), ['SHA-256 and size']],
    ['its file cut off', (main) => truncateSync(main, Math.floor(statSync(main).size * 0.8)), ['SHA-256 and size', 'readable to the end']],
    ['its file emptied', (main) => truncateSync(main, 0), ['SHA-256 and size', 'readable to the end']],
    ['its file missing', (main) => rmSync(main), ['files present', 'readable to the end']],
    ['a stranger beside it', () => writeFileSync(join(backup.directory, 'other.bin'), 'x'), ['no other files']],
    ['no manifest', () => rmSync(join(backup.directory, 'manifest.json')), ['manifest']],
  ])('a custom backup with %s is bad, and that is on record', async (_name, spoil, found) => {
    const { engine } = ground;
    await whileSpoilt(
      backup,
      () => spoil(join(backup.directory, 'database.dump')),
      async () => {
        const result = await verify(engine, { kind: 'backup', id: backup.id });
        expect(result.ok).toBe(false);
        expect(bad(result)).toEqual(found);
        expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ status: 'succeeded', verification: { ok: false } });
      },
    );
  });

  test('a folder with a manifest that cannot be read is no good backup, by its path either', async () => {
    const { engine } = ground;
    await whileSpoilt(
      backup,
      () => writeFileSync(join(backup.directory, 'manifest.json'), '{"artifacts":'),
      async () => {
        const file = await engine.client.dumps.open({ path: backup.directory });
        expect(bad(await verify(engine, { kind: 'file', id: file.id }))).toEqual(['manifest']);
      },
    );
  });
});

describe('one directory, verified deeply as a part of the backup', () => {
  let backup: SucceededBackup;
  beforeAll(async () => {
    backup = await ground.engine.backUpWell(ground.profileId, { deepVerify: true, format: 'directory', compression: 'gzip:1' });
  });

  test('a backup that is verified deeply says so, and its throw-away database is dropped', async () => {
    expect(backup.verification).toMatchObject({ ok: true, deep: true });
    expect(await throwAways()).toEqual([]);
  });

  test.each([20, 60, 99])('a directory with a data file cut at %i per cent is bad', async (percent) => {
    const biggest = [...backup.artifacts].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
    const at = Math.floor(((biggest?.sizeBytes ?? 0) * percent) / 100);
    await whileSpoilt(
      backup,
      () => truncateSync(join(backup.directory, biggest?.name ?? ''), at),
      async () =>
        expect(bad(await verify(ground.engine, { kind: 'backup', id: backup.id }))).toEqual(['SHA-256 and size', 'readable to the end']),
    );
  });
});

test('a deep verification restores, counts and drops', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId, { excludeTableData: ['log'] });
  const result = await verify(engine, { kind: 'backup', id: backup.id }, true);
  expect(result).toMatchObject({ ok: true, deep: true });
  expect(result.checks.at(-1)).toMatchObject({ name: 'row counts', detail: '2 of 2 tables compared, all equal' });
  expect(await throwAways()).toEqual([]);
});

test('a backup with a file changed together with its manifest, or a link in place of a file, is bad', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId, { format: 'plain', compression: 'none' });
  const [dump, manifest] = [join(backup.directory, 'database.sql'), join(backup.directory, 'manifest.json')];
  const text = readFileSync(dump, 'utf8');
  writeFileSync(dump, text.replace('\n5000\t', '\n5001\t'));
  const sha256 = createHash('sha256').update(readFileSync(dump)).digest('hex');
  const before = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, before.replace(backup.artifacts[0]?.sha256 ?? '', sha256));
  expect(bad(await verify(engine, { kind: 'backup', id: backup.id }))).toEqual(['manifest']);
  writeFileSync(manifest, before);
  rmSync(dump);
  writeFileSync(join(engine.home, 'elsewhere.sql'), text);
  symlinkSync(join(engine.home, 'elsewhere.sql'), dump);
  expect(bad(await verify(engine, { kind: 'backup', id: backup.id }))).toEqual(['files of its own']);
});

test('a deep verification misses rows that the manifest counts and the dump lacks', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  const path = join(backup.directory, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { tables: { table: string; rows: number }[] };
  for (const table of manifest.tables) if (table.table === 't') table.rows += 1;
  writeFileSync(path, JSON.stringify(manifest));
  const result = await verify(engine, { kind: 'backup', id: backup.id }, true);
  expect(bad(result)).toEqual(['row counts']);
  expect(result.checks.at(-1)?.detail).toContain('public.t has 5000 rows instead of 5001');
});
