// `npm run bench`: PostgreSQL's own tools and Howdah side by side on one machine, in one run, taking turns.
// `npm run bench -- backups|previews|list|schedules` runs one part. HOWDAH_BENCH_MB (default 1024), HOWDAH_BENCH_ROUNDS (3), HOWDAH_TEST_CLIENTS (more client folders, `:` between them).
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { BackupOptions, SucceededBackup } from '../../shared/contract/backups.ts';
import { startCluster } from '../support/cluster.ts';
import { clusterVariables } from '../support/cluster-variables.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/home.ts';
import { sql } from '../support/server.ts';
import { generateShop } from './data.ts';
import { measured, median, type Cost } from './measure.ts';
import { timePage } from './page.ts';
import { benchPreviews } from './previews.ts';
import { add, table } from './report.ts';
import { benchSchedules } from './schedules.ts';
import { timed, output } from './stock-tools.ts';

const megabytes = Number(process.env['HOWDAH_BENCH_MB'] ?? 1024);
const rounds = Number(process.env['HOWDAH_BENCH_ROUNDS'] ?? 3);

const cluster = await startCluster({
  settings: { shared_buffers: '256MB', max_wal_size: '4GB', checkpoint_timeout: '30min', autovacuum: 'off' },
});
Object.assign(process.env, clusterVariables(cluster));
const work = temporaryDirectory('bench');

const only = process.argv[2];
const wants = (part: string): boolean => only === undefined || only === part;
if (wants('backups') || wants('previews')) {
  say(`Making about ${megabytes} MB of data …`);
  await generateShop('shop', megabytes);
}
if (wants('backups')) for (const folder of clientFolders()) await benchClient(folder);
if (wants('previews')) await benchPreviews(cluster.binDirectory, work, rounds, say);
if (wants('list')) await benchList();
if (wants('schedules')) await benchSchedules(say);
print();
cluster.remove();

async function benchClient(folder: string): Promise<void> {
  const version = (await output(join(folder, 'pg_dump'), ['--version'])).split(' ')[2] ?? '?';
  const major = Number.parseInt(version, 10);
  const engine = await makeEngine();
  const profile = await engine.addProfile({ name: `client ${major}`, database: 'shop', clientDirectory: folder });
  const flags = { format: 'custom' as const, compression: 'gzip' };
  const seen = { stock: [] as number[], auto: [] as number[], same: [] as number[], stockRestore: [] as number[], restore: [] as number[] };
  const costs: Cost[] = [];
  let stockBytes = 0;
  let autoBytes = 0;
  for (let round = 1; round <= rounds; round++) {
    say(`pg_dump ${version}, round ${round} of ${rounds}`);
    const file = join(work, 'stock.dump');
    rmSync(file, { force: true });
    seen.stock.push(await timed(join(folder, 'pg_dump'), ['-Fc', '-f', file, 'shop']));
    stockBytes = statSync(file).size;
    const auto = await backUp(engine, profile.id, {});
    seen.auto.push(auto.cost.seconds);
    costs.push(auto.cost);
    autoBytes = auto.backup.sizeBytes;
    const same = await backUp(engine, profile.id, flags);
    seen.same.push(same.cost.seconds);
    costs.push(same.cost);
    await sql('postgres', 'drop database if exists stock_restored with (force)');
    await sql('postgres', 'create database stock_restored template template0');
    seen.stockRestore.push(await timed(join(folder, 'pg_restore'), ['-j2', '-d', 'stock_restored', file], [0, 1]));
    await sql('postgres', 'drop database stock_restored with (force)');
    const restored = await restore(engine, profile.id, auto.backup);
    seen.restore.push(restored.cost.seconds);
    costs.push(restored.cost);
    for (const backup of [auto.backup, same.backup]) await engine.client.backups.remove({ id: backup.id, confirm: backup.id });
  }
  await engine.close();
  say(JSON.stringify({ seen, costs }));
  const reach = major < 16 ? '≤ 0.40' : '≤ 0.20';
  add(`backup auto, to verified success, against pg_dump -Fc, client ${major}`, seen.stock, seen.auto, reach);
  table.push({
    what: `its size, client ${major}`,
    stock: mib(stockBytes),
    howdah: mib(autoBytes),
    ratio: (autoBytes / stockBytes).toFixed(2),
    reach: '≤ 1.00',
  });
  add(`backup with the very flags of pg_dump -Fc, verified, client ${major}`, seen.stock, seen.same, '≤ 1.05');
  add(`restore against pg_restore -j2, client ${major}`, seen.stockRestore, seen.restore, '≤ 1.05');
  const memory = Math.max(...costs.map((cost) => cost.memoryMiB));
  const delay = Math.max(...costs.map((cost) => cost.loopDelayMs));
  table.push({ what: `memory above idle, client ${major}`, stock: '', howdah: `${memory.toFixed(0)} MiB`, ratio: '', reach: '≤ 150 MB' });
  table.push({
    what: `event loop delay, 99th percentile, client ${major}`,
    stock: '',
    howdah: `${delay.toFixed(1)} ms`,
    ratio: '',
    reach: '≤ 50 ms',
  });
}

async function backUp(
  engine: TestEngine,
  profileId: string,
  options: Partial<BackupOptions>,
): Promise<{ backup: SucceededBackup; cost: Cost }> {
  return await measured(async () => ({ backup: await engine.backUpWell(profileId, options) }));
}

async function restore(engine: TestEngine, profileId: string, backup: SucceededBackup): Promise<{ cost: Cost }> {
  const result = await measured(async () => {
    const { jobId } = await engine.client.restores.start({
      source: { kind: 'backup', id: backup.id },
      profileId,
      database: 'howdah_restored',
      create: true,
      jobs: 2,
      confirm: 'howdah_restored',
    });
    const job = await engine.ended(jobId);
    if (job.status !== 'succeeded') throw new Error(JSON.stringify(job));
    return {};
  });
  await sql('postgres', 'drop database howdah_restored with (force)');
  return result;
}

/** A history of 50,000 backups: the newest page, and a search that must look at all of them. */
async function benchList(): Promise<void> {
  const engine = await makeEngine();
  const db = new Database(join(engine.home, 'catalog.sqlite'));
  const facts = JSON.stringify({
    artifacts: [{ name: 'database.dump.zst', sizeBytes: 1, sha256: 'a'.repeat(64) }],
    format: 'custom',
    compression: 'zstd:1',
    quick: false,
    serverVersion: '15.18',
    clientVersion: '15.18',
    tables: 10,
    rows: 1,
  });
  const insert = db.prepare(
    `insert into backups (id, status, profile, database, origin, label, started_at, finished_at, duration_ms, size_bytes, directory, facts, search)
     values (?, 'succeeded', ?, ?, 'schedule', ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  db.transaction(() => {
    for (let i = 0; i < 50_000; i++) {
      const at = new Date(Date.UTC(2020, 0, 1) + i * 3_600_000).toISOString();
      const [profile, database, label] = [`server ${i % 20}`, `db${i % 300}`, `nightly ${i % 77}`];
      insert.run(`bak_${i}`, profile, database, label, at, at, i, i, `/none/${i}`, facts, `${profile} ${database} ${label} bak_${i}`);
    }
  })();
  db.close();
  const call = async (filter: object): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      await engine.client.backups.list(filter);
      times.push(performance.now() - begun);
    }
    return median(times);
  };
  const row = (what: string, ms: number, reach: string): void =>
    void table.push({ what, stock: '', howdah: `${ms.toFixed(ms < 100 ? 1 : 0)} ms`, ratio: '', reach });
  row('the engine alone: list of 50,000 backups', await call({ brief: true }), '');
  row('the engine alone: search in it', await call({ search: 'db299 nightly', brief: true }), '');
  const profile = await engine.addProfile();
  await engine.close();
  const page = await timePage(engine.home, profile);
  row('page with 50,000 backups, from address to usable list', page.loadMs, '≤ 1500 ms');
  row('page with 50,000 backups: open the list', page.openMs, '≤ 200 ms');
  row('page with 50,000 backups: search', page.searchMs, '≤ 200 ms');
  row('calendar: a month of more than 500 runs', page.monthMs, '≤ 1000 ms');
  if (page.windowMs !== null) row('window, from start to usable list of 50,000', page.windowMs, '≤ 1500 ms');
}

function clientFolders(): string[] {
  const more = (process.env['HOWDAH_TEST_CLIENTS'] ?? '')
    .split(':')
    .filter((folder) => folder !== '' && existsSync(join(folder, 'pg_dump')));
  const system = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((name) => join('/usr/lib/postgresql', name, 'bin'))
    : [];
  return [...new Set([cluster.binDirectory, ...system, ...more])].filter((folder) => existsSync(join(folder, 'pg_dump')));
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}

function print(): void {
  console.log(
    `\n${megabytes} MB, ${rounds} round(s), medians; ${availableParallelism()} processors (${cpus()[0]?.model.trim() ?? '?'}), Node ${process.version}\n`,
  );
  console.log("| what | PostgreSQL's tools | Howdah | ratio | reach |\n|---|---|---|---|---|");
  for (const row of table) console.log(`| ${row.what} | ${row.stock} | ${row.howdah} | ${row.ratio} | ${row.reach} |`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
