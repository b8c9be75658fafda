// The tray, and the ways out of the program: each ends it for good.
import type { Menu as ElectronMenu, Tray as ElectronTray } from 'electron';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import { describeElectron, exitOf, launchDesktop, look, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi } from '../support/page-api.ts';
import { runCli } from '../support/run-cli.ts';
import { until } from '../support/wait.ts';
import { isVisible, pressClose, startSlowBackup } from './driving.ts';

let desktop: Desktop | null = null;

afterEach(async () => {
  await desktop?.close();
  desktop = null;
});

async function launch(home = makeHome()): Promise<Desktop> {
  desktop = await launchDesktop({ home });
  return desktop;
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
  look(() => started.app.evaluate(() => ((globalThis as unknown as Caught).caught?.menu.items ?? []).map((item) => item.label)));
const clickTray = (started: Desktop, id: string): Promise<void> =>
  started.app.evaluate((_electron, name) => {
    const item = (globalThis as unknown as Caught).caught?.menu.getMenuItemById(name);
    item?.click();
  }, id);

/** As the next program on that data folder sees it. */
async function jobAfterwards(home: string, id: string): Promise<Job | undefined> {
  const { json } = await runCli(['jobs', 'list', '--json'], { home, env: { HOWDAH_SECRETS: 'file' } });
  return (json as { jobs: Job[] }).jobs.find((job) => job.id === id);
}

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
    const started = await launch(home);
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
    expect(await jobAfterwards(home, jobId)).toMatchObject({ status: 'cancelled' });
  });

  test('SIGTERM cancels what runs and leaves without asking', async () => {
    const home = makeHome();
    const started = await launch(home);
    const { jobId } = await startSlowBackup(await pageApi(started.page));
    const exit = exitOf(started.app);
    started.app.process().kill('SIGTERM');
    expect(await exit).toBe(143);
    expect(await jobAfterwards(home, jobId)).toMatchObject({ status: 'cancelled' });
  });
});
