// A preview through the contract: counts, rows, verdicts, and staging that does not outlive it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewRequest, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, sql } from '../../support/server.ts';
import { pgDump, shop } from '../restores/support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

async function previewOf(database: string, path: string, change: Partial<PreviewRequest> = {}): Promise<Preview> {
  const profile = await engine.addProfile({ database });
  const file = await engine.client.dumps.open({ path });
  const { jobId, previewId } = await engine.client.previews.start(
    previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id, ...change }),
  );
  await engine.ended(jobId);
  const state = await engine.client.previews.get({ id: previewId });
  if (state.status !== 'ready') throw new Error(`${JSON.stringify(state, null, 1)} ${engine.faults.join('\n')}`);
  return state.preview;
}

const stagings = (database: string) => sql(database, "select nspname from pg_namespace where nspname like 'howdah%'");

test('tells new, identical, conflicting and live-only rows, by column, in every archive format', async () => {
  const database = await createDatabase(shop);
  for (const format of ['-Fc', '-Fd', '-Ft', '-Fp']) {
    const path = pgDump(database, [format], undefined, `shop${format}`);
    await sql(
      database,
      `begin; update app.customers set name = 'Another ' || id where id <= 3; delete from app.orders where id in (5, 6);
       insert into app.customers (id, name) values (9001, 'fresh'); delete from public."Odd ""Table" where a = 7;
       insert into public."Odd ""Table" select * from public."Odd ""Table" where a = 8; commit`,
    );
    const preview = await previewOf(database, path);
    expect(preview.totals).toMatchObject({ rows: 1150, new: 3, conflicts: 3, liveOnly: 2, uniqueClashes: 0, identical: 1144 });
    const customers = preview.tables.find((table) => table.table === 'customers');
    expect(customers).toMatchObject({
      rows: 100,
      conflicts: 3,
      liveOnly: 1,
      conflictsByColumn: { name: 3 },
      key: { kind: 'primary', columns: ['id'] },
    });
    expect(customers?.sample[0]).toMatchObject({
      kind: 'conflict',
      key: { id: '1' },
      changes: [{ column: 'name', live: 'Another 1', backup: 'name 1' }],
    });
    expect(preview.strategies.skip).toEqual({ created: 3, updated: 0, deleted: 0, skipped: 1147 });
    expect(preview.strategies.replace).toEqual({ created: 3, updated: 3, deleted: 2, skipped: 1144 });
    expect(preview.safe).toBe(false);
    expect(preview.reasons.map((reason) => reason.code)).toEqual(['ROWS_LOST', 'ROWS_CHANGED']);
    expect(preview.verdicts.skip).toEqual({ safe: true, reasons: [] });
    expect(await stagings(database)).toHaveLength(1);
    await engine.client.previews.close({ id: preview.id });
    expect(await stagings(database)).toEqual([]);
    await sql(
      database,
      `begin; delete from app.customers where id = 9001; update app.customers set name = 'name ' || id where id <= 3;
       insert into app.orders (id, customer, total) values (5, 6, 5), (6, 7, 6); delete from public."Odd ""Table" where a in (7, 8);
       insert into public."Odd ""Table" select n, repeat('x', 200) from generate_series(7, 8) n; commit`,
    );
  }
});

test('a backup made while a preview is open holds none of its staging', async () => {
  const database = await createDatabase(shop);
  const preview = await previewOf(database, pgDump(database, ['-Fc']));
  const backup = await engine.backUpWell(preview.profileId);
  const dump = await engine.client.dumps.inspect({ source: { kind: 'backup', id: backup.id } });
  expect(dump.objects.filter((object) => `${object.schema} ${object.name}`.includes('howdah'))).toEqual([]);
  expect(dump.tables.map((table) => table.table).toSorted()).toEqual(['Odd "Table', 'customers', 'orders']);
  await engine.client.previews.close({ id: preview.id });
});
