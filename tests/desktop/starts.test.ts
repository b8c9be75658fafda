// What only a start of its own can tell: how the runtime loads the program, what it was started with, where it was before.
import { afterEach, expect, test } from 'vitest';
import { describeElectron, exitOf, launchDesktop, type Desktop, type DesktopOptions } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi } from '../support/page-api.ts';
import { until } from '../support/wait.ts';
import { someFile } from './driving.ts';

let desktop: Desktop | null = null;

afterEach(async () => {
  await desktop?.close();
  desktop = null;
});

async function launch(options: Partial<DesktopOptions> = {}): Promise<Desktop> {
  desktop = await launchDesktop({ home: makeHome(), ...options });
  return desktop;
}

describeElectron('a start of the window', () => {
  test('opens also where the runtime loads the program too late to declare app://', async () => {
    const { page } = await launch({ early: false });
    const api = await pageApi(page);
    expect(await api.call('app.info')).toMatchObject({ host: 'desktop' });
  });

  test('a dump named at the start reaches the page', async () => {
    const path = someFile();
    const { page } = await launch({ args: [path] });
    // The page itself takes the event; what it does with it is seen in the address.
    await until('the restore page', () => page.url().includes('#/restore'));
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
