import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCatalog, type Sqlite } from '../../electron/engine/catalog/open.ts';
import { openEnd, tomorrowMorning } from '../../shared/schedules/pauses.ts';
import { trayStateOf } from '../../electron/engine/tray-state.ts';
import type { PlannedRun, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { until } from '../support/wait.ts';

/** A Saturday noon on this machine's clock. */
const noon = new Date(2026, 10, 21, 12, 0).getTime();
const minutes = (count: number): number => count * 60_000;
const iso = (at: number): string => new Date(at).toISOString();

let made: TestEngine;
let catalog: Sqlite;
beforeEach(async () => {
  made = await makeEngine({ clock: () => noon });
  catalog = openCatalog(made.home);
});
afterEach(async () => {
  catalog.close();
  await made.close();
});

const run = (change: Partial<ScheduledRun>): ScheduledRun =>
  ({
    schedule: 'Nightly',
    state: 'succeeded',
    plannedAt: iso(noon - minutes(10)),
    finishedAt: iso(noon - minutes(5)),
    ...change,
  }) as ScheduledRun;
const planned = (at: number, change: Partial<PlannedRun> = {}): PlannedRun =>
  ({ schedule: 'Nightly', at: iso(at), paused: false, ...change }) as PlannedRun;
const see = (change: Partial<SchedulerStatus> = {}) => {
  const status: SchedulerStatus = { leader: null, pausedUntil: null, running: [], next: null, last: null, alarms: [], ...change };
  const profiles = { list: () => [{ id: 'pro_1', name: 'Shop' }] } as unknown as Parameters<typeof trayStateOf>[0]['profiles'];
  return trayStateOf({ ports: made.ports, catalog, jobs: made.engine.jobs, profiles }, status);
};
const addBackup = (status: string, origin: string, at: number): void =>
  void catalog
    .prepare(
      "insert into backups (id, status, profile, database, origin, started_at, finished_at, job_id) values (?, ?, 'Shop', 'shop', ?, ?, ?, 'job_1')",
    )
    .run(`bak_${Math.random()}`, status, origin, iso(at), iso(at));
const alarm = (text: string): SchedulerStatus['alarms'][number] => ({ kind: 'overdue', scheduleId: 'sch_1', text });

test('nothing yet', () => {
  expect(see()).toEqual({
    kind: 'idle',
    text: 'No backup yet',
    notes: [],
    last: null,
    next: null,
    pause: 'none',
    profiles: [{ id: 'pro_1', name: 'Shop' }],
    alarms: 0,
  });
});

test('fine: the last good backup, the last run, the next one', () => {
  addBackup('succeeded', 'schedule', noon - minutes(6));
  expect(see({ last: run({}), next: planned(noon + minutes(190)) })).toMatchObject({
    kind: 'idle',
    text: 'Last backup of shop: good',
    last: 'Last run: Nightly, good, 5 minutes ago',
    next: 'Next run: Nightly, 15:10 (in 3 h 10 min)',
  });
});

test('a next run on another day says which', () => {
  const next = (at: number): string | null => see({ next: planned(at) }).next;
  expect(next(noon + minutes(14 * 60))).toBe('Next run: Nightly, tomorrow 02:00 (in 14 h 00 min)');
  expect(next(new Date(2026, 10, 24, 2, 0).getTime())).toMatch(/^Next run: Nightly, Tue 02:00 \(in 2 d 14 h\)$/);
  expect(next(new Date(2026, 11, 24, 2, 0).getTime())).toMatch(/24 Dec 02:00/);
  expect(next(noon + 20_000)).toBe('Next run: Nightly, 12:00 (now)');
  expect(next(noon + minutes(5))).toBe('Next run: Nightly, 12:05 (in 5 min)');
});

test('alarms, the worst first, are the badge', () => {
  expect(see({ alarms: [alarm('Overdue: Nightly since 02:00'), alarm('None in 24 h: Hourly')] })).toMatchObject({
    kind: 'attention',
    text: 'Overdue: Nightly since 02:00',
    notes: ['None in 24 h: Hourly'],
    alarms: 2,
  });
});

test('a manual backup that failed needs attention; a scheduled one is told of by its run', () => {
  addBackup('failed', 'manual', noon - minutes(2));
  expect(see()).toMatchObject({
    kind: 'attention',
    text: 'Last backup of shop: failed',
    last: 'Last backup of shop: failed, 2 minutes ago',
  });
  addBackup('failed', 'schedule', noon - minutes(1));
  expect(see({ last: run({ state: 'failed', finishedAt: iso(noon - minutes(1)) }), alarms: [alarm('Nightly failed')] })).toMatchObject({
    kind: 'attention',
    text: 'Nightly failed',
    last: 'Last run: Nightly, failed, 1 minute ago',
    alarms: 1,
  });
});

test('paused is said, and never hides an alarm', () => {
  expect(see({ pausedUntil: openEnd(new Date(noon)).toISOString() })).toMatchObject({ text: 'Paused until somebody resumes' });
  const pausedUntil = tomorrowMorning(new Date(noon)).toISOString();
  expect(see({ pausedUntil })).toMatchObject({ kind: 'paused', text: 'Paused until tomorrow 08:00', pause: 'paused' });
  expect(see({ pausedUntil, alarms: [alarm('Overdue')] })).toMatchObject({
    kind: 'attention',
    text: 'Overdue',
    notes: ['Paused until tomorrow 08:00'],
  });
});

test('running, with percent where it is known; alarms stay below', async () => {
  let finish = (): void => undefined;
  const job = made.engine.jobs.start({
    kind: 'backup',
    title: 'Backup of shop on Shop',
    profile: 'Shop',
    database: 'shop',
    profileId: null,
    subjectId: null,
    serverKey: 'here',
    run: (work) => {
      work.progress({ phase: 'Reading', fraction: 0.437 });
      return new Promise((resolve) => (finish = () => resolve({})));
    },
  });
  await until('the job to run', () => see().kind === 'running');
  expect(see({ alarms: [alarm('Overdue')] })).toMatchObject({ kind: 'running', text: 'Backup of shop on Shop: 43 %', notes: ['Overdue'] });
  finish();
  await made.ended(job.id);
  expect(see().kind).toBe('idle');
});

test('tomorrow begins at midnight, whatever summer time does', () => {
  expect(tomorrowMorning(new Date(noon))).toEqual(new Date(2026, 10, 22, 8));
  expect(tomorrowMorning(new Date(2026, 2, 28, 23, 30))).toEqual(new Date(2026, 2, 29, 8));
  expect(tomorrowMorning(new Date(2026, 11, 31, 0, 0))).toEqual(new Date(2027, 0, 1, 8));
});
