import { createHash } from 'node:crypto';
// Damage is found, by hashes and by reading; and a catalog that is lost is rebuilt.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SucceededBackup, Verification } from '../../../shared/contract/backups.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { until } from '../../support/wait.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';

let engine: TestEngine;
let profile: Profile;
let database: string;

beforeAll(async () => {
  database = await createDatabase(
    'create table t (id int primary key, x text); insert into t select i, md5(i::text) from generate_series(1, 5000) i; create table log (id int); insert into log values (1)',
  );
  engine = await makeEngine();
  profile = await engine.addProfile({ database, clientDirectory: testServer().binDirectory });
});
afterAll(async () => {
  expect(engine.faults).toEqual([]);
  await engine.close();
  await dropDatabase(database);
});

async function verify(source: { kind: 'backup' | 'file'; id: string }, deep = false, of = engine): Promise<Verification> {
  const { jobId } = await of.client.backups.verify({ source, deep });
  const job = await of.ended(jobId);
  if (job.status !== 'succeeded') throw new Error(JSON.stringify(job));
  return job.result as Verification;
}

const bad = (verification: Verification): string[] => verification.checks.filter((check) => !check.ok).map((check) => check.name);
const throwAways = () => sql<{ datname: string }>('postgres', "select datname from pg_database where datname like 'howdah\\_tmp\\_%'");

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

describe('our own backups', () => {
  test('a good one is good, and its newest verification is on record', async () => {
    const backup = await engine.backUpWell(profile.id);
    const result = await verify({ kind: 'backup', id: backup.id });
    expect(result).toMatchObject({ ok: true, deep: false });
    expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ verification: { at: result.at } });
  });

  const damage: [string, (main: string, backup: SucceededBackup) => void, string[]][] = [
    ['one flipped bit in the middle', (main) => flipByte(main, Math.floor(statSync(main).size / 2)), ['SHA-256 and size']],
    ['cut off', (main) => truncateSync(main, Math.floor(statSync(main).size * 0.8)), ['SHA-256 and size', 'readable to the end']],
    ['emptied', (main) => truncateSync(main, 0), ['SHA-256 and size', 'readable to the end']],
    ['missing', (main) => rmSync(main), ['files present', 'readable to the end']],
    ['a stranger beside it', (_main, backup) => writeFileSync(join(backup.directory, 'other.bin'), 'x'), ['no other files']],
    ['no manifest', (_main, backup) => rmSync(join(backup.directory, 'manifest.json')), ['manifest']],
  ];
  test.each(damage)('custom: %s', async (_name, spoil, found) => {
    const backup = await engine.backUpWell(profile.id, { format: 'custom', compression: 'none' });
    spoil(join(backup.directory, 'database.dump'), backup);
    const result = await verify({ kind: 'backup', id: backup.id });
    expect(result.ok).toBe(false);
    expect(bad(result)).toEqual(found);
    expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ status: 'succeeded', verification: { ok: false } });
  });

  test.each([20, 60, 99])('directory: a data file cut at %i per cent', async (percent) => {
    const backup = await engine.backUpWell(profile.id, { format: 'directory', compression: 'gzip:1' });
    const biggest = [...backup.artifacts].sort((a, b) => b.sizeBytes - a.sizeBytes)[0];
    truncateSync(join(backup.directory, biggest?.name ?? ''), Math.floor(((biggest?.sizeBytes ?? 0) * percent) / 100));
    expect(bad(await verify({ kind: 'backup', id: backup.id }))).toEqual(['SHA-256 and size', 'readable to the end']);
  });

  test('deep: restored, counted, dropped', async () => {
    const backup = await engine.backUpWell(profile.id, { excludeTableData: ['log'] });
    const result = await verify({ kind: 'backup', id: backup.id }, true);
    expect(result).toMatchObject({ ok: true, deep: true });
    expect(result.checks.at(-1)).toMatchObject({ name: 'row counts', detail: '2 of 2 tables compared, all equal' });
    expect(await throwAways()).toEqual([]);
  });

  test('deep as a part of the backup', async () => {
    const backup = await engine.backUpWell(profile.id, { deepVerify: true, format: 'directory', compression: 'gzip:1' });
    expect(backup.verification).toMatchObject({ ok: true, deep: true });
    expect(await throwAways()).toEqual([]);
  });

  test('a folder with a manifest that cannot be read is no good backup, by its path either', async () => {
    const backup = await engine.backUpWell(profile.id);
    writeFileSync(join(backup.directory, 'manifest.json'), '{"artifacts":');
    const file = await engine.client.dumps.open({ path: backup.directory });
    expect(bad(await verify({ kind: 'file', id: file.id }))).toEqual(['manifest']);
  });

  test('a file changed together with its manifest, and a link in place of a file', async () => {
    const backup = await engine.backUpWell(profile.id, { format: 'plain', compression: 'none' });
    const [dump, manifest] = [join(backup.directory, 'database.sql'), join(backup.directory, 'manifest.json')];
    const text = readFileSync(dump, 'utf8');
    writeFileSync(dump, text.replace('\n5000\t', '\n5001\t'));
    const sha256 = createHash('sha256').update(readFileSync(dump)).digest('hex');
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, before.replace(backup.artifacts[0]?.sha256 ?? '', sha256));
    expect(bad(await verify({ kind: 'backup', id: backup.id }))).toEqual(['manifest']);
    writeFileSync(manifest, before);
    rmSync(dump);
    writeFileSync(join(engine.home, 'elsewhere.sql'), text);
    symlinkSync(join(engine.home, 'elsewhere.sql'), dump);
    expect(bad(await verify({ kind: 'backup', id: backup.id }))).toEqual(['files of its own']);
  });

  test('deep: rows that the manifest counts and the dump lacks', async () => {
    const backup = await engine.backUpWell(profile.id);
    const path = join(backup.directory, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { tables: { table: string; rows: number }[] };
    for (const table of manifest.tables) if (table.table === 't') table.rows += 1;
    writeFileSync(path, JSON.stringify(manifest));
    const result = await verify({ kind: 'backup', id: backup.id }, true);
    expect(bad(result)).toEqual(['row counts']);
    expect(result.checks.at(-1)?.detail).toContain('public.t has 5000 rows instead of 5001');
  });
});

describe('what says nothing of the backup fails the job, and leaves no verdict', () => {
  const failed = async (id: string, deep = false, onProfileId?: string) => {
    const { jobId } = await engine.client.backups.verify({ source: { kind: 'backup', id }, deep, ...(onProfileId && { onProfileId }) });
    return await engine.ended(jobId);
  };
  const verdict = async (id: string) => {
    const backup = await engine.client.backups.get({ id });
    return backup.status === 'succeeded' ? backup.verification : null;
  };

  test('a folder, or the disk above it, that is not there now', async () => {
    const backup = await engine.backUpWell(profile.id);
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

  test('a manifest that cannot be read for a reason of the disk', async () => {
    const backup = await engine.backUpWell(profile.id);
    const path = join(backup.directory, 'manifest.json');
    renameSync(path, `${path}.good`);
    // Not missing and not damaged: the system cannot follow it.
    symlinkSync('manifest.json', path);
    expect(await failed(backup.id)).toMatchObject({ status: 'failed', error: { code: 'FILE_NOT_READABLE' } });
    rmSync(path);
    renameSync(`${path}.good`, path);
    expect(await verdict(backup.id)).toEqual(backup.verification);
  });

  test('deep: an extension that the server does not offer', async () => {
    const backup = await engine.backUpWell(profile.id, { format: 'plain', compression: 'none' });
    const dump = join(backup.directory, 'database.sql');
    const text = readFileSync(dump, 'utf8').replace(
      'SET default_tablespace',
      'CREATE EXTENSION IF NOT EXISTS nobody_has_this;\n\nSET default_tablespace',
    );
    writeFileSync(dump, text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const [path, own] = [join(backup.directory, 'manifest.json'), backup.artifacts[0]];
    const rewritten = readFileSync(path, 'utf8')
      .replace(own?.sha256 ?? '', sha256)
      .replace(`"sizeBytes": ${own?.sizeBytes}`, `"sizeBytes": ${Buffer.byteLength(text)}`);
    writeFileSync(path, rewritten);
    const file = await engine.client.dumps.open({ path: backup.directory });
    const { jobId } = await engine.client.backups.verify({ source: { kind: 'file', id: file.id }, deep: true, onProfileId: profile.id });
    expect(await engine.ended(jobId)).toMatchObject({
      status: 'failed',
      error: { code: 'EXTENSIONS_MISSING', message: expect.stringContaining('nobody_has_this') },
    });
    expect(await throwAways()).toEqual([]);
  });
});

describe('any dump file', () => {
  test('a good one, also deep on the only profile', async () => {
    const backup = await engine.backUpWell(profile.id, { format: 'plain', compression: 'none' });
    const copy = join(temporaryDirectory('dump'), 'whatever.bin');
    cpSync(join(backup.directory, 'database.sql'), copy);
    const file = await engine.client.dumps.open({ path: copy });
    expect((await verify({ kind: 'file', id: file.id })).ok).toBe(true);
    const deep = await verify({ kind: 'file', id: file.id }, true);
    expect(deep).toMatchObject({ ok: true, deep: true });
    expect(await throwAways()).toEqual([]);
  });
  test.each([20, 60, 80, 99])('custom cut at %i per cent', async (percent) => {
    const backup = await engine.backUpWell(profile.id, { format: 'custom', compression: 'gzip' });
    const copy = join(temporaryDirectory('dump'), 'cut.dump');
    cpSync(join(backup.directory, 'database.dump'), copy);
    truncateSync(copy, Math.floor((statSync(copy).size * percent) / 100));
    const file = await engine.client.dumps.open({ path: copy });
    expect((await verify({ kind: 'file', id: file.id })).ok).toBe(false);
  });
  test('which server is asked for where it is not clear', async () => {
    const second = await engine.addProfile({ database });
    const folder = temporaryDirectory('dump');
    writeFileSync(join(folder, 'x.sql'), 'select 1;\n');
    const file = await engine.client.dumps.open({ path: join(folder, 'x.sql') });
    await expect(engine.client.backups.verify({ source: { kind: 'file', id: file.id }, deep: true })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await engine.client.profiles.remove({ id: second.id });
  });
});

describe('rescan', () => {
  test('a lost catalog is rebuilt from the folders, ids and all', async () => {
    const first = await makeEngine();
    const own = await first.addProfile({ database, name: 'rebuilt' });
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
    expect((await verify({ kind: 'backup', id: two.id }, false, again)).ok).toBe(true);
    await again.close();
  });
  test('a folder that was moved is found at its new place', async () => {
    const backup = await engine.backUpWell(profile.id);
    const elsewhere = temporaryDirectory('moved');
    renameSync(backup.directory, join(elsewhere, 'x'));
    expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ present: false });
    await engine.client.backups.rescan({ directory: elsewhere });
    expect(await engine.client.backups.get({ id: backup.id })).toMatchObject({ present: true, directory: join(elsewhere, 'x') });
  });
});

test('pins, origins and schedules survive a catalog that is lost', async () => {
  const first = await makeEngine();
  const own = await first.addProfile({ database, name: 'pinned' });
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
  expect((await verify({ kind: 'backup', id: byHand }, false, first)).ok).toBe(true);
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

describe('delete', () => {
  test('needs its id repeated; then folder and row are gone', async () => {
    const backup = await engine.backUpWell(profile.id);
    await expect(engine.client.backups.remove({ id: backup.id, confirm: 'yes' })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    expect(existsSync(backup.directory)).toBe(true);
    expect(await engine.client.backups.remove({ id: backup.id, confirm: backup.id })).toMatchObject({ removed: backup.id });
    expect(existsSync(backup.directory)).toBe(false);
    expect(existsSync(`${backup.directory}.deleted`)).toBe(false);
    await expect(engine.client.backups.get({ id: backup.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
  test('not while a job uses it', async () => {
    const backup = await engine.backUpWell(profile.id);
    const { jobId } = await engine.client.backups.verify({ source: { kind: 'backup', id: backup.id }, deep: false });
    await expect(engine.client.backups.remove({ id: backup.id, confirm: backup.id })).rejects.toMatchObject({ code: 'BUSY' });
    await engine.ended(jobId);
    await engine.client.backups.remove({ id: backup.id, confirm: backup.id });
  });
  test('one whose folder is gone already', async () => {
    const backup = await engine.backUpWell(profile.id);
    rmSync(backup.directory, { recursive: true });
    expect(await engine.client.backups.remove({ id: backup.id, confirm: backup.id })).toMatchObject({ freedBytes: 0 });
  });
});

test('label, search, filter, CSV and backup_log.json', async () => {
  const own = await makeEngine();
  const a = await own.addProfile({ database, name: 'Alpha' });
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

test('50,000 rows stay quick', async () => {
  const own = await makeEngine();
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(join(own.home, 'catalog.sqlite'));
  const facts = JSON.stringify({
    artifacts: [{ name: 'database.dump', sizeBytes: 5, sha256: 'a'.repeat(64) }],
    format: 'custom',
    compression: 'zstd:1',
    quick: false,
    serverVersion: '15',
    clientVersion: '15',
    tables: 10,
    rows: 1,
    padding: 'x'.repeat(800),
  });
  const insert = db.prepare(
    "insert into backups (id, status, profile, database, origin, label, started_at, finished_at, duration_ms, size_bytes, directory, facts, search) values (?, 'succeeded', ?, ?, 'schedule', ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  db.transaction(() => {
    for (let i = 0; i < 50_000; i++) {
      const at = new Date(Date.UTC(2020, 0, 1) + i * 3_600_000).toISOString();
      insert.run(
        `bak_${i}`,
        `p${i % 20}`,
        `db${i % 300}`,
        `label ${i % 77}`,
        at,
        at,
        i,
        (i * 7919) % 100_000,
        `/x/${i}`,
        facts,
        `p${i % 20} db${i % 300} label ${i % 77} bak_${i}`,
      );
    }
  })();
  db.close();
  const times: number[] = [];
  for (const filter of [
    {},
    { search: 'db299 label' },
    { search: 'nothing of the kind' },
    { status: 'succeeded' as const, sort: 'sizeBytes' as const },
    { profile: 'p7', offset: 2000 },
    { sort: 'database' as const, descending: false },
  ]) {
    await own.client.backups.list({ limit: 100, ...filter });
    const begun = performance.now();
    await own.client.backups.list({ limit: 100, ...filter });
    times.push(performance.now() - begun);
  }
  expect(Math.max(...times), times.map((time) => time.toFixed(1)).join(' ')).toBeLessThan(200);
  await own.close();
});
