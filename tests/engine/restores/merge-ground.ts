// A merge that can be cut off at any moment: what it works on, and what must be true afterwards.
import pg from 'pg';
import { expect } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { until } from '../../support/wait.ts';
import { requestOf } from './rows-support.ts';
import { leftoversOf } from './support.ts';

export type Server = { host: string; port: number; user: string; password: string };
const pick = ({ host, port, user, password }: Server) => ({ host, port, user, password });

/** A connection that a server which is stopped may break. */
export async function connectTo(server: Server, database: string): Promise<pg.Client> {
  const client = new pg.Client({ ...pick(server), database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs statements on a server; the rows of the last one. */
export async function on<Row extends pg.QueryResultRow>(server: Server, database: string, text: string): Promise<Row[]> {
  const client = await connectTo(server, database);
  try {
    const result = (await client.query<Row>(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  } finally {
    await client.end();
  }
}

/** Writing waits at the gate in the live database for as long as somebody holds its lock. No lock_timeout ends that wait. */
const before = `
  create function gate() returns boolean language plpgsql as $$begin
    while current_database() like '%\\_live' and not pg_try_advisory_xact_lock_shared(1) loop perform pg_sleep(0.01); end loop; return true; end$$;
  create table people (id int primary key, name text, boss int references people, note text, check (gate()));
  insert into people select n, 'name ' || n, nullif(n / 2, 0), repeat('note ', 20) || n from generate_series(1, 1000) n;
  create table pets (id int generated always as identity primary key, keeper int not null references people, name text);
  insert into pets (keeper, name) select n, 'pet ' || n from generate_series(1, 1000) n;`;
const since = `
  update people set note = null where id % 3 = 0; delete from pets where keeper % 5 = 0; update people set boss = null where boss % 10 = 0;
  delete from people where id % 10 = 0; insert into people values (90001, 'new', 1, null); insert into pets (keeper, name) values (90001, 'of new');`;
const stateQuery = `select (select md5(string_agg(p::text, '|' order by id)) from people p) || (select md5(string_agg(p::text, '|' order by id)) from pets p) as state,
  (select count(*)::int from pg_namespace where nspname like 'howdah%') as staging, (select count(*)::int from pg_trigger where tgenabled <> 'O') as off`;

export type Ground = {
  server: Server;
  home: string;
  request: Record<string, unknown>;
  origin: string;
  live: string;
  /** What `live` holds before a merge, and after one that nobody disturbed. */
  old: string;
  promised: string;
  /** How many statements that one took. */
  statements: number;
};

/** A backup, a database that moved on since, and one merge that ends, by `merge`. */
export async function prepareGround(server: Server, merge: (ground: Ground) => Promise<number>): Promise<Ground> {
  const home = makeHome();
  const engine = await makeEngine({ home });
  const origin = `t_${Math.random().toString(36).slice(2)}`;
  await on(server, 'postgres', `create database "${origin}" template template0`);
  await on(server, origin, before);
  const profile = await engine.addProfile({ ...pick(server), database: origin }, server.password);
  const backup = await engine.backUpWell(profile.id);
  await on(server, origin, since);
  const [old] = await on<{ state: string }>(server, origin, stateQuery);
  await engine.close();
  const live = `${origin}_live`;
  const request = requestOf({ database: live, profileId: profile.id, backupId: backup.id }, { strategy: 'merge', database: live });
  const ground: Ground = { server, home, request, origin, live, old: old?.state ?? '', promised: '', statements: 0 };
  await freshLive(ground);
  ground.statements = await merge(ground);
  const [merged] = await on<{ state: string }>(server, live, stateQuery);
  expect(merged?.state).not.toBe(ground.old);
  return { ...ground, promised: merged?.state ?? '' };
}

export async function freshLive({ server, origin, live }: Ground): Promise<void> {
  await on(server, 'postgres', `drop database if exists "${live}" with (force)`);
  await on(server, 'postgres', `create database "${live}" template "${origin}"`);
}

export async function dropGround({ server, origin, live }: Ground): Promise<void> {
  for (const name of [live, origin]) await on(server, 'postgres', `drop database "${name}" with (force)`);
}

export const startMerge = (engine: TestEngine, { request, live }: Ground) =>
  engine.client.restores.start({ ...(request as ReturnType<typeof requestOf>), confirm: live });

/** Merges in this process to the end. */
export async function mergeWell(ground: Ground): Promise<number> {
  const engine = await makeEngine({ home: ground.home });
  expect(await engine.ended((await startMerge(engine, ground)).jobId)).toMatchObject({ status: 'succeeded' });
  await engine.close();
  return 0;
}

/** Two ways to hold a merge up in the live database; `reached` once it stands there. Ends with the connection. */
export async function holdUp(
  { server, live }: Ground,
  where: 'waits for its locks' | 'writes the rows',
): Promise<{ reached: () => Promise<boolean>; letGo: () => Promise<void> }> {
  const holder = await connectTo(server, live);
  await holder.query(where === 'writes the rows' ? 'select pg_advisory_lock(1)' : 'begin; lock table people in row exclusive mode');
  const sign = where === 'writes the rows' ? "wait_event = 'PgSleep'" : "query like 'lock table%' and wait_event_type = 'Lock'";
  return {
    reached: async () => (await on(server, 'postgres', `select from pg_stat_activity where datname = '${live}' and ${sign}`)).length > 0,
    letGo: () => holder.end().catch(() => undefined),
  };
}

export const cutConnections = ({ server, live }: Ground): Promise<unknown> =>
  on(server, 'postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${live}'`);

/** A merge in this process that `cut` breaks where `holdUp` holds it. */
export async function breakHeld(ground: Ground, where: Parameters<typeof holdUp>[1], cut: () => unknown): Promise<void> {
  const held = await holdUp(ground, where);
  const engine = await makeEngine({ home: ground.home });
  const { jobId } = await startMerge(engine, ground);
  await until(`it ${where}`, held.reached);
  await cut();
  await held.letGo();
  await engine.ended(jobId);
  await engine.close();
}

export type Expected = { target: 'old' | 'merged' | 'one or the other'; status: string[] };

/** After the next start: the target is as expected, the history says which, and nothing is left. */
export async function expectAfterRestart(ground: Ground, { target, status }: Expected): Promise<void> {
  const after = await makeEngine({ home: ground.home });
  await after.engine.settledAll();
  const { restores } = await after.client.restores.list({ search: ground.live, offset: 0, limit: 100 });
  const [row] = restores.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const story = `faults: ${after.faults.join('\n')}; ${JSON.stringify(row)}`;
  expect(leftoversOf(ground), story).toEqual([]);
  const [found] = await on<{ state: string; staging: number; off: number }>(ground.server, ground.live, stateQuery);
  const is = found?.state === ground.promised ? 'merged' : found?.state === ground.old ? 'old' : 'half-done';
  expect(target === 'one or the other' ? ['old', 'merged'] : [target], story).toContain(is);
  expect(found, story).toMatchObject({ staging: 0, off: 0 });
  expect(status, story).toContain(row?.status);
  expect(row?.undo, story).toBe(is === 'merged' ? 'possible' : 'none');
  if (row?.status === 'succeeded') expect(is, story).toBe('merged');
  if (row?.status === 'failed') expect(is, story).toBe('old');
  if (is === 'merged' && row?.status === 'interrupted') expect(row.error.hint, story).toMatch(/is live/);
  expect(await after.client.jobs.list({ active: true, limit: 100 }), story).toEqual([]);
  expect(
    await on(
      ground.server,
      'postgres',
      `select query from pg_stat_activity where datname = '${ground.live}' and application_name like 'howdah job%'`,
    ),
    story,
  ).toEqual([]);
  await after.close();
}
