// Schedules from the command line, as a user or a script has them: what `schedule history` says after nights of every kind.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelFields } from '../../../../shared/contract/messages.ts';
import { makeEngine } from '../../../support/engine.ts';
import { createDatabase, dropDatabase, testServer } from '../../../support/server.ts';
import { makeDoor, makeLetterBox, makeMachine, type HistoryRun, type Machine } from './machine.ts';

let database: string;
beforeAll(async () => {
  database = await createDatabase('create table t (a int); insert into t select generate_series(1, 100)');
});
afterAll(() => dropDatabase(database));

const add = (machine: Machine, now: string, name: string, ...args: string[]): Promise<unknown> =>
  machine.ok(now, 'schedule', 'add', name, '--profile', 'shop', ...args);

/** `name state` by slot, ascending. */
async function history(machine: Machine, ...args: string[]): Promise<Record<string, string[]>> {
  const { runs } = await machine.ok<{ runs: HistoryRun[] }>(undefined, 'schedule', 'history', ...args);
  const told: Record<string, string[]> = {};
  for (const run of runs.toSorted(
    (one, other) => one.plannedAt.localeCompare(other.plannedAt) || one.schedule.localeCompare(other.schedule),
  ))
    (told[run.plannedAt] ??= []).push(`${run.schedule} ${run.state}`);
  return told;
}
const slot = (text: string): string => new Date(text).toISOString();

describe('nights', () => {
  const machine = makeMachine();
  const once = async (now: string): Promise<void> => {
    const run = await machine.at(now, 'agent', '--once');
    expect(run.code, run.stderr + run.stdout).toBe(0);
  };

  beforeAll(async () => {
    await machine.addProfile('shop', database);
    const start = '2026-03-26T12:00:00Z';
    await add(machine, start, 'catching', '--every', 'daily 02:00', '--tz', 'UTC');
    await add(machine, start, 'gracious', '--every', 'daily 02:00', '--tz', 'UTC', '--missed', 'grace:2h');
    await add(machine, start, 'lazy', '--every', 'daily 02:00', '--tz', 'UTC', '--missed', 'skip');
    await add(machine, start, 'berlin', '--cron', '30 2 * * *', '--tz', 'Europe/Berlin', '--missed', 'run-once');
  });

  it('next: UTC, ISO 8601, right across the change of clocks', async () => {
    const { runs } = await machine.ok<{ runs: { schedule: string; at: string }[] }>(
      undefined,
      'schedule',
      'next',
      'berlin',
      '--from',
      '2026-03-28T00:00:00Z',
      '--to',
      '2026-03-31T00:00:00Z',
    );
    expect(runs.map((run) => ({ schedule: run.schedule, at: run.at }))).toEqual(
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'].map((at) => ({ schedule: 'berlin', at: slot(at) })),
    );
  });

  it('has no history before anything was due', async () => {
    await once('2026-03-26T13:00:00Z');
    expect(await machine.ok(undefined, 'schedule', 'history')).toMatchObject({ runs: [] });
  });

  it('on time, and half an hour late', async () => {
    await once('2026-03-27T02:00:20Z');
    expect(await history(machine)).toEqual({
      [slot('2026-03-27T01:30Z')]: ['berlin caught-up'],
      [slot('2026-03-27T02:00Z')]: ['catching succeeded', 'gracious succeeded', 'lazy succeeded'],
    });
    const { runs } = await machine.ok<{ runs: HistoryRun[] }>(undefined, 'schedule', 'history');
    for (const run of runs) {
      expect(run).toMatchObject({ schedule: expect.any(String), plannedAt: expect.stringMatching(/^2026-03-27T0[12]:[03]0:00\.000Z$/) });
      expect(await machine.ok(undefined, 'backups', 'show', run.backupId ?? '')).toMatchObject({
        backup: { id: run.backupId, status: 'succeeded', origin: 'schedule', database },
      });
    }
    expect(new Set(runs.map((run) => run.backupId)).size).toBe(4);
  });

  it('two nights asleep, woken an hour and a half late: one catch-up each, by policy', async () => {
    await once('2026-03-29T03:30:00Z');
    expect(await history(machine, '--from', '2026-03-28T00:00:00Z')).toEqual({
      [slot('2026-03-28T01:30Z')]: ['berlin missed'],
      [slot('2026-03-28T02:00Z')]: ['catching missed', 'gracious missed', 'lazy missed'],
      [slot('2026-03-29T01:00Z')]: ['berlin caught-up'],
      [slot('2026-03-29T02:00Z')]: ['catching caught-up', 'gracious caught-up', 'lazy missed'],
    });
  });

  it('the catch-up did not swallow the next regular run', async () => {
    await once('2026-03-30T02:00:10Z');
    expect(await history(machine, '--from', '2026-03-30T00:00:00Z')).toEqual({
      [slot('2026-03-30T00:30Z')]: ['berlin caught-up'],
      [slot('2026-03-30T02:00Z')]: ['catching succeeded', 'gracious succeeded', 'lazy succeeded'],
    });
  });

  it('late and on time in one settling: both run', async () => {
    await once('2026-04-01T02:00:30Z');
    expect(await history(machine, '--from', '2026-03-31T00:00:00Z')).toEqual({
      [slot('2026-03-31T00:30Z')]: ['berlin missed'],
      [slot('2026-03-31T02:00Z')]: ['catching caught-up', 'gracious missed', 'lazy missed'],
      [slot('2026-04-01T00:30Z')]: ['berlin caught-up'],
      [slot('2026-04-01T02:00Z')]: ['catching succeeded', 'gracious succeeded', 'lazy succeeded'],
    });
  });

  it('asked twice, nothing runs twice', async () => {
    const before = await machine.ok(undefined, 'schedule', 'history');
    await once('2026-04-01T02:00:30Z');
    await once('2026-04-01T20:00:00Z');
    expect(await machine.ok(undefined, 'schedule', 'history')).toEqual(before);
  });

  it('the clock is set back by a day and a half: what ran stays, what had not come comes again', async () => {
    await once('2026-04-03T09:00:00Z');
    const late = await machine.ok<{ runs: HistoryRun[] }>(undefined, 'schedule', 'history', '--from', '2026-04-03T00:00:00Z');
    const caught = late.runs.find((run) => run.schedule === 'catching');
    expect(caught).toMatchObject({ state: 'caught-up' });
    await once('2026-04-02T12:00:00Z');
    expect(await history(machine, '--from', '2026-04-02T00:00:00Z')).toEqual({
      [slot('2026-04-02T00:30Z')]: ['berlin missed'],
      [slot('2026-04-02T02:00Z')]: ['catching missed', 'gracious missed', 'lazy missed'],
      [slot('2026-04-03T00:30Z')]: ['berlin caught-up'],
      [slot('2026-04-03T02:00Z')]: ['catching caught-up'],
    });
    await once('2026-04-03T02:00:05Z');
    expect(await history(machine, '--from', '2026-04-03T00:00:00Z')).toEqual({
      [slot('2026-04-03T00:30Z')]: ['berlin caught-up'],
      [slot('2026-04-03T02:00Z')]: ['catching caught-up', 'gracious succeeded', 'lazy succeeded'],
    });
    const again = await machine.ok<{ runs: HistoryRun[] }>(undefined, 'schedule', 'history', '--from', '2026-04-03T00:00:00Z');
    expect(again.runs.find((run) => run.schedule === 'catching')?.backupId).toBe(caught?.backupId);
  });

  it('switched off, there are no slots, and none come later for that time', async () => {
    await machine.ok('2026-04-03T10:00:00Z', 'schedule', 'disable', 'catching');
    for (const name of ['gracious', 'lazy', 'berlin']) await machine.ok('2026-04-03T10:00:00Z', 'schedule', 'disable', name);
    await once('2026-04-05T10:00:00Z');
    await machine.ok('2026-04-05T11:00:00Z', 'schedule', 'enable', 'catching');
    await once('2026-04-05T12:00:00Z');
    expect(await history(machine, '--from', '2026-04-04T00:00:00Z')).toEqual({});
    await once('2026-04-06T02:00:00Z');
    expect(await history(machine, '--from', '2026-04-04T00:00:00Z')).toEqual({ [slot('2026-04-06T02:00Z')]: ['catching succeeded'] });
  });
});

it('a server that is down, then back: failed, told; succeeded, told; and never a secret', async () => {
  const machine = makeMachine();
  const door = await makeDoor();
  const box = await makeLetterBox();
  const signingKey = 'a key that nobody may see';
  await machine.addProfile('shop', database, door.port);
  const setUp = await makeEngine({ home: machine.home });
  await setUp.client.messages.addChannel({
    channel: channelFields.parse({ name: 'hook', target: { kind: 'webhook' }, events: ['failed', 'recovered', 'succeeded', 'missed'] }),
    secret: { url: box.url, signingKey },
  });
  await setUp.close();
  await add(machine, '2026-05-01T00:00:00Z', 'nightly shop', '--every', 'daily 02:00', '--tz', 'UTC', '--retries', '0');

  door.shut();
  await machine.at('2026-05-01T02:00:10Z', 'agent', '--once');
  expect(await history(machine)).toEqual({ [slot('2026-05-01T02:00Z')]: ['nightly shop failed'] });
  expect(box.letters).toHaveLength(1);

  door.open();
  await machine.at('2026-05-02T02:00:10Z', 'agent', '--once');
  expect((await history(machine))[slot('2026-05-02T02:00Z')]).toEqual(['nightly shop succeeded']);
  const [failed, ...recovered] = box.letters;
  expect(recovered.length).toBeGreaterThan(0);

  // Another night asleep.
  await machine.at('2026-05-04T09:00:00Z', 'agent', '--once');
  const told = box.letters.map((letter) => JSON.parse(letter.body) as { event: string });
  expect(told.map((body) => body.event)).toEqual(expect.arrayContaining(['failed', 'recovered', 'missed']));
  expect(told.filter((body) => body.event === 'missed')).toHaveLength(1);

  for (const word of ['nightly shop', database, testServer().host]) expect(failed?.body).toContain(word);
  for (const letter of box.letters) {
    expect(letter.body + JSON.stringify(letter.headers)).not.toContain(testServer().password);
    expect(letter.body).not.toContain(signingKey);
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(letter.headers['howdah-signature'])) ?? [];
    expect(createHmac('sha256', signingKey).update(`${t}.${letter.body}`).digest('hex')).toBe(v1);
    expect(letter.headers['howdah-delivery']).toEqual(expect.any(String));
  }
  expect(new Set(box.letters.map((letter) => letter.headers['howdah-delivery'])).size).toBe(box.letters.length);
  await door.close();
  await box.close();
});

it('history and next: what else a script may ask, and what it is told where it asks wrongly', async () => {
  const machine = makeMachine();
  await machine.addProfile('shop', database);
  const bad = [
    ['--every', 'daily 25:00', '--tz', 'UTC'],
    ['--every', 'daily 02:00', '--tz', 'Mars/Olympus'],
    ['--cron', '0 0 30 2 *', '--tz', 'UTC'],
    ['--every', 'daily 02:00', '--cron', '0 2 * * *', '--tz', 'UTC'],
    ['--every', 'daily 02:00', '--tz', 'UTC', '--missed', 'grace:soon'],
    ['--every', 'daily 02:00', '--tz', 'UTC', '--overlap', 'fight'],
    ['--every', 'daily 02:00', '--tz', 'UTC', '--retries', 'many'],
    ['--tz', 'UTC'],
  ];
  for (const args of bad) {
    const run = await machine.at(undefined, 'schedule', 'add', 'x', '--profile', 'shop', ...args, '--json');
    expect(run.code, args.join(' ')).not.toBe(0);
    expect(run.json, args.join(' ')).toMatchObject({ error: { code: 'BAD_INPUT' } });
  }
  expect((await machine.at('not a time', 'schedule', 'list', '--json')).json).toMatchObject({ error: { code: 'BAD_INPUT' } });
});
