// Compared on another server the counts and rows are those that a comparison beside the live tables gives.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import type { EngineContext } from '../../../electron/engine/context.ts';
import type { JobRun } from '../../../electron/engine/jobs/jobs.ts';
import { compareElsewhere, type PreparedElsewhere } from '../../../electron/engine/previews/elsewhere.ts';
import type { PreviewInput } from '../../../electron/engine/previews/prepare.ts';
import { previewRequest, rowKinds, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql, testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { inJob, startJob } from '../dumps/rows-support.ts';
import { databases, leftoversOf, pgDump } from '../restores/support.ts';
import { targetOf } from '../schema/support.ts';

let engine: TestEngine;
let other: Profile;
beforeAll(async () => {
  engine = await makeEngine();
  other = await engine.addProfile();
});
afterAll(() => engine.close());

const context = (): EngineContext =>
  ({
    ports: engine.ports,
    settings: () => ({ stuckAfterSeconds: 60 }),
    profiles: { get: () => other, target: () => Promise.resolve(targetOf('postgres')) },
  }) as unknown as EngineContext;

type As = { user: string; password: string };

async function elsewhere(
  job: JobRun,
  database: string,
  path: string,
  as: As,
  change: Partial<PreviewRequest> = {},
): Promise<PreparedElsewhere> {
  const dump = { ...(await inspectDump(path)), backupId: null };
  const request = previewRequest.parse({ source: { kind: 'file', id: 'fil_x' }, profileId: other.id, stageOn: other.id, ...change });
  const input: PreviewInput = { id: 'pre_x', request, profile: other, target: targetOf(database, as), dump, path };
  return await compareElsewhere(context(), job, input);
}

async function beside(database: string, path: string, change: Partial<PreviewRequest> = {}): Promise<Preview> {
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

const odd = String.raw`
  create extension citext; create schema app; create type app.mood as enum ('ok', 'so, so'); create domain app.cents as numeric(12,4); create domain app.stamp as timestamptz;
  create type app.pair as (a int, b text);
  create table app.odd (id bigint primary key, mood app.mood, moods app.mood[], n numeric, price numeric(10,2), c app.cents, at timestamptz, st app.stamp, f float8, r real, j json, jb jsonb, x xml, p app.pair,
    pt point, b bytea, iv interval, ch char(5), vc varchar(9), bits bit(4), tz timetz, rng tstzrange, mails citext unique, code text, part int, made text generated always as (code || '!') stored,
    cls regclass, ps text[], unique (code, part));
  create table app.nokey (a int, b text, at timestamptz);
  create table app.folded (k citext primary key, v text);
  create table app.events (id int, at date, what text, primary key (id, at)) partition by range (at);
  create table app.events_a partition of app.events for values from ('2020-01-01') to ('2021-01-01');
  create table app.events_b partition of app.events for values from ('2021-01-01') to ('2022-01-01');
  create table app.tagged (label text not null unique, note text); create table app.none (); create unique index on app.tagged (lower(note));
  insert into app.odd (id, mood, moods, n, price, c, at, st, f, r, j, jb, x, p, pt, b, iv, ch, vc, bits, tz, rng, mails, code, part, cls, ps)
    select i, 'so, so', '{ok,"so, so"}', 1.0 * i, i, i / 3.0, timestamptz '2024-03-31 01:30+00' + i * interval '7 hours', '2024-06-01 12:00+02', i / 7.0::float8, i / 7.0::real,
      '{ "b":1,  "a":2}', '{"b":1,"a":[2, 3]}', '<a  b="1"/>', row(i, 'x,"y"'::text)::app.pair, point(i, -0.5), decode(md5(i::text), 'hex'), make_interval(days => i, hours => 30), 'ab', 'é 🐘 ' || i, b'1010', '10:00+03',
      tstzrange(now(), now() + interval '1 day'), 'Mail' || i || '@X', E'co\tde\\' || i, i % 3, 'app.odd', array['a b', null, 'c"d'] from generate_series(1, 300) i;
  insert into app.odd (id) values (1000), (1001);
  insert into app.nokey select i % 5, 'x', '2024-01-01 00:00+00' from generate_series(1, 40) i; insert into app.nokey values (null, null, null), (null, '', null);
  insert into app.folded values ('Alpha', '1'), ('BETA', '2'), ('gamma', '3');
  insert into app.events select i, '2020-06-01'::date + i, 'w' || i from generate_series(1, 400) i;
  insert into app.tagged select 'l' || i, 'n' || i from generate_series(1, 20) i;`;

const edits = String.raw`
  update app.odd set mood = 'ok' where id = 1; update app.odd set n = n + 0.00 where id = 2; update app.odd set at = at + interval '1 microsecond' where id = 3; update app.odd set j = '{"b":1, "a":2}' where id = 4;
  update app.odd set jb = '{"a":[2,3], "b":1}' where id = 5; update app.odd set f = f + 1e-15 where id in (6, 7); update app.odd set p = row(8, null::text)::app.pair where id = 8; update app.odd set mails = upper(mails) where id = 9;
  update app.odd set vc = null, b = '', ps = null where id in (10, 11, 12); update app.odd set vc = '' where id = 13; update app.odd set iv = iv * 1 where id = 14; update app.odd set st = null, c = null where id = 15;
  delete from app.odd where id between 20 and 29; insert into app.odd (id, code) select i, 'fresh' || i from generate_series(2000, 2004) i;
  update app.odd set mails = 'Mail20@X' where id = 2001; update app.odd set code = E'co\tde\\21', part = 0 where id = 2002;
  delete from app.nokey where ctid in (select ctid from app.nokey where a = 1 limit 3); insert into app.nokey values (2, 'x', '2024-01-01 01:00+01'), (9, 'y', null);
  update app.folded set v = 'changed' where k = 'alpha'; update app.folded set k = 'beta' where k = 'beta'; insert into app.folded values ('delta', '4'); delete from app.folded where k = 'gamma';
  delete from app.events where id = 7; update app.events set what = 'other' where id in (300, 301); insert into app.events values (999, '2021-12-30', 'more');
  delete from app.tagged where label = 'l3'; update app.tagged set note = null where label = 'l4';`;

/** What must be the same for both ways. */
const essence = (preview: Preview) => ({
  totals: preview.totals,
  strategies: preview.strategies,
  tables: preview.tables.map(({ sample: _sample, warnings: _warnings, blockers: _blockers, ...table }) => table),
  schema: preview.schema,
});

test('counts, columns and rows are those of a comparison beside, for odd types, keys, partitions and clashes', async () => {
  const database = await createDatabase(odd);
  // The dump is printed under another time zone than anything else here.
  await sql('postgres', `alter database "${database}" set timezone = 'Asia/Kolkata'`);
  const path = pgDump(database, ['-Fc']);
  await sql(database, edits);
  const role = await createRole();
  await sql(database, `grant usage on schema app to "${role.user}"; grant select on all tables in schema app to "${role.user}"`);
  const expected = await beside(database, path, { sample: 3 });
  expect(expected.totals).toMatchObject({ new: expect.any(Number), uniqueClashes: 2 });
  const found = await inJob(engine, (job) => elsewhere(job, database, path, role, { sample: 3 }));
  expect(found.preview.tables.flatMap(({ blockers }) => blockers.map(({ message }) => message))).toEqual([]);
  expect(essence(found.preview)).toEqual(essence(expected));
  expect(found.preview).toMatchObject({ staging: 'elsewhere', safe: false, reasons: [{ code: 'STAGED_ELSEWHERE' }] });
  expect(found.preview.fingerprint).not.toBe(expected.fingerprint);
  expect(found.preview.tables.find((table) => table.table === 'tagged')?.warnings.map(({ code }) => code)).toEqual(['RULES_NOT_LOOKED_AT']);
  let seen = 0;
  for (const { schema, table } of expected.tables) {
    for (const kind of rowKinds) {
      const asked = { schema, table, kind, offset: 0, limit: 100 };
      const there = await engine.client.previews.rows({ id: expected.id, ...asked });
      const here = await found.page(asked);
      const sorted = ({ rows, total }: typeof here) => ({ total, rows: rows.map((row) => JSON.stringify(row)).toSorted() });
      expect.soft(sorted(here), `${table} ${kind}`).toEqual(sorted(there));
      seen += here.rows.length;
    }
  }
  expect(seen).toBeGreaterThan(30);
  const search = await found.page({ schema: 'app', table: 'odd', kind: 'conflict', search: '9', column: 'mails', offset: 0, limit: 5 });
  expect(search).toMatchObject({
    total: 1,
    rows: [{ key: { id: '9' }, changes: [{ column: 'mails', live: 'MAIL9@X', backup: 'Mail9@X' }] }],
  });
  await engine.client.previews.close({ id: expected.id });
  await found.drop();
  await found.drop();
  expect(await databases('howdah_tmp_%')).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(database);
});

test('named keys, keys that are none, values that do not fit, missing tables', async () => {
  const database =
    await createDatabase(`create table a (x int, y text); create table b (x int primary key); create table c (v varchar(9), id int primary key); create table gone (id int);
    insert into a values (1, 'p'), (2, 'q'); insert into b values (1); insert into c values ('123456789', 1); insert into gone values (1)`);
  const path = pgDump(database, ['-Fc']);
  await sql(database, `update a set y = 'r' where x = 1; drop table gone; update c set v = 'x'; alter table c alter v type varchar(3)`);
  const role = await createRole();
  await sql(database, `grant select on all tables in schema public to "${role.user}"; revoke select on b from "${role.user}"`);
  const keys = [{ schema: 'public', table: 'a', columns: ['x'] }];
  const found = await inJob(engine, (job) => elsewhere(job, database, path, role, { keys }));
  const by = Object.fromEntries(found.preview.tables.map((table) => [table.table, table]));
  expect(by['a']).toMatchObject({ conflicts: 1, identical: 1, key: { kind: 'chosen', columns: ['x'] } });
  expect(by['a']?.sample).toEqual([{ kind: 'conflict', key: { x: '1' }, changes: [{ column: 'y', live: 'r', backup: 'p' }] }]);
  expect([by['b'], by['c'], by['gone']].map((table) => table?.blockers.map(({ code }) => code))).toEqual([
    ['NO_PRIVILEGE'],
    ['VALUES_DO_NOT_FIT'],
    ['TABLE_MISSING'],
  ]);
  await found.drop();
  await sql(database, 'insert into a values (2, null)');
  const double = await inJob(engine, (job) => elsewhere(job, database, path, role, { keys, tables: [{ schema: 'public', table: 'a' }] }));
  expect(double.preview.tables[0]).toMatchObject({ compared: false, blockers: [{ code: 'KEY_NOT_UNIQUE' }] });
  await double.drop();
  await expect(
    inJob(engine, (job) => elsewhere(job, database, path, role, { rows: [{ schema: 'public', table: 'a', where: 'true' }] })),
  ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(await databases('howdah_tmp_%')).toEqual([]);
  await dropDatabase(database);
});

test('nothing is written at the target, and no lock is met; a cancel leaves nothing on either server', async () => {
  const database = await createDatabase(
    'create table t (id int primary key, v text); insert into t select i, i::text from generate_series(1, 1000) i',
  );
  const path = pgDump(database, ['-Fc']);
  await sql('postgres', `alter database "${database}" set default_transaction_read_only = on`);
  const locker = await connect(database);
  try {
    await locker.query('begin read write; lock table t in exclusive mode');
    const found = await inJob(engine, (job) => elsewhere(job, database, path, testServer()));
    expect(found.preview.totals).toMatchObject({ rows: 1000, identical: 1000 });
    await found.drop();
    await locker.query('rollback; begin read write; lock table t in access exclusive mode');
    const started = startJob(engine, (job) => elsewhere(job, database, path, testServer()));
    await until(
      'it waits',
      async () =>
        (await sql('postgres', `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`, [database])).length > 0,
    );
    engine.engine.jobs.cancel(started.id);
    expect((await started.ended).status).toBe('cancelled');
  } finally {
    await locker.end();
  }
  expect(await databases('howdah_tmp_%')).toEqual([]);
  expect(await sql('postgres', 'select from pg_stat_activity where application_name like $1', ['howdah job%'])).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(database);
});
