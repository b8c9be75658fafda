// kill -9 in the middle of a restore beside, with its safety backup: nothing half-done stays, and nothing false is on record.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StatementMoment } from '../../support/at-statement.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { thorough } from '../../support/thorough.ts';
import { killRestore } from './kill-restore.ts';
import { databases, leftoversOf, pgDump } from './support.ts';

const home = makeHome();
const rows = 2000;
let profileId: string;
let source: string;
let database: string;
let dump: string;
/** Restoring it never ends by itself: its rows are checked for ever where they are restored. */
let endless: string;
/** Of a restore that nobody disturbs. */
let statements: number;

beforeAll(async () => {
  const first = await makeEngine({ home });
  profileId = (await first.addProfile({ database: 'postgres' })).id;
  await first.close();
  source = await createDatabase(
    `create table fresh (id serial primary key, t text); insert into fresh (t) select md5(n::text) from generate_series(1, ${rows}) n; create index on fresh (t)`,
  );
  database = `${source}_live`;
  dump = pgDump(source, ['-Fc']);
  await sql(
    source,
    `create function endless(int) returns boolean language plpgsql as $$begin while current_database() like 'howdah%' loop perform pg_sleep(0.01); end loop; return true; end$$;
     alter table fresh add check (endless(id))`,
  );
  endless = pgDump(source, ['-Fc']);
});
beforeEach(async () => {
  await createDatabase('create table old (a int); insert into old select generate_series(1, 100)', database);
});
afterEach(async () => {
  for (const name of await databases(`${database}%`)) await dropDatabase(name);
});
afterAll(() => dropDatabase(source));

const killed = (at: StatementMoment | number | null, file = dump, heldUp?: () => Promise<boolean>) =>
  killRestore({ home, dump: file, request: { profileId, database }, at }, heldUp);

type Expected = { live: 'old' | 'fresh' | 'one or the other'; status: 'interrupted' | 'succeeded' | 'one or the other' };

/** After the next start: the live database is the old or the new one, whole, and the catalog says which. */
async function expectAfterRestart(expected: Expected): Promise<void> {
  const noted = leftoversOf({ home }) as { kind: string; body: string }[];
  const after = await makeEngine({ home });
  await after.engine.settledAll();
  const { restores } = await after.client.restores.list({ offset: 0, limit: 100 });
  const [row] = restores.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const context = `${JSON.stringify(row)}; noted: ${JSON.stringify(noted)}; faults: ${after.faults.join('\n')}`;
  expect(leftoversOf({ home }), context).toEqual([]);
  for (const note of noted) {
    if (note.kind !== 'database') continue;
    expect(await databases((JSON.parse(note.body) as { database: string }).database.replaceAll('_', '\\_')), context).toEqual([]);
  }
  const [live] = await sql<{ old: boolean; fresh: boolean }>(
    database,
    "select to_regclass('old') is not null as old, to_regclass('fresh') is not null as fresh",
  );
  expect(live?.old, context).toBe(!(live?.fresh ?? false));
  const is = live?.fresh === true ? 'fresh' : 'old';
  expect(expected.live === 'one or the other' ? ['old', 'fresh'] : [expected.live], context).toContain(is);
  expect(expected.status === 'one or the other' ? ['interrupted', 'succeeded'] : [expected.status], context).toContain(row?.status);
  expect(await after.client.jobs.list({ active: true, limit: 100 }), context).toEqual([]);
  for (const backup of (await after.client.backups.list({ sort: 'startedAt', descending: true, offset: 0, limit: 200 })).backups)
    expect(backup.status, context).not.toBe('running');
  expect(
    readdirSync(home, { recursive: true }).filter((name) => String(name).endsWith('.partial')),
    context,
  ).toEqual([]);
  if (is === 'fresh') {
    expect(
      await sql(
        database,
        "select count(*)::int as n, (select count(*)::int from pg_indexes where tablename = 'fresh') as indexes from fresh",
      ),
      context,
    ).toEqual([{ n: rows, indexes: 2 }]);
    expect(row?.undo, context).toBe('possible');
    const undo = await after.client.restores.undo({ id: row?.id ?? '', confirm: database });
    expect(await after.ended(undo.jobId), context).toMatchObject({ status: 'succeeded' });
  } else expect(row, context).toMatchObject({ status: 'interrupted', undo: 'none', previousDatabase: null });
  expect(await sql(database, 'select count(*)::int as n from old'), context).toEqual([{ n: 100 }]);
  await after.close();
}

it('a restore that is left alone ends well, and its undo brings the old database back', async () => {
  const run = await killed(null);
  statements = run.statements;
  expect(run).toMatchObject({ killed: false });
  await expectAfterRestart({ live: 'fresh', status: 'succeeded' });
});

const untouched: Expected = { live: 'old', status: 'interrupted' };
const swapped: Expected = { live: 'fresh', status: 'interrupted' };
const aside = 'rename to "?\\w+_before_';

it.each<[string, StatementMoment, Expected]>([
  ['in the middle of the safety backup', { when: 'answered', statements: ['pg_export_snapshot'] }, untouched],
  ['as the fresh database is being made', { when: 'sent', statements: ['^create database'] }, untouched],
  ['once the fresh database is made', { when: 'answered', statements: ['^create database'] }, untouched],
  ['as the restored rows are checked', { when: 'before', statements: ['^analyze$'] }, untouched],
  ['once no client is let in any more', { when: 'answered', statements: ['allow_connections false'] }, untouched],
  ['between the two renames', { when: 'answered', statements: [aside] }, untouched],
  ['right before the names are committed', { when: 'before', statements: [aside, '^commit$'] }, untouched],
  ['as the names are committed', { when: 'sent', statements: [aside, '^commit$'] }, { live: 'one or the other', status: 'interrupted' }],
  ['once the names are committed, before that is on record', { when: 'answered', statements: [aside, '^commit$'] }, swapped],
])('killed %s: the live database is whole, and the catalog says which one it is', async (_, at, expected) => {
  expect(await killed(at)).toMatchObject({ killed: true });
  await expectAfterRestart(expected);
});

it('killed while rows are copied: the live database stays, and the sessions that copied are ended', async () => {
  const copies = async () =>
    (await sql('postgres', "select from pg_stat_activity where datname like 'howdah%' and query ilike 'copy%' and wait_event = 'PgSleep'"))
      .length > 0;
  expect(await killed(null, endless, copies)).toMatchObject({ killed: true });
  await expectAfterRestart(untouched);
  expect(await sql('postgres', "select query from pg_stat_activity where datname like 'howdah%'")).toEqual([]);
});

describe.runIf(thorough)('at any statement', () => {
  it.each(Array.from({ length: 24 }, (_, n) => n))(
    'killed in its %i. of 24 parts: the live database is the old or the new one, whole',
    async (n) => {
      const run = await killed(1 + Math.floor((statements * (n + Math.random())) / 24));
      await expectAfterRestart({ live: 'one or the other', status: run.killed ? 'one or the other' : 'succeeded' });
    },
  );
});
