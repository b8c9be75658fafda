// `restore`, `restore undo`, `restore discard` and `restores list`.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import type { Restore } from '../../shared/contract/restores.ts';
import { createDatabase, dropDatabase, sql } from '../support/server.ts';
import { commandsOver, shop } from './commands.ts';

const { cli, ok, fails, addProfile } = commandsOver();
let database: string;
beforeAll(async () => {
  database = await createDatabase(shop);
  await addProfile('shop', database);
});
afterAll(() => dropDatabase(database));

test('restore: confirmation, new database, replace, undo, discard', async () => {
  const { backup } = await ok<{ backup: SucceededBackup }>('backup', 'shop');
  const target = `${database} copy`;
  expect(await fails(1, 'restore', backup.id, '--into', 'shop', '--database', target, '--yes')).toMatchObject({
    code: 'DATABASE_NOT_FOUND',
    hint: expect.stringContaining('create'),
  });
  const fresh = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--create', '--yes');
  expect(fresh.restore).toMatchObject({ status: 'succeeded', mode: 'new', database: target, previousDatabase: null });
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 1500 }]);

  await sql(target, 'delete from orders');
  expect(await fails(3, 'restore', backup.id, '--into', 'shop', '--database', target)).toMatchObject({
    code: 'CONFIRMATION_NEEDED',
    message: expect.stringContaining(target),
  });
  const { restore } = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--yes');
  expect(restore).toMatchObject({
    status: 'succeeded',
    mode: 'replace',
    safetyBackupId: expect.stringMatching(/^bak_/),
    previousDatabase: expect.stringContaining('_before_'),
  });
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 1500 }]);
  expect(await fails(3, 'restore', 'undo', restore.id)).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  await ok('restore', 'undo', restore.id, '--yes');
  expect(await sql(target, 'select count(*)::int as n from orders')).toEqual([{ n: 0 }]);
  expect(await fails(1, 'restore', 'undo', restore.id, '--yes')).toMatchObject({ code: 'UNDO_NOT_POSSIBLE' });

  const again = await ok<{ restore: Restore }>('restore', backup.id, '--into', 'shop', '--database', target, '--no-safety-backup', '--yes');
  expect(again.restore.safetyBackupId).toBeNull();
  await ok('restore', 'discard', again.restore.id, '--yes');
  expect(await sql('postgres', 'select datname from pg_database where datname = $1', [again.restore.previousDatabase])).toEqual([]);
  const { restores } = await ok<{ restores: Restore[] }>('restores', 'list');
  expect(restores.map((one) => one.undo)).toEqual(['discarded', 'done', 'none']);
  const csv = await cli('restores', 'list', '--csv');
  expect(csv.stdout.split('\r\n')).toHaveLength(5);
  expect(csv.stdout).toContain(restore.id);
  await dropDatabase(target);
});
