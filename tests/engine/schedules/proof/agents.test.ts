// Several real programs on one catalog and a real server: each slot once, the lead handed over, nothing left behind.
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeEngine } from '../../../support/engine.ts';
import { connect, createDatabase, dropDatabase } from '../../../support/server.ts';
import { until } from '../../../support/wait.ts';
import { makeMachine, type Machine } from './machine.ts';

type Row = {
  id: string;
  planned_at: string;
  state: string;
  trigger: string;
  reason: string | null;
  phase: string | null;
  attempts: number;
};
type Running = ReturnType<Machine['start']>;

let database: string;
const started: Running[] = [];
beforeAll(async () => {
  database = await createDatabase('create table held (a int); insert into held select generate_series(1, 1000)');
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    if (one.child.exitCode === null && one.child.signalCode === null) one.child.kill('SIGKILL');
    await one.ended;
  }
});
afterAll(() => dropDatabase(database));

/** A time of day that goes on at its usual pace for all programs of a test. */
function timeFrom(text: string): () => string {
  const offset = Date.parse(text) - Date.now();
  return () => new Date(Date.now() + offset).toISOString();
}

/** Keeps pg_dump waiting until it is let go. */
async function holdTable(): Promise<() => Promise<void>> {
  const client = await connect(database);
  client.on('error', () => undefined);
  await client.query('begin; lock table held in access exclusive mode');
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}

const runsOf = (machine: Machine): Row[] => machine.rows<Row>('select * from runs order by planned_at');
const partials = (machine: Machine): string[] =>
  readdirSync(machine.home, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.partial'));

async function prepared(): Promise<Machine> {
  const machine = makeMachine();
  await machine.addProfile('shop', database);
  await machine.ok(
    '2026-06-01T11:58:30Z',
    'schedule',
    'add',
    'every minute',
    '--profile',
    'shop',
    '--cron',
    '* * * * *',
    '--tz',
    'UTC',
    '--retries',
    '0',
  );
  return machine;
}

async function leaderOf(engine: Awaited<ReturnType<typeof makeEngine>>): Promise<number | null> {
  return (await engine.client.schedules.status()).leader?.pid ?? null;
}

it('two agents and a page host: each slot once; the leader killed, and killed in the middle of a run', { timeout: 120_000 }, async () => {
  const machine = await prepared();
  const now = timeFrom('2026-06-01T11:59:35Z');
  // The slot of 11:59 is on time for whoever leads first, unless the machine is slow.
  for (const args of [['agent'], ['agent'], ['serve', '--port', '0']]) started.push(machine.start(now(), ...args));
  const watch = await makeEngine({ home: machine.home, clock: () => Date.parse(now()) });

  const first = await until('somebody leads', () => leaderOf(watch));
  await until('the slot of 11:59 has run', () => runsOf(machine).some((run) => /^(caught-up|succeeded)$/.test(run.state)));
  const leader = started.find((one) => one.child.pid === first);
  expect(leader).toBeDefined();
  leader?.child.kill('SIGKILL');
  const killedAt = performance.now();
  const second = await until('another leads', async () => {
    const pid = await leaderOf(watch);
    return pid !== first ? pid : null;
  });
  const handedOver = performance.now() - killedAt;
  const letGo = await holdTable();
  const noon = await until(
    'the slot of 12:00 is in hand',
    () => runsOf(machine).find((run) => run.planned_at === '2026-06-01T12:00:00.000Z'),
    60_000,
  );
  expect(noon).toMatchObject({ state: 'running', trigger: 'slot' });
  const late = Date.parse(now()) - Date.parse(noon.planned_at);

  await until('it works', () => runsOf(machine).some((run) => run.planned_at === noon.planned_at && run.phase === 'working'));
  await until('its folder is there', () => partials(machine).length > 0);
  started.find((one) => one.child.pid === second)?.child.kill('SIGKILL');
  const killedAgain = performance.now();
  await until('the third leads', async () => {
    const pid = await leaderOf(watch);
    return pid !== null && pid !== first && pid !== second;
  });
  const handedOverAgain = performance.now() - killedAgain;
  await letGo();
  await until('the run in hand is settled', () =>
    runsOf(machine).some((run) => run.planned_at === noon.planned_at && run.state !== 'running'),
  );
  const runs = runsOf(machine);
  process.stderr.write(
    `handed over after ${Math.round(handedOver)} ms and ${Math.round(handedOverAgain)} ms; the slot of 12:00 began ${late} ms late\n`,
  );
  expect(handedOver).toBeLessThan(30_000);
  expect(handedOverAgain).toBeLessThan(30_000);
  expect(late).toBeLessThan(30_000);
  expect(runs.filter((run) => run.planned_at === noon.planned_at)).toMatchObject([
    { id: noon.id, state: 'caught-up', trigger: 'catch-up' },
  ]);
  expect(runs.map((run) => run.planned_at)).toEqual(['2026-06-01T11:59:00.000Z', '2026-06-01T12:00:00.000Z'].slice(0, runs.length));
  const good = machine.rows<{ n: number }>("select count(*) as n from backups where status = 'succeeded'");
  expect(good).toEqual([{ n: 2 }]);
  expect(partials(machine)).toEqual([]);
  await watch.close();
});

it('an agent told to end in the middle of a backup leaves no half folder and no silent slot', { timeout: 60_000 }, async () => {
  const machine = await prepared();
  const now = timeFrom('2026-06-01T12:00:05Z');
  const letGo = await holdTable();
  const agent = machine.start(now(), 'agent');
  started.push(agent);
  await until('a run works', () => existsSync(machine.home) && runsOf(machine).some((run) => run.phase === 'working'));
  await until('its folder is there', () => partials(machine).length > 0);
  agent.child.kill('SIGTERM');
  await agent.ended;
  expect(partials(machine)).toEqual([]);
  expect(machine.rows("select id from backups where status = 'running'")).toEqual([]);
  expect(machine.rows("select id from jobs where status in ('running', 'queued')")).toEqual([]);
  await letGo();
  const before = runsOf(machine);
  const begun = before.find((run) => run.reason === null || run.reason === 'not-running');
  // Left to the next leader: nobody works on it, and it does not look so.
  for (const run of before) expect(run).toMatchObject({ state: 'running', phase: 'waiting' });
  const next = await machine.at(now(), 'agent', '--once');
  expect(next.code, next.stderr).toBe(0);
  const after = runsOf(machine);
  for (const run of after) expect(run.state).not.toBe('running');
  // The policy is run-once: a run that the program's end interrupted is run again.
  expect(after.find((run) => run.id === begun?.id)).toMatchObject({ state: 'caught-up' });
  // What only waited, and is still on time, simply runs.
  for (const run of after) expect(run.state).toMatch(/^(caught-up|succeeded)$/);
  expect(after.map((run) => run.planned_at)).toEqual(expect.arrayContaining(['2026-06-01T11:59:00.000Z', '2026-06-01T12:00:00.000Z']));
});

it('--once while another leads says so and leaves the work to it', { timeout: 60_000 }, async () => {
  const machine = await prepared();
  const now = timeFrom('2026-06-01T12:00:02Z');
  const letGo = await holdTable();
  started.push(machine.start(now(), 'agent'));
  await until('a run works', () => runsOf(machine).some((run) => run.phase === 'working'));
  const before = runsOf(machine).map((run) => run.id);
  const once = await machine.at(now(), 'agent', '--once');
  expect(once.stdout + once.stderr).toMatch(/another|lead/i);
  expect(runsOf(machine).map((run) => run.id)).toEqual(before);
  await letGo();
  await until('the agent has done the work', () => runsOf(machine).every((run) => run.state !== 'running'));
});
