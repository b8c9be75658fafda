// Who is told what, and in which words.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelFields, MessageEvent } from '../../../shared/contract/messages.ts';
import { messageEvents } from '../../../shared/contract/messages.ts';
import type { RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { lastDigestTime } from '../../../electron/engine/messages/digest.ts';
import { pauseAfter } from '../../../electron/engine/messages/pauses.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { channel, failure, otherConnection, putRun, run } from './told.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await makeEngine();
});
afterEach(() => engine.close());

const listen = (events: MessageEvent[] = [...messageEvents], fields: Partial<ChannelFields> = {}) =>
  engine.client.messages.addChannel({
    channel: channel({ name: `c${Math.random()}`, target: { kind: 'webhook' }, events, ...fields }),
    secret: { url: 'http://127.0.0.1:9/nobody-is-there' },
  });
const told = async (): Promise<string[]> =>
  (await engine.client.messages.deliveries({})).map((one) => `${one.event} ${one.subject}`).reverse();
const ended = (change: Partial<ScheduledRun>): void => engine.engine.messages.tell({ kind: 'run-ended', run: run(change) });
const good = { state: 'succeeded', error: null } as const;
const day = (date: number): string => `2026-11-${date}T01:00:00.000Z`;

describe('recovery', () => {
  const cases: [string, RunState[], boolean][] = [
    ['nothing before', [], false],
    ['a success before', ['failed', 'succeeded'], false],
    ['a failure before', ['succeeded', 'failed'], true],
    ['a missed slot before', ['succeeded', 'missed'], true],
    ['a failure, then one that was skipped', ['failed', 'skipped'], true],
    ['a success, then one that was cancelled by hand', ['succeeded', 'cancelled'], false],
    ['a catch-up before', ['missed', 'caught-up'], false],
  ];
  test.each(cases)('%s', async (_, before, recovers) => {
    await listen(['recovered', 'succeeded']);
    before.forEach((state, index) =>
      putRun(engine.home, { state, plannedAt: day(10 + index), reason: state === 'cancelled' ? 'by-user' : null }),
    );
    putRun(engine.home, { state: 'failed', plannedAt: day(5), scheduleId: 'sch_other' });
    ended({ ...good, plannedAt: day(20) });
    expect(await told()).toEqual([expect.stringMatching(recovers ? /^recovered RECOVERED: / : /^succeeded Succeeded: /)]);
  });

  test('a catch-up recovers from its own missed slot', async () => {
    await listen(['recovered']);
    ended({ state: 'caught-up', error: null });
    expect(await told()).toEqual([expect.stringMatching(/^recovered/)]);
  });

  test('who wants only one of the two gets that', async () => {
    await listen(['succeeded']);
    putRun(engine.home, { state: 'failed', plannedAt: day(1 + 9) });
    ended({ ...good, plannedAt: day(20) });
    expect(await told()).toEqual([expect.stringMatching(/^succeeded Succeeded: /)]);
  });
});

test('only what was asked for, only about the schedules named, and nothing while switched off', async () => {
  await listen(['failed'], { name: 'theirs', scheduleIds: ['sch_other'] });
  await listen(['missed'], { name: 'missed' });
  await listen(['failed'], { name: 'off', enabled: false });
  await listen(['failed'], { name: 'ours', scheduleIds: ['sch_nightly'] });
  ended({});
  expect((await engine.client.messages.deliveries({})).map((one) => one.channel)).toEqual(['ours']);
});

test('ends that are nobody’s fault are silent; an overstayed window is not', async () => {
  await listen();
  for (const reason of ['by-user', 'replaced', 'removed'] as const) ended({ state: 'cancelled', reason, error: null });
  ended({ state: 'skipped', reason: 'overlap', error: null });
  expect(await told()).toEqual([]);
  ended({ state: 'cancelled', reason: 'window-end', error: null });
  expect(await told()).toEqual(['failed CANCELLED: Nightly backup – the backup window ended before the run did']);
});

test('a cleanup that fails is a cleanup that failed', async () => {
  await listen(['failed', 'cleanup-failed']);
  ended({ kind: 'cleanup', schedule: 'Old ones' });
  const cleanup = { kind: 'cleanup-failed', profile: 'shop', backupId: null, error: failure } as const;
  engine.engine.messages.tell(cleanup);
  engine.engine.messages.tell({ ...cleanup, backupId: 'bak_another' }); // the same fault: said once a day
  expect((await told()).map((one) => one.split(' ')[0])).toEqual(['cleanup-failed', 'cleanup-failed']);
});

test('missed slots are one message, in the zone of their schedule', async () => {
  await listen();
  const db = otherConnection(engine.home);
  const fields = {
    name: 'Nightly',
    timeZone: 'Asia/Kathmandu',
    task: { kind: 'backup', profileId: 'pro_x', databases: { kind: 'all' }, options: {} },
  };
  db.prepare(
    "insert into schedules (id, name, fields, enabled, settled_at, created_at, updated_at) values ('sch_nightly', 'Nightly', ?, 1, '', '', '')",
  ).run(JSON.stringify(fields));
  const runs = [22, 21, 20].map((date) => run({ state: 'missed', reason: 'covered', plannedAt: day(date), error: null }));
  engine.engine.messages.tell({ kind: 'slots-missed', runs, caughtUp: true });
  expect(await told()).toEqual(['missed MISSED: Nightly backup of all databases – 3 slots, being made up for now']);
  const [row] = db.prepare<[], { body: string }>('select body from outbox').all();
  expect(row?.body).toContain('Fri 20 Nov 2026, 06:45 (Asia/Kathmandu)');
  db.close();
});

test('every database of a run is listed, the failed ones counted in the subject', async () => {
  await listen();
  const backups = (['succeeded', 'failed', 'failed'] as const).map((status, index) => ({
    backupId: `bak_${index}`,
    database: `db${index}`,
    status,
    jobId: null,
  }));
  ended({ backups });
  expect(await told()).toEqual(['failed FAILED: Nightly backup of 3 databases – 2 of 3 databases: the server could not be reached']);
});

test('a name cannot forge a second line, and a password in an error is hidden', async () => {
  await listen();
  ended({ schedule: 'a\r\nBcc: x@example.org', error: { ...failure, message: 'postgresql://me:hunter22@db/x failed' } });
  const [subject] = await told();
  expect(subject).not.toMatch(/[\r\n]/);
  const db = otherConnection(engine.home);
  expect(JSON.stringify(db.prepare('select * from outbox').all())).not.toContain('hunter22');
  db.close();
});

test('pauses add up to a day at most', () => {
  const pauses: number[] = [];
  for (let tries = 1; ; tries += 1) {
    const pause = pauseAfter(tries);
    if (pause === null) break;
    pauses.push(pause / 1000);
  }
  expect(pauses.slice(0, 7)).toEqual([10, 30, 60, 120, 300, 600, 1800]);
  expect(new Set(pauses.slice(7))).toEqual(new Set([3600]));
  const whole = pauses.reduce((sum, pause) => sum + pause, 0);
  expect(whole).toBeLessThanOrEqual(86_400);
  expect(whole + 3600).toBeGreaterThan(86_400);
});

test.each([
  [new Date(2026, 10, 23, 8), new Date(2026, 10, 23, 8)],
  [new Date(2026, 10, 23, 7, 59), new Date(2026, 10, 16, 8)],
  [new Date(2026, 10, 29, 23, 59), new Date(2026, 10, 23, 8)], // a Sunday
  [new Date(2027, 0, 1), new Date(2026, 11, 28, 8)],
])('the digest before %s is of %s', (now, then) => {
  expect(new Date(lastDigestTime(now.getTime()))).toEqual(then);
});
