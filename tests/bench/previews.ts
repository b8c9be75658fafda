// Previews and merges against pg_restore of the same archive.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { previewRequest, type Preview, type PreviewRequest } from '../../shared/contract/previews.ts';
import { restoreRequest } from '../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { sql } from '../support/server.ts';
import { measured, type Cost } from './measure.ts';
import { add, table } from './report.ts';
import { timed } from './stock-tools.ts';

const ledger = `
  select setseed(0.42);
  create table ledger (id bigserial primary key, account bigint not null, kind text, amount numeric(12, 2), booked timestamptz, note text);
  insert into ledger (account, kind, amount, booked, note)
    select (random() * 200000)::int, (array['debit', 'credit', 'fee'])[1 + i % 3], (random() * 10000)::numeric(12, 2),
           timestamptz '2026-01-01' - (i || ' seconds')::interval, 'ref ' || substr(md5(i::text), 1, 16)
      from generate_series(1, ROWS) i;
  create index on ledger (account);`;

/** One row in so many is changed, in every table; `nulls`: a field loses its value. */
const edits = (every: number, nulls: boolean): string => `
  update customers set city = ${nulls ? 'null' : "city || '!'"} where id % ${every} = 0;
  update orders set address = ${nulls ? 'null' : "address || '!'"} where id % ${every} = 0;
  update items set sku = ${nulls ? 'null' : "sku || '!'"} where id % ${every} = 0;
  update events set kind = ${nulls ? 'null' : "kind || '!'"} where id % ${every} = 0;`;

/** Uses the database `shop`. */
export async function benchPreviews(bin: string, work: string, rounds: number, say: (text: string) => void): Promise<void> {
  const costs: Cost[] = [];
  await threeMillion(bin, work, rounds, costs, say);
  await wholeDatabase(bin, work, rounds, costs, say);
  const memory = Math.max(...costs.map((cost) => cost.memoryMiB));
  table.push({
    what: 'previews and merges: memory above idle',
    stock: '',
    howdah: `${memory.toFixed(0)} MiB`,
    ratio: '',
    reach: '≤ 100 MB',
  });
}

async function threeMillion(bin: string, work: string, rounds: number, costs: Cost[], say: (text: string) => void): Promise<void> {
  const rows = Number(process.env['HOWDAH_BENCH_ROWS'] ?? 3_000_000);
  await sql('postgres', 'drop database if exists ledgers with (force)');
  await sql('postgres', 'create database ledgers template template0');
  await sql('ledgers', ledger.replace('ROWS', String(rows)));
  await sql('ledgers', 'vacuum analyze');
  const file = join(work, 'ledger.dump');
  await timed(join(bin, 'pg_dump'), ['-Fc', '-f', file, 'ledgers']);
  const [stock, own]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    say(`preview of ${rows} rows, round ${round} of ${rounds}`);
    stock.push(await restoreStock(bin, file, []));
    const engine = await makeEngine();
    const seen = await previewed(engine, file, 'ledgers');
    if (seen.preview.totals.identical !== rows) throw new Error(JSON.stringify(seen.preview.totals));
    own.push(seen.cost.seconds);
    costs.push(seen.cost);
    await engine.close();
  }
  add(`preview of a table of ${rows.toLocaleString('en')} rows, against pg_restore of it into an empty database`, stock, own, '≤ 1.00');
  rmSync(file);
  await sql('postgres', 'drop database ledgers with (force)');
}

async function wholeDatabase(bin: string, work: string, rounds: number, costs: Cost[], say: (text: string) => void): Promise<void> {
  const file = join(work, 'shop.dump');
  await timed(join(bin, 'pg_dump'), ['-Fc', '-f', file, 'shop']);
  const seen = {
    stock: [] as number[],
    preview: [] as number[],
    own: [] as number[],
    merge: [] as number[],
    withPreview: [] as number[],
    safe: [] as number[],
  };
  for (let round = 1; round <= rounds; round++) {
    say(`previews of the shop, round ${round} of ${rounds}`);
    seen.stock.push(await restoreStock(bin, file, ['-j2']));
    await copyOfShop();
    await sql('edited', edits(1000, false));
    const engine = await makeEngine();
    const first = await previewed(engine, file, 'edited');
    seen.preview.push(first.cost.seconds);
    costs.push(first.cost);
    await engine.client.previews.close({ id: first.preview.id });
    const shop = await engine.addProfile({ database: 'shop' });
    const backup = await engine.backUpWell(shop.id);
    const ours = await previewed(engine, backup.directory, 'edited');
    seen.own.push(ours.cost.seconds);
    await engine.client.previews.close({ id: ours.preview.id });
    await engine.client.backups.remove({ id: backup.id, confirm: backup.id });
    await copyOfShop();
    await sql('edited', edits(100, true));
    const second = await previewed(engine, file, 'edited');
    costs.push(second.cost);
    const merged = await merge(engine, second, false);
    costs.push(merged);
    seen.merge.push(merged.seconds);
    seen.withPreview.push(second.cost.seconds + merged.seconds);
    await copyOfShop();
    await sql('edited', edits(100, true));
    const third = await previewed(engine, file, 'edited');
    seen.safe.push((await merge(engine, third, true)).seconds);
    await engine.close();
    await sql('postgres', 'drop database edited with (force)');
  }
  add('preview of the shop, of which 0.1 % of the rows differ, against pg_restore -j2', seen.stock, seen.preview, '≤ 0.60');
  add('the same preview from a backup of Howdah (auto), against the same pg_restore', seen.stock, seen.own, '');
  add('merge that changes 1 % of the rows, after its preview, against pg_restore -j2', seen.stock, seen.merge, '≤ 0.50');
  add('the same with a safety backup of the tables', seen.stock, seen.safe, '');
  add('the same without, with its preview', seen.stock, seen.withPreview, '');
}

const copyOfShop = async (): Promise<void> => {
  await sql('postgres', 'drop database if exists edited with (force)');
  await sql('postgres', 'create database edited template shop');
};

async function restoreStock(bin: string, file: string, args: string[]): Promise<number> {
  await sql('postgres', 'drop database if exists stock_restored with (force)');
  await sql('postgres', 'create database stock_restored template template0');
  const seconds = await timed(join(bin, 'pg_restore'), [...args, '-d', 'stock_restored', file]);
  await sql('postgres', 'drop database stock_restored with (force)');
  return seconds;
}

type Seen = { preview: Preview; request: PreviewRequest; cost: Cost };

async function previewed(engine: TestEngine, path: string, database: string): Promise<Seen> {
  const profile = await engine.addProfile({ database });
  const file = await engine.client.dumps.open({ path });
  const request = previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id });
  return measured(async () => {
    const { jobId, previewId } = await engine.client.previews.start(request);
    await engine.ended(jobId);
    const state = await engine.client.previews.get({ id: previewId });
    if (state.status !== 'ready') throw new Error(JSON.stringify(state));
    return { preview: state.preview, request };
  });
}

async function merge(engine: TestEngine, { preview, request }: Seen, safetyBackup: boolean): Promise<Cost> {
  const { cost } = await measured(async () => {
    const { jobId } = await engine.client.restores.start({
      ...restoreRequest.parse({
        source: request.source,
        profileId: request.profileId,
        strategy: 'merge',
        safetyBackup,
        previewId: preview.id,
      }),
      confirm: preview.database,
      fingerprint: preview.fingerprint,
    });
    const job = await engine.ended(jobId);
    if (job.status !== 'succeeded') throw new Error(JSON.stringify(job));
    return {};
  });
  return cost;
}
