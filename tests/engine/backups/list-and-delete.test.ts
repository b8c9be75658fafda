// The list of backups: what is found in it, what leaves it.
import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeEngine } from '../../support/engine.ts';
import { verifyGround } from './verify-support.ts';

const ground = verifyGround();

test('a backup is deleted once its id is repeated; then folder and row are gone', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  await expect(engine.client.backups.remove({ id: backup.id, confirm: 'yes' })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  expect(existsSync(backup.directory)).toBe(true);
  expect(await engine.client.backups.remove({ id: backup.id, confirm: backup.id })).toMatchObject({ removed: backup.id });
  expect(existsSync(backup.directory)).toBe(false);
  expect(existsSync(`${backup.directory}.deleted`)).toBe(false);
  await expect(engine.client.backups.get({ id: backup.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
test('a backup that a job uses is not deleted', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  const { jobId } = await engine.client.backups.verify({ source: { kind: 'backup', id: backup.id }, deep: false });
  await expect(engine.client.backups.remove({ id: backup.id, confirm: backup.id })).rejects.toMatchObject({ code: 'BUSY' });
  await engine.ended(jobId);
  await engine.client.backups.remove({ id: backup.id, confirm: backup.id });
});
test('a backup whose folder is gone already can be deleted', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  rmSync(backup.directory, { recursive: true });
  expect(await engine.client.backups.remove({ id: backup.id, confirm: backup.id })).toMatchObject({ freedBytes: 0 });
});

test('backups are found by label, search and filter, and are exported as CSV and backup_log.json', async () => {
  const own = await makeEngine();
  const a = await own.addProfile({ database: ground.database, name: 'Alpha' });
  const b = await own.addProfile({ database: 'nope', name: 'Beta' });
  const good = await own.backUpWell(a.id, { label: '=cmd' });
  await own.backUp(b.id);
  await own.client.backups.setLabel({ id: good.id, label: 'Größe, "vor" Release' });
  const ids = async (filter: Parameters<typeof own.client.backups.list>[0]) =>
    (await own.client.backups.list(filter)).backups.map((backup) => backup.id);
  expect(await ids({ search: 'größe alpha' })).toEqual([good.id]);
  expect(await ids({ search: '%' })).toEqual([]);
  expect(await ids({ status: 'failed' })).toHaveLength(1);
  expect(await ids({ profile: 'Alpha' })).toEqual([good.id]);
  expect(await ids({ sort: 'sizeBytes', limit: 1 })).toEqual([good.id]);
  expect((await own.client.backups.list({ status: 'succeeded', brief: true })).backups).toMatchObject([
    { artifacts: [], verification: { ok: true, checks: [] } },
  ]);
  expect((await own.client.backups.list({})).profiles).toEqual(['Alpha', 'Beta']);
  const csv = await own.client.backups.export({ as: 'csv' });
  const lines = csv.text.trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(csv.text).toContain('"Größe, ""vor"" Release"');
  const log = JSON.parse((await own.client.backups.export({ as: 'log', filter: { status: 'succeeded' } })).text) as {
    backups: { id: string }[];
  };
  expect(log.backups.map((backup) => backup.id)).toEqual([good.id]);
  await own.close();
});
