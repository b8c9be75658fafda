// The desktop program goes in the middle of a scheduled backup: whoever leads next makes up for it, and nothing lies about.
import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/backups.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { Schedule, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import { describeElectron, exitOf, launchDesktop, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { runCli } from '../support/run-cli.ts';
import { scheduleComingSlot } from '../support/coming-slot.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { slowClient } from '../support/slow-client.ts';
import { until } from '../support/wait.ts';
import { nextMinuteOf } from './driving.ts';

const atEnd: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

type Working = { started: Desktop; api: PageApi; home: string; database: string; slot: string; letGo: () => void };

/** The window, in the middle of a scheduled backup whose slots are made up for. `also`: more databases. */
async function atWork(also: string[] = []): Promise<Working> {
  const home = makeHome();
  const started = await launchDesktop({ home, env: { HOWDAH_NOW: '2026-11-20T01:59:50Z' } });
  atEnd.push(() => started.close());
  const api = await pageApi(started.page);
  const database = await createDatabase('CREATE TABLE t AS SELECT 1 AS a');
  const { clientDirectory, letGo } = slowClient();
  atEnd.push(letGo);
  const { host, port, user, password } = testServer();
  const profile = await api.call<Profile>('profiles.create', {
    profile: { name: 'Shop', host, port, user, database, sslMode: 'disable', clientDirectory },
    password,
  });
  await until('the window to lead', async () => (await api.call<SchedulerStatus>('schedules.status')).leader?.here === true);
  const databases = { kind: 'named', names: [database, ...also] };
  const task = { kind: 'backup', profileId: profile.id, databases };
  const { slot } = await scheduleComingSlot({
    nextMinute: () => nextMinuteOf(api),
    make: (time) =>
      api.call<Schedule>('schedules.create', { schedule: { name: 'Nightly', task, when: { kind: 'daily', time }, timeZone: 'UTC' } }),
    remove: ({ id }) => api.call('schedules.remove', { id }),
  });
  await until('the backup to be half-way', () => halfMade(home).length > 0);
  expect(await api.call('schedules.history', {})).toMatchObject({ runs: [{ plannedAt: slot, state: 'running', phase: 'working' }] });
  return { started, api, home, database, slot, letGo };
}

/** So many minutes after the slot. */
const later = (slot: string, minutes: number): string => new Date(Date.parse(slot) + minutes * 60_000).toISOString();

/** Folders of backups that are not finished, anywhere below the data folder. */
const halfMade = (home: string): string[] =>
  readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(partial|deleted)$/.test(path));

const command = async <T>(home: string, now: string, ...args: string[]): Promise<T> => {
  const ended = await runCli([...args, '--json'], { home, env: { HOWDAH_NOW: now, HOWDAH_SECRETS: 'file' } });
  expect(ended.code, ended.stderr).toBe(0);
  return ended.json as T;
};
const history = (home: string, now: string): Promise<{ runs: ScheduledRun[] }> => command(home, now, 'schedule', 'history');

describeElectron('a scheduled backup that the program does not live to see', () => {
  for (const [signal, what] of [
    ['SIGTERM', 'told to go'],
    ['SIGKILL', 'killed'],
  ] as const)
    test(`${what}: the next leader catches the run up`, async () => {
      const { started, home, database, slot, letGo } = await atWork();
      const exit = exitOf(started.app);
      started.app.process().kill(signal);
      expect(await exit).toBe(signal === 'SIGTERM' ? 143 : null);
      if (signal === 'SIGTERM') expect(halfMade(home)).toEqual([]);
      // A command cannot lead: it leaves the run to those that can.
      expect((await history(home, later(slot, 5))).runs).toMatchObject([{ plannedAt: slot, state: 'running' }]);
      expect(halfMade(home)).toEqual([]);

      letGo();
      const { leader, runs } = await command<{ leader: boolean; runs: ScheduledRun[] }>(home, later(slot, 6), 'agent', '--once');
      expect(leader).toBe(true);
      const caughtUp = { plannedAt: slot, state: 'caught-up', trigger: 'catch-up', reason: 'interrupted' };
      expect(runs).toMatchObject([caughtUp]);
      expect((await history(home, later(slot, 7))).runs).toMatchObject([{ ...caughtUp, backups: [{ database, status: 'succeeded' }] }]);
      expect(halfMade(home)).toEqual([]);
      const { backups } = await command<{ backups: Backup[] }>(home, later(slot, 7), 'backups', 'list');
      expect(backups.filter(({ status }) => status === 'succeeded')).toHaveLength(1);
      expect(backups.filter(({ status }) => status === 'running')).toEqual([]);
    });

  test('somebody leaves and cancels what runs: nobody makes up for it', async () => {
    const { started, api, home, slot } = await atWork(['postgres']);
    const exit = exitOf(started.app);
    const answered = api.call('app.answerQuit', { answer: 'cancelJobsAndQuit' }).catch(() => undefined);
    expect(await exit).toBe(0);
    await answered;
    expect((await history(home, later(slot, 5))).runs).toMatchObject([{ plannedAt: slot, state: 'cancelled', reason: 'by-user' }]);
    expect(await command(home, later(slot, 6), 'agent', '--once')).toMatchObject({ leader: true, runs: [] });
    expect(halfMade(home)).toEqual([]);
  });
});
