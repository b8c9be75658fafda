// "All databases, new ones included", over a real server and real backups; only the clock is in the test's hand.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Schedule, ScheduledRun } from '../../../../shared/contract/schedules.ts';
import { scheduleFields } from '../../../../shared/contract/schedules.ts';
import { makeEngine, type TestEngine } from '../../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../../support/server.ts';
import { until } from '../../../support/wait.ts';

let now = 0;
let e: TestEngine;
let others: string[] = [];
const made: string[] = [];
beforeEach(async () => {
  now = Date.parse('2026-03-10T01:59:00Z');
  e = await makeEngine({ clock: () => now });
  const rows = await sql<{ name: string }>('postgres', 'select datname as name from pg_database where datallowconn and not datistemplate');
  others = rows.map(({ name }) => name);
});
afterEach(async () => {
  await e.close();
  for (const name of made.splice(0)) await dropDatabase(name);
});

const filled = 'create table t (a int primary key); insert into t select generate_series(1, 10)';
async function database(name?: string): Promise<string> {
  const created = await createDatabase(filled, name);
  made.push(created);
  return created;
}

async function scheduleOfAll(profileId: string, except: string[] = [], change: Record<string, unknown> = {}): Promise<Schedule> {
  const task = { kind: 'backup', profileId, databases: { kind: 'all', except: [...others, ...except] } };
  const fields = { name: 'all', task, when: { kind: 'daily', time: '02:00' }, timeZone: 'UTC', ...change };
  return await e.client.schedules.create({ schedule: scheduleFields.parse(fields) });
}

/** The clock shows that time and the scheduler looks; waits until the day's run has come so far. */
async function at(time: string, far: (run: ScheduledRun) => boolean = (run) => run.state !== 'running'): Promise<ScheduledRun> {
  now = Date.parse(`2026-03-${time}Z`);
  e.engine.scheduler.start();
  e.engine.scheduler.step();
  return await until(`the run of ${time}`, async () => {
    const run = (await e.client.schedules.history({ limit: 1 })).runs[0];
    return run !== undefined && run.plannedAt.slice(8, 10) === time.slice(0, 2) && far(run) && run;
  });
}
const namesOf = (run: ScheduledRun): string[] => run.backups.map((entry) => entry.database).toSorted();

test('those of each run’s own moment: new ones in, excepted, template and throw-away ones never, one that went away no more', async () => {
  const [first, goes, except, template, closed] = [
    await database(),
    await database(),
    await database(),
    await database(),
    await database(),
  ];
  await database('howdah_tmp_0123456789ab');
  await sql('postgres', `alter database ${template} is_template true; alter database ${closed} allow_connections false`);
  await scheduleOfAll((await e.addProfile()).id, [except]);
  const one = await at('10T02:00:00');
  expect(one).toMatchObject({ state: 'succeeded', trigger: 'slot', attempts: 1 });
  expect(namesOf(one)).toEqual([first, goes].toSorted());

  const added = await database('Ünd "another" one');
  await dropDatabase(goes);
  const two = await at('11T02:00:00');
  expect(two.state).toBe('succeeded');
  expect(namesOf(two)).toEqual([first, added].toSorted());
  for (const entry of two.backups) {
    const backup = await e.client.backups.get({ id: entry.backupId });
    expect(backup).toMatchObject({ status: 'succeeded', database: entry.database, verification: { ok: true } });
  }
  const sizes = await Promise.all(two.backups.map(async ({ backupId }) => await e.client.backups.get({ id: backupId })));
  expect(two.sizeBytes).toBe(sizes.reduce((sum, backup) => sum + ('sizeBytes' in backup ? (backup.sizeBytes ?? 0) : 0), 0));
  await sql('postgres', `alter database ${template} is_template false; alter database ${closed} allow_connections true`);
  expect(e.faults).toEqual([]);
});

test('none is left: failed, and says so', async () => {
  const only = await database();
  await scheduleOfAll((await e.addProfile()).id, [only]);
  expect(await at('10T02:00:00')).toMatchObject({ state: 'failed', backups: [], error: { code: 'DATABASE_NOT_FOUND' } });
});

test('one of three takes no session: it alone is tried again, and the run succeeds then', async () => {
  const names = [await database(), await database(), await database()].toSorted();
  const full = names[1] ?? '';
  const role = await createRole('in role pg_read_all_data');
  await sql('postgres', `alter database ${full} connection limit 0`);
  const profile = await e.addProfile({ user: role.user }, role.password);
  await scheduleOfAll(profile.id, [], { retries: 1 });
  const paused = await at('10T02:00:00', (run) => run.phase === 'pausing');
  expect(paused).toMatchObject({ nextTryAt: '2026-03-10T02:01:00.000Z', attempts: 1 });
  const before = new Map(paused.backups.map((entry) => [entry.database, entry]));
  expect(names.map((name) => before.get(name)?.status)).toEqual(['succeeded', 'failed', 'succeeded']);
  await sql('postgres', `alter database ${full} connection limit -1`);
  const run = await at('10T02:01:00');
  expect(run).toMatchObject({ state: 'succeeded', attempts: 2, error: null });
  for (const entry of run.backups) {
    expect(entry.status).toBe('succeeded');
    expect(entry.backupId === before.get(entry.database)?.backupId).toBe(entry.database !== full);
  }
  expect(await sql(full, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('one of three may not be read: failed at once, the detail names it, the others are made', async () => {
  const names = [await database(), await database(), await database()].toSorted();
  const shut = names[1] ?? '';
  const role = await createRole();
  for (const name of names) if (name !== shut) await sql(name, `grant select on t to ${role.user}`);
  const profile = await e.addProfile({ user: role.user }, role.password);
  await scheduleOfAll(profile.id, [], { retries: 3 });
  const run = await at('10T02:00:00', (found) => found.state !== 'running' || found.phase === 'pausing');
  expect(run).toMatchObject({
    state: 'failed',
    attempts: 1,
    detail: `1 of 3 databases failed: ${shut}.`,
    error: { code: 'PERMISSION_DENIED' },
  });
  expect(run.backups.filter((entry) => entry.status === 'succeeded').length).toBe(2);
});

test('a dump whose session is ended at the server while it waits for a table: tried again and made', async () => {
  const name = await database();
  const profile = await e.addProfile();
  await scheduleOfAll(profile.id, [], { retries: 1 });
  const holder = await connect(name);
  try {
    await holder.query('begin; lock table t in access exclusive mode');
    const first = await at('10T02:00:00', (run) => run.phase === 'working' && run.backups.length === 1);
    const backend = await until('the dump to wait', async () => {
      const rows = await sql<{ pid: number }>(
        'postgres',
        `select pid from pg_stat_activity where datname = '${name}' and wait_event_type = 'Lock' and query ilike 'lock table%'`,
      );
      return rows[0]?.pid;
    });
    await sql('postgres', `select pg_terminate_backend(${backend})`);
    expect(first.attempts).toBe(1);
    await at('10T02:00:00', (run) => run.phase === 'pausing');
  } finally {
    await holder.end();
  }
  expect(await at('10T02:01:00')).toMatchObject({ state: 'succeeded', attempts: 2 });
});
