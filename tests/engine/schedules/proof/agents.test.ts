// Several real processes on one catalog and a real server: each slot once, the lead handed over, nothing left behind.
// No limit here is about how quick it is: a slow machine starts a process in half a minute.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Schedule } from '../../../../shared/contract/schedules.ts';
import { scheduleComingSlot } from '../../../support/coming-slot.ts';
import { makeEngine } from '../../../support/engine.ts';
import { connect, createDatabase, dropDatabase } from '../../../support/server.ts';
import { until } from '../../../support/wait.ts';
import { makeMachine, type Machine } from './machine.ts';

type Row = {
  id: string;
  schedule_id: string;
  planned_at: string;
  state: string;
  trigger: string;
  reason: string | null;
  phase: string | null;
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

/** A time of day that goes on at its usual pace for all processes of a test. */
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

const runsOf = (machine: Machine): Row[] => machine.rows<Row>('select * from runs order by planned_at, id');
const partials = (machine: Machine): string[] =>
  readdirSync(machine.home, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.partial'));

/** A machine with the shop's profile. */
async function prepared(): Promise<Machine> {
  const machine = makeMachine();
  await machine.addProfile('shop', database);
  return machine;
}

/** Made at `now`; daily at `time`, UTC. */
const addDaily = async (machine: Machine, now: string, name: string, time: string): Promise<Schedule> => {
  const rule = ['--every', `daily ${time}`, '--tz', 'UTC', '--retries', '0'];
  return (await machine.ok<{ schedule: Schedule }>(now, 'schedule', 'add', name, '--profile', 'shop', ...rule)).schedule;
};
const minuteAfter = (time: string): string => new Date((Math.floor(Date.parse(time) / 60_000) + 1) * 60_000).toISOString();
const before = (slot: string): string => new Date(Date.parse(slot) - 30_000).toISOString();

describe('several processes', () => {
  it('two agents and a page host: each slot once; the leader killed, and killed in the middle of a run', async () => {
    const machine = await prepared();
    const now = timeFrom('2026-06-01T11:59:40Z');
    for (const args of [['agent'], ['agent'], ['serve', '--port', '0', '--no-open']]) started.push(machine.start(now(), ...args));
    const watch = await makeEngine({ home: machine.home, clock: () => Date.parse(now()) });
    const leader = async (): Promise<number | null> => (await watch.client.schedules.status()).leader?.pid ?? null;
    const kill = async (pid: number): Promise<void> => {
      const one = started.find(({ child }) => child.pid === pid);
      expect(one?.child.kill('SIGKILL')).toBe(true);
      await one?.ended;
    };

    const first = await until('somebody leads', leader);
    // The leader waits for this one, and begins it as it comes.
    const { schedule, slot } = await scheduleComingSlot({
      nextMinute: () => minuteAfter(now()),
      make: (time) => addDaily(machine, now(), 'awaited', time),
      remove: () => machine.ok(now(), 'schedule', 'remove', 'awaited'),
    });
    await until('the slot to come', () => runsOf(machine).length > 0);
    await until('its run to end', () => runsOf(machine).some((run) => run.state !== 'running'));
    expect(runsOf(machine)).toMatchObject([{ schedule_id: schedule.id, planned_at: slot, state: 'succeeded', trigger: 'slot' }]);

    const letGo = await holdTable();
    await kill(first);
    // As if it had been there before the slot: it is due at once, for whoever leads next.
    const { id: due } = await addDaily(machine, before(slot), 'due', slot.slice(11, 16));
    const runOf = (): Row | undefined => runsOf(machine).find((run) => run.schedule_id === due);
    const inHand = await until('another to lead and work', () => (runOf()?.phase === 'working' ? runOf() : null));
    expect(inHand).toMatchObject({ planned_at: slot, state: 'running' });
    const second = await until('its process', leader);
    expect(second).not.toBe(first);
    await until('its folder is there', () => partials(machine).length > 0);
    await kill(second);
    await until('the third to lead', async () => ![null, first, second].includes(await leader()));
    await letGo();
    await until('the run in hand is settled', () => runOf()?.state !== 'running');
    expect(runOf()).toMatchObject({ id: inHand.id, planned_at: slot, state: 'caught-up', trigger: 'catch-up' });
    expect(runsOf(machine)).toHaveLength(2);
    const good = machine.rows<{ n: number }>("select count(*) as n from backups where status = 'succeeded'");
    expect(good).toEqual([{ n: 2 }]);
    expect(partials(machine)).toEqual([]);
    await watch.close();
  });

  it('an agent leaves `--once` nothing to do; told to end in the middle of a backup, it leaves no half folder and no silent slot', async () => {
    const machine = await prepared();
    const slot = '2026-06-01T12:00:00.000Z';
    const now = timeFrom('2026-06-01T12:00:05Z');
    for (const name of ['one', 'other']) await addDaily(machine, before(slot), name, '12:00');
    const letGo = await holdTable();
    const agent = machine.start(now(), 'agent');
    started.push(agent);
    await until('a run works', () => runsOf(machine).some((run) => run.phase === 'working'));
    await until('its folder is there', () => partials(machine).length > 0);
    const owned = runsOf(machine);
    const once = await machine.at(now(), 'agent', '--once', '--json');
    expect(once).toMatchObject({ code: 0, json: { leader: false, runs: [] } });
    expect(runsOf(machine)).toEqual(owned);

    agent.child.kill('SIGTERM');
    await agent.ended;
    expect(partials(machine)).toEqual([]);
    expect(machine.rows("select id from backups where status = 'running'")).toEqual([]);
    expect(machine.rows("select id from jobs where status in ('running', 'queued')")).toEqual([]);
    await letGo();
    const left = runsOf(machine);
    expect(left).toHaveLength(2);
    // Left to the next leader: nobody works on it, and it does not look so.
    for (const run of left) expect(run).toMatchObject({ planned_at: slot, state: 'running', phase: 'waiting' });
    const next = await machine.at(now(), 'agent', '--once');
    expect(next.code, next.stderr).toBe(0);
    const after = runsOf(machine);
    expect(after.map((run) => run.id)).toEqual(left.map((run) => run.id));
    // The policy is run-once: a run that the process's end interrupted is run again. What only waited, and is still on time, simply runs.
    for (const run of after) expect(run.state).toMatch(/^(caught-up|succeeded)$/);
    expect(after.some((run) => run.state === 'caught-up')).toBe(true);
  });
});
