// Schedules as the desktop program carries them: tray, notifications, sleep, and the lead handed over.
// The clock of the program starts where HOWDAH_NOW says. Notifications are kept by a stand-in (stand-ins.cjs): a headless
// display shows none; menu and icon are the real ones, seen through the program's own objects.
import { fileURLToPath } from 'node:url';
import type { Menu as ElectronMenu, MenuItem, Notification as ElectronNotification, Tray as ElectronTray } from 'electron';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { Schedule, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import { scheduleComingSlot } from '../support/coming-slot.ts';
import { describeElectron, exitOf, launchDesktop, look, type Desktop } from '../support/electron.ts';
import { makeEngine } from '../support/engine.ts';
import { makeHome } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { startCli } from '../support/run-cli.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';
import { nextMinuteOf } from './driving.ts';

const standIns = fileURLToPath(new URL('stand-ins.cjs', import.meta.url));
const atEnd: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

type Here = { caught?: { tray: ElectronTray; menu: ElectronMenu }; shownNotifications: ElectronNotification[]; images: string[] };

/** `now`: where its clock starts. Its tray is caught as the program makes it, and the names of the images that it is given. */
async function launch(home: string, now: string): Promise<{ started: Desktop; api: PageApi }> {
  const started = await launchDesktop({ home, first: standIns, env: { HOWDAH_NOW: now } });
  await started.app.evaluate(({ Tray, dialog }) => {
    const here = globalThis as unknown as Here & { asked: string[]; answer: number };
    const original = Tray.prototype.setContextMenu;
    Tray.prototype.setContextMenu = function (this: ElectronTray, menu: ElectronMenu | null) {
      if (menu !== null) here.caught = { tray: this, menu };
      original.call(this, menu);
    };
    here.asked = [];
    here.answer = 0;
    dialog.showMessageBox = ((...words: { message: string }[]) => {
      here.asked.push(words.at(-1)?.message ?? '');
      return Promise.resolve({ response: here.answer, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
  });
  return { started, api: await pageApi(started.page) };
}

async function launched(home: string, now: string): ReturnType<typeof launch> {
  const window = await launch(home, now);
  atEnd.push(() => window.started.close());
  return window;
}

const asked = (started: Desktop): Promise<string[]> =>
  look(() => started.app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked));
const answerWith = (started: Desktop, button: number): Promise<void> =>
  started.app.evaluate((_electron, index) => void ((globalThis as unknown as { answer: number }).answer = index), button);

const labels = (started: Desktop): Promise<string[]> =>
  look(() =>
    started.app.evaluate(() =>
      ((globalThis as unknown as Here).caught?.menu.items ?? []).filter((item) => item.type !== 'separator').map((item) => item.label),
    ),
  );
const labelled = (started: Desktop, what: RegExp): Promise<string> =>
  until(`the tray to say ${what}`, async () => (await labels(started)).find((label) => what.test(label)));
const click = (started: Desktop, id: string): Promise<void> =>
  started.app.evaluate((_electron, name) => {
    const item: MenuItem | null | undefined = (globalThis as unknown as Here).caught?.menu.getMenuItemById(name);
    if (item === null || item === undefined) throw new Error(`no item ${name}`);
    item.click();
  }, id);
const notifications = (started: Desktop): Promise<{ title: string; body: string }[]> =>
  look(() => started.app.evaluate(() => (globalThis as unknown as Here).shownNotifications.map(({ title, body }) => ({ title, body }))));

async function addProfile(api: PageApi, name: string, database: string, change: object = {}): Promise<Profile> {
  const { host, port, user, password } = testServer();
  return api.call<Profile>('profiles.create', { profile: { name, host, port, user, database, sslMode: 'disable', ...change }, password });
}
const addSchedule = (api: PageApi, profileId: string, change: object = {}): Promise<Schedule> =>
  api.call<Schedule>('schedules.create', {
    schedule: { name: 'Nightly', task: { kind: 'backup', profileId }, when: { kind: 'daily', time: '02:00' }, timeZone: 'UTC', ...change },
  });
const history = async (api: PageApi): Promise<ScheduledRun[]> => (await api.call<{ runs: ScheduledRun[] }>('schedules.history', {})).runs;
const endedRun = (api: PageApi, scheduleId: string, plannedAt: string): Promise<ScheduledRun> =>
  until(`the run of ${plannedAt}`, async () =>
    (await history(api)).find((run) => run.scheduleId === scheduleId && run.plannedAt === plannedAt && run.state !== 'running'),
  );
const leads = (api: PageApi): Promise<unknown> =>
  until('the window to lead', async () => (await api.call<SchedulerStatus>('schedules.status')).leader?.here === true);

// One window for what leaves it as it is; each test has its own profiles, and the last one sends it to sleep.
describeElectron('unattended, at noon', () => {
  let started: Desktop;
  let api: PageApi;
  beforeAll(async () => {
    ({ started, api } = await launch(makeHome(), '2026-11-20T12:00:00Z'));
  });
  afterAll(() => started?.close());

  test('a notification (kept by a stand-in) names what it is about; a click shows that', async () => {
    const { id } = await api.call<{ id: string }>('messages.addChannel', { channel: { name: 'Here', target: { kind: 'desktop' } } });
    expect(await api.call('messages.test', { id })).toMatchObject({ state: 'sent' });
    const [shown] = await notifications(started);
    expect(shown?.title).toMatch(/test/i);
    await started.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.hide();
      (globalThis as unknown as Here).shownNotifications[0]?.emit('click');
    });
    await until('the page', () => started.page.url().includes('#/schedules'));
    expect(await started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true);
  });

  test('the menu: back up now for each profile, pause until tomorrow, resume', async () => {
    const database = await createDatabase('CREATE TABLE t AS SELECT 1 AS a');
    const shop = await addProfile(api, 'Shop', database);
    await addSchedule(api, shop.id);
    await labelled(started, /^Pause until tomorrow 08:00$/);
    expect((await labels(started)).slice(-4)).toEqual(['Back up now', 'Pause until tomorrow 08:00', 'Open Howdah', 'Quit']);
    await started.app.evaluate(({ powerSaveBlocker }) => {
      const here = globalThis as unknown as { awake: string[] };
      here.awake = [];
      const { start, stop } = powerSaveBlocker;
      powerSaveBlocker.start = (kind) => {
        here.awake.push(kind);
        return start.call(powerSaveBlocker, kind);
      };
      powerSaveBlocker.stop = (id) => {
        here.awake.push(powerSaveBlocker.isStarted(id) ? 'let go' : 'not held');
        return stop.call(powerSaveBlocker, id);
      };
    });
    await click(started, 'backUpNow');
    await labelled(started, new RegExp(`^Last backup of ${database}: good$`));
    // The computer was kept awake for it, and no longer.
    const awake = await started.app.evaluate(() => (globalThis as unknown as { awake: string[] }).awake);
    expect(awake.slice(0, 2)).toEqual(['prevent-app-suspension', 'let go']);
    expect(awake.length % 2).toBe(0);

    await click(started, 'pause');
    await labelled(started, /^Resume schedules$/);
    expect((await labels(started))[0]).toMatch(/^Paused until tomorrow 08:00$/);
    const morning = new Date(2026, 10, 21, 8).toISOString();
    expect(await api.call<SchedulerStatus>('schedules.status')).toMatchObject({ pausedUntil: morning });
    await click(started, 'resume');
    await labelled(started, /^Pause until tomorrow 08:00$/);
    expect(await api.call<SchedulerStatus>('schedules.status')).toMatchObject({ pausedUntil: null });

    const bank = await addProfile(api, 'R&D', database);
    const entries = await until('an entry for each profile', () =>
      started.app.evaluate(() => {
        const menu = (globalThis as unknown as Here).caught?.menu.getMenuItemById('backUpNow')?.submenu;
        return menu?.items.map(({ id, label }) => ({ id, label }));
      }),
    );
    expect(entries).toEqual([
      { id: `backUp:${bank.id}`, label: 'R&&D' },
      { id: `backUp:${shop.id}`, label: 'Shop' },
    ]);
  });

  test('after a sleep over a slot, resuming makes up for it', async () => {
    const profile = await addProfile(api, 'Asleep', await createDatabase('CREATE TABLE t AS SELECT 1 AS a'));
    await leads(api);
    const { id } = await addSchedule(api, profile.id, { name: 'Before dawn', when: { kind: 'daily', time: '01:00' } });
    await started.app.evaluate(({ powerMonitor }) => {
      powerMonitor.emit('suspend');
      const awake = Date.now;
      Date.now = () => awake() + 15 * 3_600_000;
      powerMonitor.emit('resume');
    });
    expect(await endedRun(api, id, '2026-11-21T01:00:00.000Z')).toMatchObject({ state: 'caught-up', trigger: 'catch-up' });
    await labelled(started, /^Last run: (Before dawn|Nightly), caught up/);
  });
});

describeElectron('unattended', () => {
  test('a scheduled run that fails: notification (kept by a stand-in), tray, and fine again after a good one', async () => {
    const { started, api } = await launched(makeHome(), '2026-11-20T01:59:40Z');
    const good = await createDatabase('CREATE TABLE t AS SELECT 1 AS a');
    const profile = await addProfile(api, 'Shop', `${good}_that_is_not_there`);
    await leads(api);
    await api.call('messages.addChannel', { channel: { name: 'Here', target: { kind: 'desktop' } } });
    const { schedule, slot } = await scheduleComingSlot({
      nextMinute: () => nextMinuteOf(api),
      make: (time) => addSchedule(api, profile.id, { when: { kind: 'daily', time } }),
      remove: ({ id }) => api.call('schedules.remove', { id }),
    });
    expect(await labelled(started, /^Next run: Nightly/)).toMatch(/\(now|in \d/);

    const failed = await endedRun(api, schedule.id, slot);
    expect(failed).toMatchObject({ state: 'failed', trigger: 'slot' });
    await labelled(started, /^Last run: Nightly, failed/);
    expect((await labels(started))[0]).toContain('Nightly');
    const [shown] = await until('the notification', async () => {
      const all = await notifications(started);
      return all.length > 0 && all;
    });
    expect(`${shown?.title} ${shown?.body}`).toMatch(/Nightly/);
    expect(`${shown?.title} ${shown?.body}`).toMatch(/failed/i);
    await started.app.evaluate(() => void (globalThis as unknown as Here).shownNotifications[0]?.emit('click'));
    await until('the run on the page', () => started.page.url().includes(failed.id));

    await api.call('schedules.update', {
      id: schedule.id,
      schedule: { ...schedule, task: { kind: 'backup', profileId: profile.id, databases: { kind: 'named', names: [good] } } },
    });
    await api.call('schedules.run', { id: schedule.id });
    await labelled(started, /^Last run: Nightly, good/);
    expect((await labels(started))[0]).toBe(`Last backup of ${good}: good`);
  });

  test('leaving says that nothing will run; the agent takes the lead over', async () => {
    const home = makeHome();
    const now = '2026-11-20T12:00:00Z';
    const { started, api } = await launched(home, now);
    const profile = await addProfile(api, 'Shop', await createDatabase('CREATE TABLE t AS SELECT 1 AS a'));
    await leads(api);
    await addSchedule(api, profile.id);
    await started.app.evaluate(({ app }) => app.quit());
    await until('the question', async () => (await asked(started)).length === 1);
    expect(await asked(started)).toEqual(['Nothing will run unattended while Howdah is closed.']);
    expect(started.app.process().exitCode).toBeNull();

    const agent = startCli(['agent'], { home, env: { HOWDAH_NOW: now, HOWDAH_SECRETS: 'file' } });
    atEnd.push(() => {
      agent.child.kill('SIGKILL');
      return agent.ended;
    });
    await answerWith(started, 1);
    const exit = exitOf(started.app);
    await started.app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    expect(await exit).toBe(0);
    const onlooker = await makeEngine({ home });
    atEnd.push(() => onlooker.close());
    await until('the agent to lead', async () => (await onlooker.client.schedules.status()).leader?.host === 'agent');
  });
});
