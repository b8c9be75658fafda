// Dump files of anybody: good ones pass, cut ones do not.
import { cpSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SucceededBackup } from '../../../shared/contract/backups.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { throwAways, verifyGround, verify } from './verify-support.ts';

const ground = verifyGround();

test('a good dump file passes, also deeply, on the only profile', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId, { format: 'plain', compression: 'none' });
  const copy = join(temporaryDirectory('dump'), 'whatever.bin');
  cpSync(join(backup.directory, 'database.sql'), copy);
  const file = await engine.client.dumps.open({ path: copy });
  expect((await verify(engine, { kind: 'file', id: file.id })).ok).toBe(true);
  expect(await verify(engine, { kind: 'file', id: file.id }, true)).toMatchObject({ ok: true, deep: true });
  expect(await throwAways()).toEqual([]);
});

describe('one custom archive, compressed', () => {
  let backup: SucceededBackup;
  beforeAll(async () => {
    backup = await ground.engine.backUpWell(ground.profileId, { format: 'custom', compression: 'gzip' });
  });

  test.each([20, 60, 80, 99])('a custom archive cut at %i per cent does not pass', async (percent) => {
    const copy = join(temporaryDirectory('dump'), 'cut.dump');
    cpSync(join(backup.directory, 'database.dump'), copy);
    truncateSync(copy, Math.floor((statSync(copy).size * percent) / 100));
    const file = await ground.engine.client.dumps.open({ path: copy });
    expect((await verify(ground.engine, { kind: 'file', id: file.id })).ok).toBe(false);
  });
});

test('where it is not clear on which server to restore a dump file, that is asked for', async () => {
  const { engine } = ground;
  const second = await engine.addProfile({ database: ground.database });
  const folder = temporaryDirectory('dump');
  writeFileSync(join(folder, 'x.sql'), 'select 1;\n');
  const file = await engine.client.dumps.open({ path: join(folder, 'x.sql') });
  await expect(engine.client.backups.verify({ source: { kind: 'file', id: file.id }, deep: true })).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
  await engine.client.profiles.remove({ id: second.id });
});
