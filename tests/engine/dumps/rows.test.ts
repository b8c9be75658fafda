import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DumpRows, DumpRowsRequest } from '../../../shared/contract/dumps.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome, temporaryDirectory } from '../../support/home.ts';
import { startCli } from '../../support/run-cli.ts';
import { connect, createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { clients, run, type Client } from './rich-dumps.ts';

const shop = String.raw`
  create role rows_reader;
  create schema app;
  create type app.mood as enum ('fine', 'so-so');
  create function app.shout(t text) returns text language sql immutable as 'select upper(t)';
  create table app.people (id int generated always as identity primary key, name text not null unique check (app.shout(name) <> ''), mood app.mood,
    note text default app.shout('x'), loud text generated always as (app.shout(name)) stored);
  insert into app.people (name, mood, note) select 'name ' || n, case when n % 3 = 0 then null else 'fine'::app.mood end,
    case n when 1 then null when 2 then '' when 3 then '\N' when 4 then E'two\nlines\tand\\a tab' else '🐘' end from generate_series(1, 250) n;
  create table app.orders (id int primary key, person int references app.people);
  insert into app.orders select n, n from generate_series(1, 50) n;
  alter table app.people enable row level security;
  create policy see on app.people to rows_reader using (true);
  grant select on app.people to rows_reader;
  create trigger t before insert on app.people for each row execute function suppress_redundant_updates_trigger();
  create table app.events (id int, year int) partition by list (year);
  create table app.e24 partition of app.events for values in (2024);
  create table app.e25 (year int, id int);
  alter table app.events attach partition app.e25 for values in (2025);
  insert into app.events select n, 2024 + n % 2 from generate_series(1, 20) n;
  create table app.none ();
  create table app.empty (a int, b text);
`.replace('create trigger t before insert on app.people for each row execute function suppress_redundant_updates_trigger();', '');

let engine: TestEngine;
let database: string;
let folder: string;
beforeAll(async () => {
  engine = await makeEngine();
  await sql('postgres', 'drop role if exists rows_reader');
  database = await createDatabase(shop);
  folder = temporaryDirectory('rows');
});
afterAll(async () => {
  await engine.close();
  await dropDatabase(database);
  await sql('postgres', 'drop role if exists rows_reader');
});

const own = (): Client => clients()[0] as Client;
function dumped(name: string, args: string[]): string {
  const path = join(folder, name);
  if (!existsSync(path)) run(own(), 'pg_dump', [...args, '-f', path, '-d', database]);
  return path;
}
async function rowsOf(path: string, table: string, change: Partial<DumpRowsRequest> = {}): Promise<DumpRows> {
  const { id } = await engine.client.dumps.open({ path });
  return engine.client.dumps.rows({ source: { kind: 'file', id }, table: { schema: 'app', table }, ...change });
}
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (thrown: Error & { code?: string }) => thrown.code ?? thrown.message,
  );

const forms: [string, string[]][] = [
  ['custom', ['-Fc']],
  ['directory', ['-Fd']],
  ['tar', ['-Ft']],
  ['plain', ['-Fp']],
  ['inserts', ['-Fp', '--inserts']],
];

describe('without a condition', () => {
  it.each(forms)('%s: values as PostgreSQL prints them, in pages', async (name, args) => {
    const path = dumped(name, args);
    const first = await rowsOf(path, 'people', { limit: 4 });
    expect(first).toEqual({
      columns: ['id', 'name', 'mood', 'note'],
      rows: [
        ['1', 'name 1', 'fine', null],
        ['2', 'name 2', 'fine', ''],
        ['3', 'name 3', null, '\\N'],
        ['4', 'name 4', 'fine', 'two\nlines\tand\\a tab'],
      ],
      more: true,
    });
    const last = await rowsOf(path, 'people', { offset: 248, limit: 10 });
    expect(last.rows.map((row) => row[0])).toEqual(['249', '250']);
    expect(last.more).toBe(false);
    expect(await rowsOf(path, 'people', { offset: 249, limit: 1 })).toMatchObject({ more: false });
    expect(await rowsOf(path, 'people', { offset: 1000 })).toMatchObject({ rows: [], more: false });
    expect(await rowsOf(path, 'empty')).toEqual({ columns: ['a', 'b'], rows: [], more: false });
    expect(await rowsOf(path, 'none')).toEqual({ columns: [], rows: [], more: false });
    expect(await codeOf(rowsOf(path, 'nothing'))).toBe('TABLE_NOT_IN_DUMP');
  });

  it.each(forms)('%s: a partitioned table has the rows of its partitions, column by column', async (name, args) => {
    const found = await rowsOf(dumped(name, args), 'events');
    const expected = await sql<{ id: number; year: number }>(database, 'select id, year from app.events');
    const id = found.columns.indexOf('id');
    const year = found.columns.indexOf('year');
    const sorted = (rows: string[]): string[] => rows.toSorted((a, b) => a.localeCompare(b));
    expect(sorted(found.rows.map((row) => `${row[id]} ${row[year]}`))).toEqual(sorted(expected.map((row) => `${row.id} ${row.year}`)));
  });

  it('keeps no row in the catalog', async () => {
    await rowsOf(dumped('custom', ['-Fc']), 'people', { limit: 7 });
    const [job] = await engine.client.jobs.list({ active: false, limit: 1 });
    expect(job).toMatchObject({ kind: 'rows', status: 'succeeded', result: { rows: 7, more: true } });
    const { lines } = await engine.client.jobs.log({ id: job?.id ?? '', afterSequence: 0 });
    expect(lines.map((line) => line.text).join('\n')).not.toMatch(/name \d|two/);
  });

  it('of a dump that was cut off: what is still there, then DUMP_INCOMPLETE', async () => {
    const path = join(folder, 'cut');
    run(own(), 'pg_dump', ['-Fc', '-Z0', '-f', path, '-d', database]);
    const bytes = readFileSync(path);
    truncateSync(path, bytes.indexOf('name 200'));
    expect((await rowsOf(path, 'people', { limit: 5 })).rows.length).toBe(5);
    expect(await codeOf(rowsOf(path, 'people', { limit: 1000 }))).toBe('DUMP_INCOMPLETE');
    expect(statSync(path).size).toBeGreaterThan(0);
  });
});

describe('with a condition', () => {
  it.each(forms)('%s: on a server of this machine that is gone afterwards', async (name, args) => {
    const found = await rowsOf(dumped(name, args), 'people', { where: 'mood is null and id > 100 -- those', limit: 3, offset: 1 });
    expect(found.columns).toEqual(['id', 'name', 'mood', 'note', 'loud']);
    expect(found.rows).toEqual([105, 108, 111].map((n) => [String(n), `name ${n}`, null, '🐘', `NAME ${n}`]));
    expect(found.more).toBe(true);
    expect(await leftBehind()).toEqual([]);
  });

  it('on a throw-away database of a profile', async () => {
    const { id } = await engine.addProfile({ database: 'postgres' });
    const before = await sql('postgres', 'select datname from pg_database order by 1');
    const found = await rowsOf(dumped('custom', ['-Fc']), 'events', { where: 'id <= 3', profileId: id });
    expect(found.rows.map((row) => row.join(' ')).toSorted((a, b) => a.localeCompare(b))).toEqual(['1 2025', '2 2024', '3 2025']);
    expect(await sql('postgres', 'select datname from pg_database order by 1')).toEqual(before);
  });

  it('of tables in a tablespace that this machine does not have, with policies for roles that it does not have', async () => {
    const client = await connect();
    await client.query('set allow_in_place_tablespaces = on');
    await client.query(`create tablespace "Fast disk" location ''`);
    await client.query('create role rows_policy');
    await client.end();
    const elsewhere = await createDatabase(
      `create schema app; create table app.t (a int) tablespace "Fast disk"; insert into app.t values (1), (2);
       alter table app.t enable row level security; create policy p on app.t to rows_policy using (true); alter table app.t owner to rows_policy;`,
    );
    const archive = join(folder, 'spaced');
    const script = join(folder, 'roles.sql');
    run(own(), 'pg_dump', ['-Fc', '-f', archive, '-d', elsewhere]);
    run(own(), 'pg_dump', ['-Fp', '--no-tablespaces', '-f', script, '-d', elsewhere]);
    await dropDatabase(elsewhere);
    await sql('postgres', 'drop tablespace "Fast disk"');
    await sql('postgres', 'drop role rows_policy');
    for (const path of [archive, script]) expect((await rowsOf(path, 't', { where: 'a > 1' })).rows).toEqual([['2']]);
  });

  it('names an extension that this machine does not offer', async () => {
    const path = join(folder, 'extension.sql');
    writeFileSync(path, 'create extension no_such_extension;\ncreate table app.people (a int);\ninsert into app.people values (1);\n');
    expect(await codeOf(rowsOf(path, 'people', { where: 'true' }))).toBe('EXTENSIONS_MISSING');
    expect((await rowsOf(path, 'people')).rows).toEqual([['1']]);
  });

  it('says in the words of the server what is wrong with it', async () => {
    const { id } = await engine.addProfile({ database: 'postgres' });
    const path = dumped('custom', ['-Fc']);
    await expect(rowsOf(path, 'people', { where: 'nmae = 1', profileId: id })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('"nmae"') as string,
    });
    for (const where of ['name =', 'id / 0 = 1', "nextval('app.people_id_seq') > 0", "set_config('a.b', 'c', false)"]) {
      expect(await codeOf(rowsOf(path, 'people', { where, profileId: id })), where).toBe('BAD_INPUT');
    }
    expect((await rowsOf(path, 'people', { where: "name <> 'a;b)' and id = 1", profileId: id })).rows.length).toBe(1);
  });

  it.each(['true; drop table app.people', ';', 'true) or (true', '(true', "name = 'x", '/* ', 'true) union select 1 --', ' '])(
    'refuses %s without asking any server',
    async (where) => {
      const before = await engine.client.jobs.list({ active: false, limit: 100 });
      expect(await codeOf(rowsOf(dumped('custom', ['-Fc']), 'people', { where }))).toBe('BAD_INPUT');
      expect((await engine.client.jobs.list({ active: false, limit: 100 })).length).toBe(before.length);
    },
  );

  it('runs nothing of a hostile script', async () => {
    const path = join(folder, 'hostile.sql');
    writeFileSync(path, 'create table app.people (a int);\n\\! touch /tmp/pwned\ninsert into app.people values (1);\n');
    expect(await codeOf(rowsOf(path, 'people', { where: 'true' }))).toBe('DUMP_UNSAFE');
    expect(await codeOf(rowsOf(path, 'people'))).toBe('DUMP_UNSAFE');
  });

  it('can be cancelled while the server works', async () => {
    const asked = rowsOf(dumped('custom', ['-Fc']), 'people', { where: 'pg_sleep(60) is not null' });
    const outcome = codeOf(asked);
    const job = await until('the condition is being judged', async () =>
      (await engine.client.jobs.list({ active: true, limit: 10 })).find(
        (one) => one.status === 'running' && one.progress.phase === 'Asking',
      ),
    );
    await engine.client.jobs.cancel({ id: job.id });
    expect(await outcome).toBe('CANCELLED');
    expect(await leftBehind()).toEqual([]);
  });
});

/** Where the job's private server keeps its data: one of both is used. */
const serverFolder = (home: string, jobId: string): string | null =>
  [tmpdir(), join(home, 'tmp')].map((parent) => join(parent, `howdah-server-${jobId}`)).find((path) => existsSync(path)) ?? null;

/** Server programs and folders of the engine's last job. */
async function leftBehind(): Promise<unknown[]> {
  const [job] = await engine.client.jobs.list({ active: false, limit: 1 });
  const id = job?.id ?? '';
  return [...processesOf(id), serverFolder(engine.home, id)].filter((one) => one !== null);
}

function processesOf(jobId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOWDAH_JOB=${jobId}`);
      } catch {
        return false; // it ended meanwhile
      }
    });
}

describe.runIf(existsSync('/proc/self/environ'))('killed while a private server runs', () => {
  it('the next start stops the server and removes its folder', async () => {
    const home = makeHome();
    const path = dumped('custom', ['-Fc']);
    const { child, ended } = startCli(['rows', path, 'app.people', '--where', 'pg_sleep(60) is not null'], { home });
    const [folder, id] = await until('the server answers', () => {
      const found = jobIdsIn(home).map((one) => [serverFolder(home, one), one] as const);
      return found.find(([path]) => path !== null && readyIn(path));
    });
    const server = folder ?? '';
    const pid = Number(readFileSync(join(server, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect(processesOf(id)).toContain(pid);
    child.kill('SIGKILL');
    await ended;
    expect(execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe('postgres');

    const next = await makeEngine({ home });
    await until('the server is gone', () => !existsSync(`/proc/${pid}`));
    expect(existsSync(server)).toBe(false);
    await until('its processes are gone', () => processesOf(id).length === 0);
    expect(await next.client.jobs.list({ active: true, limit: 10 })).toEqual([]);
    await next.close();
  });
});

/** Jobs of that home, by the names of their logs. */
const jobIdsIn = (home: string): string[] =>
  existsSync(home) ? readdirSync(home, { recursive: true }).flatMap((name) => /job_\w+/.exec(String(name))?.[0] ?? []) : [];

const readyIn = (server: string | null): boolean => {
  const file = join(server ?? '', 'data', 'postmaster.pid');
  return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready';
};
