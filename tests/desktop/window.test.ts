// The real window of the built program, with the real engine and server behind it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Menu as ElectronMenu, Tray as ElectronTray } from 'electron';
import type { Page } from 'playwright';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { describeElectron, exitOf, launchDesktop, type Desktop, type DesktopOptions } from '../support/electron.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { slowClient } from '../support/slow-client.ts';
import { until } from '../support/wait.ts';

let desktop: Desktop | null = null;

afterEach(async () => {
  await desktop?.close();
  desktop = null;
});

async function launch(options: Partial<DesktopOptions> = {}): Promise<Desktop> {
  desktop = await launchDesktop({ home: makeHome(), ...options });
  return desktop;
}

const isVisible = (started: Desktop): Promise<boolean> =>
  started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()));

/** Presses the window's close button. */
const pressClose = (started: Desktop): Promise<void> =>
  started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

/** A dump of nothing much: enough for a path that exists. */
function someFile(name = 'shop.dump'): string {
  const path = join(temporaryDirectory('dropped'), name);
  writeFileSync(path, 'PGDMP');
  return path;
}

async function fileShown(api: PageApi, wanted: string): Promise<void> {
  const stream = await api.follow('app.events');
  await until(`the page to hear of ${wanted}`, async () =>
    (await stream.events()).some(
      (event) => JSON.stringify(event).includes(`"kind":"fileOpened"`) && JSON.stringify(event).includes(wanted),
    ),
  );
}

/** A backup that waits until it is let go. */
async function startSlowBackup(api: PageApi): Promise<{ jobId: string; letGo: () => void }> {
  const database = await createDatabase('CREATE TABLE busy (a int); INSERT INTO busy VALUES (1)');
  const { host, port, user, password } = testServer();
  const { clientDirectory, letGo } = slowClient();
  const profile = await api.call<Profile>('profiles.create', {
    profile: { name: 'busy', host, port, user, database, sslMode: 'disable', clientDirectory },
    password,
  });
  const { jobId } = await api.call<{ jobId: string }>('backups.start', { profileId: profile.id, options: {} });
  await until('the job to run', async () => (await api.call<Job>('jobs.get', { id: jobId })).status === 'running');
  return { jobId, letGo };
}

/** The tray as the program made it, caught when it next paints its menu. */
async function catchTray(started: Desktop): Promise<void> {
  await started.app.evaluate(({ Tray }) => {
    const original = Tray.prototype.setContextMenu;
    Tray.prototype.setContextMenu = function (this: ElectronTray, menu: ElectronMenu | null) {
      (globalThis as unknown as { caught: unknown }).caught = { tray: this, menu };
      original.call(this, menu);
    };
  });
}

type Caught = { caught?: { menu: ElectronMenu } };
const trayLabels = (started: Desktop): Promise<string[]> =>
  started.app.evaluate(() => ((globalThis as unknown as Caught).caught?.menu.items ?? []).map((item) => item.label));
const clickTray = (started: Desktop, id: string): Promise<void> =>
  started.app.evaluate((_electron, name) => {
    const item = (globalThis as unknown as Caught).caught?.menu.getMenuItemById(name);
    item?.click();
  }, id);

async function drop(page: Page, path: string): Promise<unknown> {
  // A file input holds the same kind of File as a drop does: one that the system knows the path of.
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.id = 'for-test';
    document.body.append(input);
  });
  await page.setInputFiles('#for-test', path);
  return page.evaluate(() => {
    const file = (document.querySelector('#for-test') as HTMLInputElement).files?.[0];
    const bridge = (window as unknown as { howdah: { openDropped(file: File | undefined): Promise<unknown> } }).howdah;
    return bridge.openDropped(file);
  });
}

describeElectron('the window', () => {
  test('shows the page from app:// in a sandbox without Node, and the engine answers it', async () => {
    const { page, app } = await launch();
    expect(page.url()).toMatch(/^app:\/\/howdah\//);
    expect(await page.title()).toMatch(/Howdah$/);
    expect(await page.evaluate(() => [typeof globalThis.process, typeof globalThis.require])).toEqual(['undefined', 'undefined']);
    expect(await page.evaluate(() => Object.keys((window as unknown as { howdah: object }).howdah).sort())).toEqual([
      'host',
      'openDropped',
    ]);
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity: webSecurity ?? true };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true });
    const api = await pageApi(page);
    expect(await api.call('app.info')).toMatchObject({ host: 'desktop' });
  });

  test('also opens where the runtime loads the program too late to declare app://', async () => {
    const { page } = await launch({ early: false });
    const api = await pageApi(page);
    expect(await api.call('app.info')).toMatchObject({ host: 'desktop' });
  });

  test('is fenced in: no network, no navigation, no new window, no file outside the page', async () => {
    const { page, app } = await launch();
    const url = page.url();
    expect(await page.evaluate(() => fetch('https://example.com/').then(String, (error: unknown) => String(error)))).toContain(
      'Failed to fetch',
    );
    expect(await page.evaluate(() => fetch('/../package.json').then((answer) => answer.status))).toBe(404);
    expect(await page.evaluate(() => fetch('/%2e%2e/%2e%2e/package.json').then((answer) => answer.status))).toBe(404);
    expect(await page.evaluate(() => fetch('/').then((answer) => answer.headers.get('content-security-policy')))).toMatch(
      /^default-src 'none'/,
    );
    await page.evaluate(() => {
      window.open('https://example.com/');
      window.location.href = 'https://example.com/';
    });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    expect(page.url()).toBe(url);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(await page.evaluate(() => navigator.permissions.query({ name: 'geolocation' }).then((answer) => answer.state))).toBe('denied');
  });

  test('remembers where it was', async () => {
    const home = makeHome();
    const first = await launch({ home });
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 50, width: 900, height: 650 }));
    // Chromium may crash where its window goes in the middle of a change of size.
    await until('the page to be so wide', () => first.page.evaluate(() => window.innerWidth === 900));
    await first.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const exit = exitOf(first.app);
    await first.app.evaluate(({ app }) => app.quit());
    expect(await exit).toBe(0);
    const second = await launch({ home });
    const bounds = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
    expect(bounds).toMatchObject({ width: 900, height: 650 });
  });
});

describeElectron('files from outside', () => {
  test('a dropped file is opened by its real path', async () => {
    const { page } = await launch();
    const path = someFile();
    expect(await drop(page, path)).toMatchObject({ name: 'shop.dump', path, sizeBytes: 5 });
  });

  test('a file that the page made up itself is refused', async () => {
    const { page } = await launch();
    const answer = await page.evaluate(() =>
      (window as unknown as { howdah: { openDropped(file: File): Promise<unknown> } }).howdah.openDropped(new File(['x'], '/etc/passwd')),
    );
    expect(answer).toMatchObject({ error: { code: 'BAD_INPUT' } });
  });

  test('a dump named at the start reaches the page', async () => {
    const path = someFile();
    const { page } = await launch({ args: [path] });
    // The page itself takes the event; what it does with it is seen in the address.
    await until('the restore page', () => page.url().includes('#/restore'));
  });

  test('a second instance hands its dump over, shows the first window and ends', async () => {
    const home = makeHome();
    const first = await launch({ home });
    const api = await pageApi(first.page);
    const shown = fileShown(api, 'second.dump');
    await pressClose(first);
    await until('the window to hide', async () => !(await isVisible(first)));
    const { program, args, env } = first.command;
    const second = spawn(program, [...args, someFile('second.dump')], { env, stdio: 'ignore' });
    await until('the second instance to end', () => second.exitCode !== null);
    expect(second.exitCode).toBe(0);
    await shown;
    await until('the window to show', () => isVisible(first));
  });
});

describeElectron('tray and leaving', () => {
  test('closing the window keeps the tray; its menu opens the window again and quits', async () => {
    const started = await launch();
    await catchTray(started);
    const api = await pageApi(started.page);
    const { jobId, letGo } = await startSlowBackup(api);
    await until('the tray to show the job', async () => (await trayLabels(started)).some((label) => label.includes('Backup')));
    expect(await trayLabels(started)).toEqual(expect.arrayContaining(['Back up now', 'Open Howdah', 'Quit']));
    await pressClose(started);
    await until('the window to hide', async () => !(await isVisible(started)));
    await clickTray(started, 'open');
    await until('the window to show', () => isVisible(started));
    letGo();
    await until('the job to end', async () => (await api.call<Job>('jobs.get', { id: jobId })).status === 'succeeded');
    await until('the tray to say so', async () => (await trayLabels(started))[0]?.includes('good') ?? false);
    const exit = exitOf(started.app);
    await clickTray(started, 'quit');
    expect(await exit).toBe(0);
  });

  test('without "close to tray" the close button quits', async () => {
    const started = await launch();
    const api = await pageApi(started.page);
    await api.call('settings.set', { closeToTray: false });
    const exit = exitOf(started.app);
    await pressClose(started);
    expect(await exit).toBe(0);
  });

  test('leaving while a job runs asks; staying keeps it running, leaving cancels it without a trace', async () => {
    const home = makeHome();
    const started = await launch({ home });
    const api = await pageApi(started.page);
    const { jobId } = await startSlowBackup(api);
    const events = await api.follow('app.events');
    await started.app.evaluate(({ app }) => app.quit());
    await until('the question', async () => (await events.events()).some((event) => (event as { kind: string }).kind === 'quitAsked'));
    await api.call('app.answerQuit', { answer: 'stay' });
    expect((await api.call<Job>('jobs.get', { id: jobId })).status).toBe('running');
    const exit = exitOf(started.app);
    const answered = api.call('app.answerQuit', { answer: 'cancelJobsAndQuit' }).catch(() => undefined);
    expect(await exit).toBe(0);
    await answered;
    const again = await launch({ home });
    const after = await pageApi(again.page);
    expect((await after.call<Job>('jobs.get', { id: jobId })).status).toBe('cancelled');
  });

  test('SIGTERM cancels what runs and leaves without asking', async () => {
    const home = makeHome();
    const started = await launch({ home });
    const { jobId } = await startSlowBackup(await pageApi(started.page));
    const exit = exitOf(started.app);
    started.app.process().kill('SIGTERM');
    expect(await exit).toBe(143);
    const again = await launch({ home });
    expect((await (await pageApi(again.page)).call<Job>('jobs.get', { id: jobId })).status).toBe('cancelled');
  });
});

describeElectron('the data folder', () => {
  test('log and window state are private to the user', async () => {
    const home = join(makeHome(), 'deeper', 'home');
    mkdirSync(home, { recursive: true });
    const { app } = await launch({ home });
    await until('the log', () => readFileSync(join(home, 'logs', 'desktop.log'), 'utf8').includes('started'));
    expect(statSync(join(home, 'logs', 'desktop.log')).mode & 0o777).toBe(0o600);
    expect(await app.evaluate(({ app: electronApp }) => electronApp.getPath('userData'))).toBe(join(home, 'window'));
  });
});
