// What a person waits for: the page in a browser, and the window in Electron where there is one, on a long history.
import type { Page } from 'playwright';
import { addMonths, dayOf, startOfMonth } from '../../renderer/schedules/calendar/zone.ts';
import { launchBrowser } from '../support/browser.ts';
import { electronMissing, launchDesktop } from '../support/electron.ts';
import { startCli } from '../support/run-cli.ts';
import { seedSchedules } from '../support/schedule-history.ts';
import { until } from '../support/wait.ts';
import { median } from './measure.ts';

export type PageTimes = {
  /** From the address to a list that answers clicks, in a browser that runs already; milliseconds. */
  loadMs: number;
  /** From another page of the program to the list. */
  openMs: number;
  /** From the last key to the found rows. */
  searchMs: number;
  /** From an empty month of the calendar to one of more than 500 runs that is drawn. */
  monthMs: number;
  /** From starting the program to the same; null without an Electron or a display. */
  windowMs: number | null;
};

const rounds = 5;

/** `home` holds a long history, in which `db299` is on few rows; two months of scheduled runs of `profile` are added last. */
export async function timePage(home: string, profile: { id: string; name: string }): Promise<PageTimes> {
  const cli = startCli(['serve', '--no-open', '--json'], { home });
  const browser = await launchBrowser();
  try {
    const { serve } = await until('the address', () => {
      const text = cli.output().stdout;
      return text.includes('\n') ? (JSON.parse(text) as { serve: { url: string; origin: string } }) : null;
    });
    const context = await browser.newContext({ viewport: { width: 1180, height: 800 } });
    const first = await context.newPage();
    await first.goto(serve.url);
    await ready(first);
    await first.close();
    const loaded: number[] = [];
    const opened: number[] = [];
    const searched: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const page = await context.newPage();
      loaded.push(
        await timed(async () => {
          await page.goto(serve.origin);
          await ready(page);
        }),
      );
      const pages = page.getByRole('navigation', { name: 'Pages' });
      await pages.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
      opened.push(
        await timed(async () => {
          await pages.getByRole('button', { name: 'Backups' }).click();
          await page.getByRole('grid', { name: 'Backups' }).getByRole('gridcell').first().waitFor();
        }),
      );
      const search = page.getByRole('textbox', { name: 'Search backups' });
      await search.pressSequentially('db299 nightl');
      await page.getByRole('gridcell', { name: 'db299' }).first().waitFor();
      searched.push(
        await timed(async () => {
          await search.fill(`db299 bak_${49_799 - 300 * round}`);
          await page.getByRole('grid', { name: 'Backups' }).and(page.locator('[aria-rowcount="2"]')).waitFor();
        }),
      );
      await page.close();
    }
    const windowMs = await timeWindow(home);
    seedSchedules(home, { profileId: profile.id, profile: profile.name });
    const monthMs = await timeMonth(await context.newPage(), serve.origin);
    return { loadMs: median(loaded), openMs: median(opened), searchMs: median(searched), monthMs, windowMs };
  } finally {
    await browser.close();
    cli.child.kill('SIGTERM');
    await cli.ended;
  }
}

async function timeMonth(page: Page, origin: string): Promise<number> {
  const full = addMonths(startOfMonth(dayOf(Date.now(), 'UTC')), -1);
  const empty = addMonths(full, -4);
  await page.goto(`${origin}/#/schedules/month-${empty}`);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.getByText('Nothing ran and nothing is planned in this month.').waitFor();
    times.push(
      await page.evaluate(async (hash) => {
        const begun = performance.now();
        window.location.hash = hash;
        while (document.querySelectorAll('[data-item]').length < 50) await new Promise((next) => requestAnimationFrame(next));
        return performance.now() - begun;
      }, `#/schedules/month-${full}`),
    );
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, `#/schedules/month-${empty}`);
  }
  return median(times);
}

async function timeWindow(home: string): Promise<number | null> {
  if (electronMissing() !== null) return null;
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    const desktop = await launchDesktop({ home });
    await ready(desktop.page);
    times.push(performance.now() - begun);
    await desktop.close();
  }
  return median(times);
}

async function ready(page: Page): Promise<void> {
  await page.getByRole('grid', { name: 'Backups' }).getByRole('gridcell').first().waitFor();
  await page.getByRole('button', { name: 'Back up now' }).first().click({ trial: true });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
