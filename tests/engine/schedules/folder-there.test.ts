// The disk of the backups is not mounted: an empty folder stands in its place.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { createDatabase } from '../../support/server.ts';

test('a scheduled backup refuses the empty place of a missing disk; one by hand proves the folder', async () => {
  let now = Date.parse('2026-03-10T02:00:10Z');
  const engine = await makeEngine({ clock: () => now });
  const root = join(makeHome(), 'disk');
  const profile = await engine.addProfile({ database: await createDatabase('create table t (a int)'), backupDirectory: root });
  await engine.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'nightly',
      task: { kind: 'backup', profileId: profile.id },
      when: { kind: 'daily', time: '02:00' },
      timeZone: 'UTC',
      retries: 0,
    }),
  });
  const night = async () => {
    now += 86_400_000;
    await engine.engine.scheduler.once();
    return (await engine.client.schedules.history({})).runs[0];
  };
  expect(await night()).toMatchObject({ state: 'succeeded' });

  renameSync(root, `${root}.unmounted`);
  mkdirSync(root);
  expect(await night()).toMatchObject({ state: 'failed', error: { code: 'FOLDER_NOT_THERE' } });
  expect(readdirSync(root)).toEqual([]);

  rmSync(root, { recursive: true });
  renameSync(`${root}.unmounted`, root);
  expect(await night()).toMatchObject({ state: 'succeeded' });

  renameSync(root, `${root}.elsewhere`);
  const byHand = await engine.backUpWell(profile.id);
  expect(existsSync(byHand.directory)).toBe(true);
  expect((await engine.client.backups.log({ id: byHand.id })).lines).toContainEqual(
    expect.objectContaining({ level: 'warning', text: expect.stringContaining('holds none of the 2 backups') as string }),
  );
  expect(await night()).toMatchObject({ state: 'succeeded' });

  // Backups that somebody took away leave their folders behind: no disk is missing.
  rmSync(byHand.directory, { recursive: true });
  expect(await night()).toMatchObject({ state: 'succeeded' });
  await engine.close();
  expect(engine.faults).toEqual([]);
});
