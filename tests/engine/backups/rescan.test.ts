// A catalog that is lost is rebuilt from the folders.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { until } from '../../support/wait.ts';
import { verifyGround, verify } from './verify-support.ts';

const ground = verifyGround();

test('a lost catalog is rebuilt from the folders, ids and all', async () => {
  const first = await makeEngine();
  const own = await first.addProfile({ database: ground.database, name: 'rebuilt' });
  const one = await first.backUpWell(own.id, { label: 'one' });
  const two = await first.backUpWell(own.id, { format: 'directory', compression: 'gzip:1' });
  await first.close();
  for (const name of readdirSync(first.home)) if (name.startsWith('catalog')) rmSync(join(first.home, name));
  const folder = join(first.home, 'backups');
  // What is unfinished, half-deleted or damaged must not come back as good.
  cpSync(one.directory, `${one.directory}.partial`, { recursive: true });
  cpSync(one.directory, `${one.directory}.deleted`, { recursive: true });
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken', 'manifest.json'), '{"formatVersion": 1');
  const short = join(folder, 'short');
  cpSync(one.directory, short, { recursive: true });
  const { artifacts } = one;
  truncateSync(join(short, artifacts[0]?.name ?? ''), 10);

  const again = await makeEngine({ home: first.home });
  expect((await again.client.backups.list({})).total).toBe(0);
  const result = await again.client.backups.rescan({ directory: folder });
  expect(result).toMatchObject({ found: 4, added: 2, unchanged: 0 });
  expect(result.problems.map((problem) => problem.error.code).sort()).toEqual(['DUMP_INCOMPLETE', 'MANIFEST_INVALID']);
  const { backups } = await again.client.backups.list({ sort: 'startedAt', descending: false });
  expect(backups.map((backup) => backup.id)).toEqual([one.id, two.id]);
  expect(backups[0]).toMatchObject({
    origin: 'manual',
    label: 'one',
    profile: 'rebuilt',
    sizeBytes: one.sizeBytes,
    rows: one.rows,
    artifacts,
  });
  expect(await again.client.backups.rescan({ directory: folder })).toMatchObject({ added: 0, unchanged: 2 });
  expect((await again.client.backups.log({ id: one.id })).lines.length).toBeGreaterThan(3);
  expect((await verify(again, { kind: 'backup', id: two.id })).ok).toBe(true);
  await again.close();
});
test('a folder that was moved is found at its new place', async () => {
  const { engine } = ground;
  const backup = await engine.backUpWell(ground.profileId);
  const elsewhere = temporaryDirectory('moved');
  renameSync(backup.directory, join(elsewhere, 'x'));
  expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ present: false });
  await engine.client.backups.rescan({ directory: elsewhere });
  expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ present: true, directory: join(elsewhere, 'x') });
});

test('pins, origins and schedules survive a catalog that is lost', async () => {
  const first = await makeEngine();
  const own = await first.addProfile({ database: ground.database, name: 'pinned' });
  const nightly = await first.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'Nightly',
      task: { kind: 'backup', profileId: own.id, options: { tables: [{ schema: 'public', table: 't' }] } },
      when: { kind: 'daily', time: '02:00' },
      timeZone: 'UTC',
    }),
  });
  const options = { tables: [{ schema: 'public', table: 't' }] };
  const byHand = (await first.backUpWell(own.id, options)).id;
  const made = await first.backUpWell(own.id, options);
  const safety = made.id;
  const path = join(made.directory, 'manifest.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"origin": "manual"', '"origin": "safety"'));
  await first.client.schedules.run({ id: nightly.id });
  await until(
    'the run has ended',
    async () => (await first.client.backups.list({})).backups.filter((one) => one.status === 'succeeded').length === 3,
  );
  const scheduled = (await first.client.backups.list({})).backups.find((one) => one.scheduleId === nightly.id)?.id ?? '';
  await first.client.backups.setPinned({ id: byHand, pinned: true });
  await first.client.backups.setPinned({ id: safety, pinned: true });
  await first.client.backups.setPinned({ id: safety, pinned: false });
  // A pin is no stranger in the folder.
  expect((await verify(first, { kind: 'backup', id: byHand })).ok).toBe(true);
  const selections = (of: TestEngine) => {
    const catalog = openCatalog(of.home);
    const rows = catalog.prepare<[], { selection: string }>('select distinct selection from backups').all();
    catalog.close();
    return rows.map((row) => row.selection);
  };
  const before = selections(first);
  expect(before).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
  await first.close();
  for (const name of readdirSync(first.home)) if (name.startsWith('catalog')) rmSync(join(first.home, name));

  const again = await makeEngine({ home: first.home });
  const folder = join(first.home, 'backups');
  expect(await again.client.backups.rescan({ directory: folder })).toMatchObject({ added: 3, problems: [] });
  const found = async (id: string) => {
    const backup = await again.client.backups.get({ id });
    return backup.status === 'succeeded'
      ? { origin: backup.origin, scheduleId: backup.scheduleId, pinned: backup.pinned, holds: backup.holds }
      : null;
  };
  expect(await found(byHand)).toEqual({ origin: 'manual', scheduleId: null, pinned: true, holds: 'chosen' });
  expect(await found(safety)).toEqual({ origin: 'safety', scheduleId: null, pinned: false, holds: 'chosen' });
  expect(await found(scheduled)).toEqual({ origin: 'schedule', scheduleId: nightly.id, pinned: false, holds: 'chosen' });
  expect(selections(again)).toEqual(before);
  expect(await again.client.backups.manifest({ id: scheduled })).toMatchObject({ scheduleId: nightly.id, schedule: 'Nightly' });

  // Made again, the schedule has another id; its backups know it by its name.
  const anew = await again.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'nightly',
      task: { kind: 'cleanup' },
      when: { kind: 'daily', time: '02:00' },
      timeZone: 'UTC',
    }),
  });
  const catalog = openCatalog(again.home);
  catalog.exec('delete from backups');
  catalog.close();
  expect(await again.client.backups.rescan({ directory: folder })).toMatchObject({ added: 3 });
  expect(await found(scheduled)).toMatchObject({ scheduleId: anew.id });
  expect(await found(byHand)).toMatchObject({ scheduleId: null, pinned: true });

  // Of a folder that is away, a pin would be in the catalog only.
  renameSync(folder, `${folder}-away`);
  await expect(again.client.backups.setPinned({ id: safety, pinned: true })).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' });
  renameSync(`${folder}-away`, folder);
  expect(await found(safety)).toMatchObject({ pinned: false });
  await again.close();
});
