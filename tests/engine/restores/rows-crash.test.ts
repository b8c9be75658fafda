// A merge that is cut off at any moment: the program killed, its connections cut, the server stopped. The target is as
// before or as promised, the history says which, and at the next start nothing is left.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startCluster } from '../../support/cluster.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { thorough } from '../../support/thorough.ts';
import { requestOf } from './rows-support.ts';
import { leftoversOf } from './support.ts';

const child = fileURLToPath(new URL('rows-crash-child.ts', import.meta.url));
const times = thorough ? 20 : 6;

type Server = { host: string; port: number; user: string; password: string };

/** Runs statements on a server; the rows of the last one. */
async function on<Row extends pg.QueryResultRow>(server: Server, database: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ ...pick(server), database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = (await client.query<Row>(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  } finally {
    await client.end();
  }
}
const pick = ({ host, port, user, password }: Server) => ({ host, port, user, password });

const before = `
  create table people (id int primary key, name text, boss int references people, note text);
  insert into people select n, 'name ' || n, nullif(n / 2, 0), repeat('note ', 20) || n from generate_series(1, 20000) n;
  create table pets (id int generated always as identity primary key, keeper int not null references people, name text);
  insert into pets (keeper, name) select n, 'pet ' || n from generate_series(1, 20000) n;`;
const since = `
  update people set note = null where id % 3 = 0; delete from pets where keeper % 5 = 0; update people set boss = null where boss % 10 = 0;
  delete from people where id % 10 = 0; insert into people values (90001, 'new', 1, null); insert into pets (keeper, name) values (90001, 'of new');`;
const stateQuery = `select (select md5(string_agg(p::text, '|' order by id)) from people p) || (select md5(string_agg(p::text, '|' order by id)) from pets p) as state,
  (select count(*)::int from pg_namespace where nspname like 'howdah%') as staging, (select count(*)::int from pg_trigger where tgenabled <> 'O') as off`;

type Ground = { server: Server; home: string; profileId: string; backupId: string; origin: string; live: string; old: string };

/** A backup, and a database `origin` that moved on since, to make `live` ones from. */
async function prepareGround(server: Server): Promise<Ground> {
  const home = makeHome();
  const engine = await makeEngine({ home });
  const origin = `t_${Math.random().toString(36).slice(2)}`;
  await on(server, 'postgres', `create database "${origin}" template template0`);
  await on(server, origin, before);
  const profile = await engine.addProfile({ ...pick(server), database: origin }, server.password);
  const backup = await engine.backUpWell(profile.id);
  await on(server, origin, since);
  const [found] = await on<{ state: string }>(server, origin, stateQuery);
  await engine.close();
  return { server, home, profileId: profile.id, backupId: backup.id, origin, live: `${origin}_live`, old: found?.state ?? '' };
}

async function freshLive({ server, origin, live }: Ground): Promise<void> {
  await on(server, 'postgres', `drop database if exists "${live}" with (force)`);
  await on(server, 'postgres', `create database "${live}" template "${origin}"`);
}

/** Half of the moments are anywhere, half while the rows are written. */
async function theMoment(ground: Ground, time: number, wholeMs: number, over: () => boolean): Promise<string> {
  if (time % 2 === 1) {
    await until(
      'the rows are written',
      async () =>
        over() ||
        (
          await on(
            ground.server,
            'postgres',
            `select from pg_stat_activity where datname = '${ground.live}' and state = 'active' and query like 'with %'`,
          )
        ).length > 0,
    );
    return 'while rows were written';
  }
  const begun = performance.now();
  const at = (wholeMs * (time + Math.random())) / times;
  await until('the moment', () => performance.now() - begun >= at || over());
  return `after ${Math.round(at)} of ${Math.round(wholeMs)} ms`;
}

type Seen = { old: number; merged: number; cut: number };

/** After the next start: one state or the other, as the history says. */
async function judge(ground: Ground, promised: string, context: string, seen: Seen): Promise<void> {
  const after = await makeEngine({ home: ground.home });
  await after.engine.settledAll();
  const said = `${context}; faults: ${after.faults.join('\n')}`;
  expect(leftoversOf(ground), said).toEqual([]);
  const [found] = await on<{ state: string; staging: number; off: number }>(ground.server, ground.live, stateQuery);
  expect([ground.old, promised], said).toContain(found?.state);
  expect(found, said).toMatchObject({ staging: 0, off: 0 });
  const { restores } = await after.client.restores.list({ search: ground.live, offset: 0, limit: 100 });
  const [row] = restores.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const story = `${said}; ${JSON.stringify(row)}`;
  if (found?.state === promised) {
    seen.merged += 1;
    expect(['succeeded', 'interrupted'], story).toContain(row?.status);
    expect(row?.undo, story).toBe('possible');
    if (row?.status === 'interrupted') expect(row.error.hint, story).toMatch(/is live/);
  } else {
    seen.old += 1;
    expect(['failed', 'interrupted'], story).toContain(row?.status);
    expect(row?.undo, story).toBe('none');
  }
  if (row?.status !== 'succeeded') seen.cut += 1;
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

/** One that nobody disturbs: what is promised, and how long it takes. */
async function undisturbed(ground: Ground): Promise<{ promised: string; wholeMs: number }> {
  await freshLive(ground);
  const engine = await makeEngine({ home: ground.home });
  const begun = performance.now();
  const { jobId } = await start(engine, ground);
  expect(await engine.ended(jobId)).toMatchObject({ status: 'succeeded' });
  const wholeMs = performance.now() - begun;
  await engine.close();
  const [found] = await on<{ state: string }>(ground.server, ground.live, stateQuery);
  expect(found?.state).not.toBe(ground.old);
  return { promised: found?.state ?? '', wholeMs };
}

const start = (engine: TestEngine, ground: Ground) =>
  engine.client.restores.start({
    ...requestOf(
      { database: ground.live, profileId: ground.profileId, backupId: ground.backupId },
      { strategy: 'merge', database: ground.live },
    ),
    confirm: ground.live,
  });

function expectVariety(seen: Seen): void {
  // The test itself has to have hit something.
  expect(seen.old).toBeGreaterThan(times * 0.15);
  expect(seen.cut).toBeGreaterThan(times * 0.4);
}

describe('a merge is cut off', () => {
  it(`by kill -9, ${times} times`, { timeout: 400_000 }, async () => {
    const ground = await prepareGround(testServer());
    const { promised, wholeMs } = await undisturbed(ground);
    const seen: Seen = { old: 0, merged: 0, cut: 0 };
    for (let time = 0; time < times; time++) {
      await freshLive(ground);
      const running = spawn(process.execPath, [child, ground.home, ground.profileId, ground.backupId, ground.live], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      running.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      const closed = new Promise<void>((resolve) => running.once('close', () => resolve()));
      const over = (): boolean => output.includes('ended') || running.exitCode !== null;
      await until('it has begun', () => output.includes('started') || over());
      const moment = await theMoment(ground, time, wholeMs, over);
      running.kill('SIGKILL');
      await closed;
      await judge(ground, promised, `killed ${moment}`, seen);
    }
    expectVariety(seen);
    for (const name of [ground.live, ground.origin]) await on(ground.server, 'postgres', `drop database "${name}" with (force)`);
  });

  it(`by cutting its connections, ${times} times`, { timeout: 400_000 }, async () => {
    const ground = await prepareGround(testServer());
    const { promised, wholeMs } = await undisturbed(ground);
    const seen: Seen = { old: 0, merged: 0, cut: 0 };
    for (let time = 0; time < times; time++) {
      await freshLive(ground);
      const engine = await makeEngine({ home: ground.home });
      const { jobId } = await start(engine, ground);
      let ended = false;
      const end = engine.ended(jobId).then(() => (ended = true));
      const moment = await theMoment(ground, time, wholeMs, () => ended);
      await on(ground.server, 'postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${ground.live}'`);
      await end;
      await engine.close();
      await judge(ground, promised, `cut ${moment}`, seen);
    }
    expectVariety(seen);
    for (const name of [ground.live, ground.origin]) await on(ground.server, 'postgres', `drop database "${name}" with (force)`);
  });

  it(`by stopping the server, ${times} times`, { timeout: 600_000 }, async () => {
    const cluster = await startCluster({ settings: { synchronous_commit: 'off' }, durable: true });
    const ground = await prepareGround(cluster);
    const { promised, wholeMs } = await undisturbed(ground);
    const seen: Seen = { old: 0, merged: 0, cut: 0 };
    for (let time = 0; time < times; time++) {
      await freshLive(ground);
      const engine = await makeEngine({ home: ground.home });
      const { jobId } = await start(engine, ground);
      let ended = false;
      const end = engine.ended(jobId).then(() => (ended = true));
      const moment = await theMoment(ground, time, wholeMs, () => ended);
      cluster.stop(time % 4 < 2 ? 'immediate' : 'fast');
      cluster.start();
      await end;
      await engine.close();
      await judge(ground, promised, `stopped ${moment}`, seen);
    }
    expectVariety(seen);
    cluster.remove();
  });
});
