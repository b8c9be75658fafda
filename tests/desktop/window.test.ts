// The real window of the built program, with the real engine behind it: one start, for everything that a look can tell.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeElectron, launchDesktop, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { until } from '../support/wait.ts';
import { isVisible, pressClose, someFile } from './driving.ts';

async function fileShown(api: PageApi, wanted: string): Promise<void> {
  const stream = await api.follow('app.events');
  await until(`the page to hear of ${wanted}`, async () =>
    (await stream.events()).some(
      (event) => JSON.stringify(event).includes(`"kind":"fileOpened"`) && JSON.stringify(event).includes(wanted),
    ),
  );
}

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
  const home = join(makeHome(), 'deeper', 'home');
  let desktop: Desktop;
  let api: PageApi;
  beforeAll(async () => {
    mkdirSync(home, { recursive: true });
    desktop = await launchDesktop({ home });
    api = await pageApi(desktop.page);
  });
  afterAll(() => desktop?.close());

  test('shows the page from app:// in a sandbox without Node, and the engine answers it', async () => {
    const { page, app } = desktop;
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
    expect(await api.call('app.info')).toMatchObject({ host: 'desktop' });
  });

  test('log and window state are private to the user', async () => {
    const { app } = desktop;
    await until('the log', () => readFileSync(join(home, 'logs', 'desktop.log'), 'utf8').includes('started'));
    expect(statSync(join(home, 'logs', 'desktop.log')).mode & 0o777).toBe(0o600);
    expect(await app.evaluate(({ app: electronApp }) => electronApp.getPath('userData'))).toBe(join(home, 'window'));
  });

  test('a dropped file is opened by its real path', async () => {
    const { page } = desktop;
    const path = someFile();
    expect(await drop(page, path)).toMatchObject({ name: 'shop.dump', path, sizeBytes: 5 });
  });

  test('a file that the page made up itself is refused', async () => {
    const { page } = desktop;
    const answer = await page.evaluate(() =>
      (window as unknown as { howdah: { openDropped(file: File): Promise<unknown> } }).howdah.openDropped(new File(['x'], '/etc/passwd')),
    );
    expect(answer).toMatchObject({ error: { code: 'BAD_INPUT' } });
  });

  test('a second instance hands its dump over, shows the first window and ends', async () => {
    const first = desktop;
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

  // The last one: Playwright waits for ever for the navigation that it sees refused.
  test('is fenced in: no network, no navigation, no new window, no file outside the page', async () => {
    const { page, app } = desktop;
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
});
