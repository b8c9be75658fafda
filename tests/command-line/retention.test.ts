// `retention` and `backups pin` as scripts and people use them.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import { openCatalog } from '../../electron/engine/catalog/open.ts';
import { createDatabase, dropDatabase, serverUrl } from '../support/server.ts';
import { commandsOver } from './commands.ts';

const { home, cli, ok } = commandsOver();
let database: string;
const made: SucceededBackup[] = [];

type Preview = { keep: { id: string; reasons: string[] }[]; delete: { id: string; reason: string }[] };

beforeAll(async () => {
  database = await createDatabase('create table t (id int primary key); insert into t values (1)');
  await ok('profile', 'add', 'shop', '--url', serverUrl(database));
  for (let n = 0; n < 3; n++) made.push((await ok<{ backup: SucceededBackup }>('backup', 'shop')).backup);
});
afterAll(() => dropDatabase(database));

test('a rule is set, previewed, and applied only with --yes; every deletion is told', async () => {
  expect((await ok<Preview>('retention', 'preview')).delete).toEqual([]);
  expect((await cli('retention', 'preview')).stdout).toMatch(/^No rule is about these backups: every one stays\. .*retention set/);
  expect(await ok('retention', 'set', 'SHOP', '--last', '1', '--max-size', '50GB', '--min-keep', '1')).toMatchObject({
    policy: {
      scope: { kind: 'profile' },
      rule: { keepLast: 1, maxBytes: 50e9, keepAtLeast: 1 },
      words: 'keeps the last 1; at most 50.0 GB',
    },
  });
  expect((await cli('retention', 'list')).stdout).toMatch(/profile +shop +keeps the last 1; at most 50.0 GB/);
  await ok('backups', 'pin', made[0]?.id ?? '');

  const preview = await ok<Preview>('retention', 'preview', '--profile', 'shop');
  expect(preview.keep).toMatchObject([
    { id: made[2]?.id, reasons: ['last-good', 'min-keep:1', 'last:1'] },
    { id: made[0]?.id, reasons: ['pinned'] },
  ]);
  expect(preview.delete).toMatchObject([{ id: made[1]?.id, reason: 'not-wanted' }]);

  expect((await cli('retention', 'preview')).stdout).toMatch(/^STAYS/);

  const refused = await cli('retention', 'apply');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(made[1]?.id);
  expect(refused.stderr).toContain('CONFIRMATION_NEEDED');
  expect(await cli('retention', 'apply', '--json')).toMatchObject({ code: 3, json: { error: { code: 'CONFIRMATION_NEEDED' } } });
  expect(existsSync(made[1]?.directory ?? '')).toBe(true);

  expect(await ok('retention', 'apply', '--yes')).toMatchObject({ removed: 1 });
  expect(existsSync(made[1]?.directory ?? '')).toBe(false);
  expect(await ok('retention', 'deletions')).toMatchObject({
    total: 1,
    deletions: [{ id: made[1]?.id, state: 'removed', reason: 'not-wanted' }],
  });
  expect(await cli('backups', 'show', made[1]?.id ?? '', '--json')).toMatchObject({
    code: 1,
    json: { error: { code: 'NOT_FOUND', message: expect.stringMatching(/^Retention deleted .* not-wanted \(keeps the last 1/) } },
  });
});

test('the next backup cleans up by itself, before its command ends', async () => {
  await ok('backups', 'unpin', made[0]?.id ?? '');
  const run = await cli('backup', 'shop');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/Deleted bak_\w+ of .*not-wanted/);
  expect((await ok<{ backups: unknown[] }>('backups', 'list')).backups).toHaveLength(1);
  expect((await ok<{ total: number }>('retention', 'deletions')).total).toBe(3);
});

test('safety backups, names that are two things, and what cannot be meant', async () => {
  expect(await ok('retention', 'set', 'safety', '--days', '30')).toMatchObject({ policy: { scope: { kind: 'safety' } } });
  const catalog = openCatalog(home);
  catalog
    .prepare(
      "insert into schedules (id, name, fields, enabled, settled_at, created_at, updated_at) values ('sch_x', 'Shop', ?, 0, '', '', '')",
    )
    .run(JSON.stringify(schedule));
  catalog.close();
  expect(await cli('retention', 'set', 'shop', '--last', '3', '--json')).toMatchObject({
    code: 2,
    json: { error: { code: 'BAD_INPUT', hint: 'Say which: --as profile or --as schedule.' } },
  });
  expect(await ok('retention', 'set', 'shop', '--last', '3', '--as', 'schedule')).toMatchObject({
    policy: { scope: { kind: 'schedule', scheduleId: 'sch_x' } },
  });
  expect(await ok('retention', 'remove', 'shop', '--as', 'schedule')).toEqual({ removed: true });
  expect(await cli('retention', 'set', 'safety', '--last', '0', '--json')).toMatchObject({
    code: 2,
    json: { error: { code: 'BAD_INPUT', message: '--last takes a number from 1 to 100000, not 0.' } },
  });
  expect((await cli('retention', 'set', 'safety', '--last', '3', '--min-keep', '0', '--json')).json).toMatchObject({
    error: { message: expect.stringMatching(/^--min-keep takes/) },
  });
  for (const [code, ...bad] of [
    [2, 'set', 'safety'],
    [2, 'set', 'safety', '--last', '0'],
    [2, 'set', 'safety', '--last', 'x'],
    [2, 'set', 'safety', '--max-size', '50 bananas'],
    [1, 'set', 'nobody', '--last', '3'],
    [1, 'preview', '--profile', 'nobody'],
  ] as const)
    expect((await cli('retention', ...bad, '--json')).code, bad.join(' ')).toBe(code);
});

const schedule = {
  name: 'Shop',
  task: { kind: 'cleanup', profileId: null },
  when: { kind: 'daily', time: '02:00' },
  timeZone: 'UTC',
  enabled: false,
  startsAt: null,
  endsAt: null,
  missed: { kind: 'runOnce' },
  overlap: 'skip',
  retries: 2,
  windowEnd: null,
  colour: '#4c6ef5',
};
