// The icon, its menu and the notifications as a real panel and a real notification daemon get them over D-Bus: one program,
// one schedule, from its first failure on. The clock of the program starts where HOWDAH_NOW says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { Schedule, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import {
  describeDesktopSession,
  startDesktopSession,
  type DesktopSession,
  type MenuEntry,
  type TrayItem,
} from '../support/desktop-session.ts';
import { electronMissing, exitOf, launchDesktop, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

let session: DesktopSession;
let desktop: Desktop;
let api: PageApi;
let database: string;
let schedule: Schedule;
let failed: ScheduledRun;

const item = (): Promise<TrayItem> => until('the icon in the panel', async () => (await session.panel.items()).at(-1));
/** In a label of dbusmenu a single _ marks the next letter. */
const words = ({ label }: MenuEntry): string => (label ?? '').replaceAll('__', '_');
const labels = ({ menu }: TrayItem): string[] => menu.filter(({ type }) => type !== 'separator').map(words);
const entryOf = (shown: TrayItem, label: string): MenuEntry => {
  const found = shown.menu.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no entry ${label} among ${labels(shown).join(', ')}`);
  return found;
};
/** Menu and tooltip reach the panel one after the other. */
const showing = (what: RegExp, tip = ''): Promise<TrayItem> =>
  until(`the panel to show ${what}`, async () => {
    const shown = await item();
    return labels(shown).some((label) => what.test(label)) && toolTip(shown).includes(tip) && shown;
  });
const choose = (label: string): Promise<true> =>
  until(`a click on ${label}`, async () => session.panel.choose(entryOf(await item(), label)));
const toolTip = ({ properties }: TrayItem): string => JSON.stringify(properties['ToolTip']);
const icon = ({ properties }: TrayItem): string => JSON.stringify([properties['IconPixmap'], properties['IconName']]);
const visible = (): Promise<boolean | undefined> =>
  desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
const hide = (): Promise<void> => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
const status = (): Promise<SchedulerStatus> => api.call<SchedulerStatus>('schedules.status');
const standing = (): Promise<true> => until('a notification', () => session.notifications.standing() > 0);

describeDesktopSession(
  'panel and notifications',
  () => {
    const icons = new Map<string, string>();
    /** The image reaches the panel a moment after the words. */
    const itsOwnImage = (): Promise<string> =>
      until('an image that no other state has', async () => {
        const shown = icon(await item());
        return ![...icons.values()].includes(shown) && shown;
      });
    beforeAll(async () => {
      session = await startDesktopSession({ screen: true });
      const home = makeHome();
      // As after the first time: leaving asks nothing.
      mkdirSync(join(home, 'window'), { recursive: true });
      writeFileSync(join(home, 'window', 'told-of-schedules'), '');
      desktop = await launchDesktop({ home, env: { ...session.env, HOWDAH_NOW: '2026-11-20T01:59:40Z' } });
      api = await pageApi(desktop.page);
      database = await createDatabase('CREATE TABLE t AS SELECT 1 AS a');
    }, 180_000);
    afterAll(async () => {
      await desktop?.close();
      await session.stop();
    });

    test('without a profile: the icon with its tooltip, and a menu that opens and quits', async () => {
      const shown = await showing(/^No backup yet$/, 'No backup yet');
      expect(shown.properties).toMatchObject({ Status: 'Active' });
      expect(toolTip(shown)).toContain('Howdah');
      expect(toolTip(shown)).toContain('No backup yet');
      expect(labels(shown)).toEqual(['No backup yet', 'Back up now', 'Open Howdah', 'Quit']);
      expect(shown.menu.filter(({ enabled }) => enabled === false).map(words)).toEqual(['No backup yet']);
      icons.set('idle', await itsOwnImage());
    });

    test('Open, and a click on the icon, bring the window', async () => {
      for (const way of [() => choose('Open Howdah'), () => session.panel.activate()]) {
        await hide();
        await until('the window to be hidden', async () => (await visible()) === false);
        await way();
        await until('the window to show', visible);
      }
    });

    test('a test message and a scheduled run that fails reach the notification daemon; a click on it shows the run', async () => {
      const { host, port, user, password } = testServer();
      const profile = await api.call<Profile>('profiles.create', {
        profile: { name: 'R&D', host, port, user, database: `${database}_that_is_not_there`, sslMode: 'disable' },
        password,
      });
      const channel = { name: 'Here', target: { kind: 'desktop' }, events: ['failed', 'recovered', 'missed'] };
      const { id } = await api.call<{ id: string }>('messages.addChannel', { channel });
      expect(await api.call('messages.test', { id })).toMatchObject({ state: 'sent' });
      await standing();
      session.notifications.click();
      await until('the page of messages', () => desktop.page.url().includes('#/schedules'));
      expect(session.notifications.all()[0]?.summary).toMatch(/test/i);

      await until('the window to lead', async () => (await status()).leader?.here);
      schedule = await addForNextMinutes(profile.id);
      await showing(/^Next run: Nightly/);
      failed = await until(
        'the run of that minute',
        async () => (await api.call<{ runs: ScheduledRun[] }>('schedules.history', {})).runs.find(({ state }) => state === 'failed'),
        110_000,
      );
      expect(failed).toMatchObject({ trigger: 'slot', plannedAt: schedule.nextAt });
      await standing();
      await hide();
      session.notifications.click();
      await until('the run on the page', () => desktop.page.url().includes(failed.id));
      await until('the window to show', visible);
      const [told] = session.notifications.all();
      expect(told?.summary).toMatch(/FAILED/);
      expect(`${told?.summary} ${told?.body}`).toMatch(/Nightly/);
      expect(JSON.stringify(session.notifications.all())).not.toContain(password);
    }, 180_000);

    test('attention in the panel: another icon, the alarm in tooltip and menu', async () => {
      const shown = await showing(/^Last run: Nightly, failed/, 'failed');
      expect(labels(shown)[0]).toContain('Nightly');
      expect(toolTip(shown)).toContain('Nightly');
      icons.set('attention', await itsOwnImage());
    });

    test('Back up now runs one: the panel shows it at work, then good; the good run after the failed one is told of', async () => {
      const { task, ...rest } = schedule;
      await api.call('schedules.update', {
        id: schedule.id,
        schedule: { ...rest, task: { ...task, databases: { kind: 'named', names: [database] } } },
      });
      const { host, port, user, password } = testServer();
      const client = new pg.Client({ host, port, user, password, database });
      await client.connect();
      try {
        // The dump waits for the table until the panel has been looked at.
        await client.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
        await api.call('schedules.run', { id: schedule.id });
        const shown = await showing(new RegExp(`^Backup of ${database}`), `Backup of ${database}`);
        expect(toolTip(shown)).toContain(`Backup of ${database}`);
        icons.set('running', await itsOwnImage());
      } finally {
        await client.end();
      }
      await showing(new RegExp(`^Last backup of ${database}: good$`));
      await standing();
      expect(session.notifications.all()[0]?.summary).toMatch(/recovered/i);

      const before = await backups();
      await api.call('profiles.update', { id: profileId(), profile: { name: 'R&D', host, port, user, database, sslMode: 'disable' } });
      await choose('Back up now');
      await until('one more backup', async () => (await backups()) > before);
      await until('the panel at rest', async () => labels(await item())[0] === `Last backup of ${database}: good`);
    });

    test('Pause until tomorrow pauses, Resume resumes', async () => {
      await showing(/^Pause until tomorrow 08:00$/);
      await choose('Pause until tomorrow 08:00');
      // What still runs is said first.
      const shown = await until('the pause to be said first', async () => {
        const now = await showing(/^Resume schedules$/, 'Paused until tomorrow 08:00');
        return labels(now)[0] === 'Paused until tomorrow 08:00' && now;
      });
      expect(labels(shown)).toContain('Resume schedules');
      expect(toolTip(shown)).toContain('Paused until tomorrow 08:00');
      expect(await status()).toMatchObject({ pausedUntil: new Date(2026, 10, 21, 8).toISOString() });
      icons.set('paused', await itsOwnImage());
      await choose('Resume schedules');
      await showing(/^Pause until tomorrow 08:00$/);
      expect(await status()).toMatchObject({ pausedUntil: null });
    });

    test('with several profiles, Back up now names them; each state had an image of its own', async () => {
      const { host, port, user, password } = testServer();
      await api.call('profiles.create', { profile: { name: 'Shop', host, port, user, database, sslMode: 'disable' }, password });
      const shown = await until('an entry for each profile', async () => {
        const now = await item();
        return entryOf(now, 'Back up now').children.length === 2 && now;
      });
      expect(entryOf(shown, 'Back up now').children.map(words)).toEqual(['R&D', 'Shop']);
      expect([...icons.keys()].toSorted()).toEqual(['attention', 'idle', 'paused', 'running']);
      expect(new Set(icons.values()).size).toBe(4);
    });

    test('Quit ends the program, and the icon is gone', async () => {
      const exit = exitOf(desktop.app);
      await choose('Quit');
      expect(await exit).toBe(0);
      await until('the panel to be empty', async () => (await session.panel.items()).length === 0);
    });
  },
  electronMissing(),
);

/** At 02:00 by the program's clock, or a minute later where the start took until then. */
async function addForNextMinutes(profileId: string): Promise<Schedule> {
  for (let minute = 0; ; minute += 1) {
    const when = { kind: 'daily', time: `02:0${minute}` };
    const added = await api.call<Schedule>('schedules.create', {
      schedule: { name: 'Nightly', task: { kind: 'backup', profileId }, when, timeZone: 'UTC' },
    });
    if (added.nextAt?.startsWith('2026-11-20')) return added;
    await api.call('schedules.remove', { id: added.id });
  }
}

const profileId = (): string => (schedule.task as { profileId: string }).profileId;
const backups = async (): Promise<number> => (await api.call<{ total: number }>('backups.list', {})).total;
