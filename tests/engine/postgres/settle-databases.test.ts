import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEngine } from '../../support/engine.ts';
import { leftoversOf } from '../restores/support.ts';

test('what a dead job left at a server that nobody knows any more is named once and given up', async () => {
  const before = await makeEngine();
  await before.close();
  const catalog = new Database(join(before.home, 'catalog.sqlite'));
  const insert = catalog.prepare("insert into leftovers (id, job_id, owner, kind, body) values (?, 'job_gone', 'hos_gone', ?, ?)");
  const profileId = 'pro_gone';
  insert.run('lef_1', 'database', JSON.stringify({ kind: 'database', profileId, database: 'howdah_tmp_one' }));
  insert.run('lef_2', 'backend', JSON.stringify({ kind: 'backend', profileId, applicationName: 'howdah job_gone' }));
  insert.run(
    'lef_3',
    'swap',
    JSON.stringify({ kind: 'swap', profileId, restoreId: 'res_x', live: 'shop', fresh: 'howdah_tmp_two', aside: '' }),
  );
  catalog.close();
  const after = await makeEngine({ home: before.home });
  await after.engine.settledAll();
  const { settled } = await after.client.app.info();
  expect(leftoversOf(after)).toEqual([]);
  expect(after.faults).toEqual([]);
  for (const name of ['howdah_tmp_one', 'howdah job_gone', 'shop, howdah_tmp_two']) {
    expect(settled.filter((line) => line.includes(name) && line.includes('may remain'))).toHaveLength(1);
  }
  await after.close();
});
