// What says nothing of a backup fails its verification, and leaves no verdict on record.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { rewriteDump, throwAways, verifyGround } from './verify-support.ts';

const ground = verifyGround();

const failed = async (id: string, deep = false, onProfileId?: string) => {
  const { jobId } = await ground.engine.client.backups.verify({
    source: { kind: 'backup', id },
    deep,
    ...(onProfileId && { onProfileId }),
  });
  return await ground.engine.ended(jobId);
};
const verdict = async (id: string) => {
  const backup = await ground.engine.client.backups.get({ id });
  return backup.status === 'succeeded' ? backup.verification : null;
};

test('a folder, or the disk above it, that is not there now fails the job and leaves the verdict', async () => {
  const backup = await ground.engine.backUpWell(ground.profileId);
  const folder = dirname(dirname(backup.directory));
  renameSync(folder, `${folder}-away`);
  expect(await failed(backup.id)).toMatchObject({ status: 'failed', error: { code: 'FILE_NOT_READABLE' } });
  // Where it was mounted, nothing but an empty place is left.
  mkdirSync(dirname(backup.directory), { recursive: true });
  expect(await failed(backup.id)).toMatchObject({ status: 'failed', error: { code: 'FILE_NOT_READABLE' } });
  rmSync(folder, { recursive: true });
  renameSync(`${folder}-away`, folder);
  expect(await verdict(backup.id)).toEqual(backup.verification);
});

test('a manifest that the disk cannot give fails the job and leaves the verdict', async () => {
  const backup = await ground.engine.backUpWell(ground.profileId);
  const path = join(backup.directory, 'manifest.json');
  renameSync(path, `${path}.good`);
  // Not missing and not damaged: the system cannot follow it.
  symlinkSync('manifest.json', path);
  expect(await failed(backup.id)).toMatchObject({ status: 'failed', error: { code: 'FILE_NOT_READABLE' } });
  rmSync(path);
  renameSync(`${path}.good`, path);
  expect(await verdict(backup.id)).toEqual(backup.verification);
});

test('an extension that the server does not offer fails a deep verification, by name', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId, { format: 'plain', compression: 'none' });
  rewriteDump(backup, (text) =>
    text.replace('SET default_tablespace', 'CREATE EXTENSION IF NOT EXISTS nobody_has_this;\n\nSET default_tablespace'),
  );
  const file = await engine.client.dumps.open({ path: backup.directory });
  const { jobId } = await engine.client.backups.verify({
    source: { kind: 'file', id: file.id },
    deep: true,
    onProfileId: ground.profileId,
  });
  expect(await engine.ended(jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'EXTENSIONS_MISSING', message: expect.stringContaining('nobody_has_this') },
  });
  expect(await throwAways()).toEqual([]);
});
