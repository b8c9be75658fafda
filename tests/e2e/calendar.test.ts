// The calendar in a real browser on the real engine, with two months of runs in every state: all views, dragging, the
// keyboard alone, 500 runs in a month, and the rules of axe in light and dark.
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dayOf,
  fullDay,
  hour,
  monthName,
  startOfDay,
  startOfMonth,
  startOfWeek,
  wallOfDay,
} from '../../renderer/schedules/calendar/zone.ts';
import type { PlannedRun, Schedule } from '../../shared/contract/schedules.ts';
import { longName, seedSchedules, type Seeded } from '../support/schedule-history.ts';
import { createDatabase } from '../support/server.ts';
import { thorough } from '../support/thorough.ts';
import { choose, startSession, type Session } from './session.ts';

let session: Session;
let seeded: Seeded;
let backupId: string;

// The browser and the schedules' clock agree: both on this machine, shown in UTC.
const today = dayOf(Date.now(), 'UTC');
const lastMonth = addMonths(startOfMonth(today), -1);
/** A week of slots to come only, in which no clock of the seeded zones changes. */
const comingWeek = quietWeek(startOfWeek(addDays(today, 14)));

beforeAll(async () => {
  session = await startSession();
  const database = await createDatabase('CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 50)');
  const profile = await session.addProfile({ name: 'Live', database, environment: 'production', colour: '#e03131' });
  backupId = (await session.backUp(profile.id)).id;
  seeded = seedSchedules(session.home, { profileId: profile.id, profile: profile.name, backupId });
});
afterEach(() => session.closePages());
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

const calendar = (page: Page) => page.getByRole('region', { name: 'Calendar', exact: true });
const events = (page: Page) => page.locator('[data-item]');
const cell = (page: Page, id: string) => page.locator(`[data-cell="${id}"]`);
const chooseView = (page: Page, view: string) => page.getByRole('radiogroup', { name: 'View' }).locator('label', { hasText: view }).click();
const goTo = (page: Page, place: string) =>
  page.evaluate((hash) => {
    window.location.hash = hash;
  }, `#/schedules/${place}`);

async function openCalendar(place: string): Promise<Page> {
  const page = await session.open(`schedules/${place}`);
  await calendar(page).waitFor();
  return page;
}

const idOf = (name: string): string => seeded.schedules.find((schedule) => schedule.name === name)?.id ?? '';

async function planned(name: string, from: string, to: string): Promise<PlannedRun[]> {
  const query = new URLSearchParams({ scheduleId: idOf(name), from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` });
  return (await session.rest<{ runs: PlannedRun[] }>('GET', `/schedules/next?${query.toString()}`)).runs;
}

describe('a month of more than 500 runs', () => {
  test('is drawn within a second', async () => {
    const page = await openCalendar(`month-${addMonths(lastMonth, -4)}`);
    await page.getByText('Nothing ran and nothing is planned in this month.').waitFor();
    expect(seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(lastMonth.slice(0, 7))).length).toBeGreaterThan(500);
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      took.push(
        await page.evaluate(async (hash) => {
          const begun = performance.now();
          window.location.hash = hash;
          while (document.querySelectorAll('[data-item]').length < 50) await new Promise((next) => requestAnimationFrame(next));
          return performance.now() - begun;
        }, `#/schedules/month-${lastMonth}`),
      );
      await goTo(page, `month-${addMonths(lastMonth, -4)}`);
      await page.getByText('Nothing ran and nothing is planned in this month.').waitFor();
    }
    expect(Math.min(...took)).toBeLessThan(1000);
  });

  test('hides no failure behind "more", and counts what it hides', async () => {
    const page = await openCalendar(`month-${lastMonth}`);
    await events(page).nth(50).waitFor();
    const days = await page.locator('[data-cell]').evaluateAll((cells) =>
      cells.map((one) => ({
        day: one.getAttribute('data-cell') ?? '',
        label: one.getAttribute('aria-label') ?? '',
        shown: [...one.querySelectorAll('[data-item]')].map((event) => event.getAttribute('aria-label') ?? ''),
        more: one.textContent?.match(/\+(\d+) more/)?.[1] ?? '0',
      })),
    );
    const dayRuns = (day: string) => seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(day));
    let failedDays = 0;
    for (const { day, label, shown, more } of days.filter(({ day }) => day < today)) {
      expect(shown.length + Number(more), day).toBe(dayRuns(day).length);
      const failed = dayRuns(day).filter(({ state }) => state === 'failed').length;
      if (failed === 0) continue;
      failedDays += 1;
      expect(label).toContain(`${failed} failed`);
      expect(shown.filter((name) => name.includes(', failed, ')).length).toBe(Math.min(failed, shown.length));
    }
    expect(failedDays).toBeGreaterThan(3);
  });

  test('"more" opens the day, with all of it', async () => {
    const page = await openCalendar(`month-${lastMonth}`);
    const day = addDays(lastMonth, 13);
    await page.getByRole('button', { name: new RegExp(`more on ${fullDay(day)}`) }).click();
    await page.getByRole('grid', { name: `Runs of ${fullDay(day)}, by hour` }).waitFor();
    await events(page).nth(5).waitFor();
    expect(page.url()).toContain(`#/schedules/day-${day}`);
    await page.goBack();
    await page.getByRole('grid', { name: /^Runs of / }).waitFor();
    expect(page.url()).toContain(`#/schedules/month-${lastMonth}`);
  });
});

test('every view has its place in the address, and survives a reload', async () => {
  const page = await openCalendar(`month-${lastMonth}`);
  await page.getByRole('heading', { name: monthName(lastMonth) }).waitFor();
  for (const [view, sign] of [
    ['Week', /Runs of the week from/],
    ['Day', /, by hour/],
    ['List', /^Runs$/],
  ] as const) {
    await chooseView(page, view);
    await page.getByRole('grid', { name: sign }).waitFor();
    expect(page.url()).toContain(`#/schedules/${view.toLowerCase()}-${lastMonth}`);
  }
  await chooseView(page, 'Year');
  await page.getByRole('heading', { name: lastMonth.slice(0, 4) }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: lastMonth.slice(0, 4) }).waitFor();
  await page.getByRole('button', { name: 'Previous year' }).click();
  await page.getByRole('heading', { name: String(Number(lastMonth.slice(0, 4)) - 1) }).waitFor();
  await page.getByRole('button', { name: 'Today' }).click();
  await page.getByRole('heading', { name: today.slice(0, 4) }).waitFor();
});

test('runs are drawn to scale, each in its state’s shape', async () => {
  const page = await openCalendar(`day-${addDays(today, -4)}`);
  const long = page.getByRole('button', { name: /^Warehouse New York, succeeded/ });
  const short = page.getByRole('button', { name: /^Hourly quick, succeeded/ }).first();
  const [tall, low] = [await long.boundingBox(), await short.boundingBox()];
  const run = seeded.runs.find(({ schedule, plannedAt }) => schedule === 'Warehouse New York' && plannedAt.startsWith(addDays(today, -4)));
  const { durationMs } = await session.rest<{ durationMs: number }>('GET', `/schedules/runs/${run?.id ?? ''}`);
  const hourHeight = (await cell(page, `${addDays(today, -4)} 3`).boundingBox())?.height ?? 0;
  expect(Math.abs((tall?.height ?? 0) + 2 - (durationMs / hour) * hourHeight)).toBeLessThan(2);
  expect(low?.height).toBeGreaterThanOrEqual(19);

  await goTo(page, `month-${lastMonth}`);
  await events(page).nth(50).waitFor();
  const shapes = await events(page).evaluateAll((all) =>
    all.map((one) => [
      /, (planned|succeeded|failed|missed|skipped|cancelled|caught up), /.exec(one.getAttribute('aria-label') ?? '')?.[1] ?? '?',
      one.querySelector('svg')?.innerHTML ?? '',
    ]),
  );
  const byState = new Map(shapes.map(([state, shape]) => [state, shape]));
  expect([...byState.keys()]).toEqual(expect.arrayContaining(['failed', 'missed', 'succeeded']));
  expect(new Set(byState.values()).size).toBe(byState.size);
});

describe('a run', () => {
  test('says what came of it, why, and what to do next', async () => {
    const failed = seeded.runs.find(({ state, schedule }) => state === 'failed' && schedule === 'Nightly full backup');
    const page = await openCalendar(failed?.id ?? '');
    const drawer = page.getByRole('dialog', { name: 'Nightly full backup' });
    await drawer.getByText('Failed', { exact: true }).waitFor();
    await drawer.getByRole('alert').waitFor();
    expect(await drawer.getByRole('alert').innerText()).toMatch(/cannot be reached|is full/);
    await drawer.getByText('in Europe/Berlin, the schedule’s zone').first().waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    // The calendar behind it shows the run's month.
    await page.getByRole('heading', { name: monthName(failed?.plannedAt.slice(0, 10) ?? '') }).waitFor();
  });

  test('leads to its backup', async () => {
    const page = await openCalendar(`list-${today}`);
    const row = page.getByRole('row', { name: /succeeded/ }).first();
    await row.waitFor();
    const linked = seeded.runs.filter(({ state }) => state === 'succeeded').toSorted((a, b) => b.plannedAt.localeCompare(a.plannedAt));
    const withBackup = linked.find(({ schedule }) => schedule !== 'Cleanup');
    await goTo(page, withBackup?.id ?? '');
    const backups = page.getByRole('dialog').getByRole('list', { name: 'Backups of this run' });
    await backups.getByText('✓ verified').waitFor();
    await backups.getByRole('button', { name: 'shop' }).click();
    await page.waitForURL((url) => url.hash === `#/backups/${backupId}`);
  });

  test('that was missed says why', async () => {
    const missed = seeded.runs.find(({ state, schedule }) => state === 'missed' && schedule === 'Nightly full backup');
    const page = await openCalendar(missed?.id ?? '');
    await page.getByRole('dialog').getByText('Missed', { exact: true }).waitFor();
    await page
      .getByRole('dialog')
      .getByText(/catch-up stands for it|too late for its grace time/)
      .first()
      .waitFor();
  });
});

describe('a slot to come', () => {
  const drag = async (page: Page, from: Locator, to: { x: number; y: number }) => {
    await from.scrollIntoViewIfNeeded();
    const box = await from.boundingBox();
    if (box === null) throw new Error('nothing to drag');
    await page.mouse.move(box.x + box.width / 2, box.y + 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 12, box.y + 12, { steps: 3 });
    await page.mouse.move(to.x, to.y + 4, { steps: 8 });
  };
  const centre = async (of: Locator): Promise<{ x: number; y: number }> => {
    const box = await of.boundingBox();
    if (box === null) throw new Error('it is not in sight');
    return { x: box.x + box.width / 2, y: box.y };
  };
  const event = (page: Page, name: string, day: string) =>
    page.getByRole('button', { name: new RegExp(`^${name}, planned, ${fullDay(day)}`) });

  test('is dragged to another time, alone', async () => {
    const day = addDays(comingWeek, 1);
    const page = await openCalendar(`week-${day}`);
    const before = (await planned('Reports before work', day, addDays(day, 1)))[0];
    const moving = event(page, 'Reports before work', day);
    await moving.waitFor();
    await drag(page, moving, await centre(cell(page, `${addDays(day, 1)} 8`)));
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: 'Move “Reports before work”' });
    await dialog.waitFor();
    // Nothing has moved yet.
    expect((await planned('Reports before work', day, addDays(day, 1)))[0]).toEqual(before);
    expect(await dialog.getByLabel('To time').inputValue()).toBe('08:00');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: new RegExp(`^Reports before work, planned, ${fullDay(addDays(day, 1))} 08:00.*moved from`) })
      .waitFor();
    const after = await planned('Reports before work', day, addDays(day, 2));
    expect(after.map(({ at, movedFrom }) => [at, movedFrom])).toContainEqual([`${addDays(day, 1)}T08:00:00.000Z`, before?.at]);
    expect(after.some(({ at }) => at === before?.at)).toBe(false);
  });

  test('is dragged with all that follow', async () => {
    const day = addDays(comingWeek, 2);
    const page = await openCalendar(`week-${day}`);
    const moving = event(page, 'Warehouse New York', day);
    await moving.waitFor();
    // Held at the lower edge, the day scrolls on to hours that were out of sight.
    const evening = cell(page, `${day} 21`);
    const edge =
      (await page
        .locator('[data-cell]')
        .first()
        .evaluate((one) => one.closest('[role=rowgroup]')?.getBoundingClientRect().bottom)) ?? 0;
    await drag(page, moving, { x: (await centre(evening)).x, y: edge - 14 });
    await page.waitForFunction(
      ([id, bottom]) => (document.querySelector(`[data-cell="${id}"]`)?.getBoundingClientRect().bottom ?? Infinity) < bottom,
      [`${day} 21`, edge] as const,
    );
    await page.mouse.move((await centre(evening)).x, edge - 200);
    const box = await evening.boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 4, { steps: 4 });
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: 'Move “Warehouse New York”' });
    expect(await dialog.getByLabel('To time').inputValue()).toBe('21:00');
    await dialog.getByText('This and all that follow').click();
    const shown = await dialog.getByText('in America/New York, the schedule’s zone').last().innerText();
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const schedule = await session.rest<Schedule>('GET', `/schedules/${idOf('Warehouse New York')}`);
    expect(schedule.when).toEqual({ kind: 'daily', time: /(\d\d:\d\d) in America/.exec(shown)?.[1] });
    await page.getByRole('button', { name: new RegExp(`^Warehouse New York, planned, ${fullDay(addDays(day, 3))} 21:00`) }).waitFor();
  });

  test('stays where it is when Escape is pressed, and when the engine refuses', async () => {
    const day = addDays(comingWeek, 3);
    const page = await openCalendar(`month-${day}`);
    const before = await planned('Nightly full backup', comingWeek, addDays(comingWeek, 7));
    const more = page.getByRole('button', { name: new RegExp(`more on ${fullDay(day)}`) });
    await more.waitFor();
    const moving = cell(page, day).getByRole('button', { name: /^Nightly full backup, planned/ });
    await drag(page, moving, await centre(cell(page, addDays(day, -1))));
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(await page.getByRole('dialog').count()).toBe(0);

    // On the day before there is one of the same schedule at the same time.
    await drag(page, moving, await centre(cell(page, addDays(day, -1))));
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: /^Move/ });
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await planned('Nightly full backup', comingWeek, addDays(comingWeek, 7))).toEqual(before);
  });

  test('is skipped and taken back', async () => {
    const day = addDays(comingWeek, 4);
    const page = await openCalendar(`day-${day}`);
    await event(page, 'Cleanup', day).click();
    const drawer = page.getByRole('dialog', { name: 'Cleanup' });
    await drawer.getByRole('button', { name: 'Skip this one' }).click();
    await drawer.getByText('Will be skipped').waitFor();
    expect(await planned('Cleanup', day, addDays(day, 1))).toEqual([]);
    await drawer.getByRole('button', { name: 'Run it after all' }).click();
    await drawer.getByText(/^Planned, in/).waitFor();
    expect(await planned('Cleanup', day, addDays(day, 1))).toHaveLength(1);
  });

  test('is run now, beside its plan, and followed to its end', async () => {
    const day = addDays(comingWeek, 4);
    const plan = async () => (await planned('Reports before work', day, addDays(day, 1))).map(({ at }) => at);
    const before = await plan();
    const page = await openCalendar(`day-${day}`);
    await event(page, 'Reports before work', day).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
    await page.waitForURL((url) => url.hash.startsWith('#/schedules/run_'));
    const drawer = page.getByRole('dialog', { name: 'Reports before work' });
    await drawer.getByText('Succeeded', { exact: true }).waitFor();
    await drawer.getByText('by hand').waitFor();
    await drawer.getByRole('list', { name: 'Backups of this run' }).getByText('✓ verified').waitFor();
    await drawer
      .getByRole('log')
      .getByText(/pg_dump/)
      .first()
      .waitFor();
    expect(await plan()).toEqual(before);
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: `Runs of ${fullDay(today)}, by hour` }).waitFor();
    await page
      .getByRole('button', { name: /^Reports before work, succeeded, .*, Live/ })
      .first()
      .waitFor();
  });

  test('past ones cannot be dragged', async () => {
    const page = await openCalendar(`week-${addDays(today, -7)}`);
    const done = events(page).first();
    await done.waitFor();
    await drag(page, done, await centre(cell(page, `${addDays(startOfWeek(addDays(today, -7)), 3)} 5`)));
    await page.mouse.up();
    expect(await page.getByRole('dialog', { name: /^Move/ }).count()).toBe(0);
  });
});

describe('the keyboard alone', () => {
  test('walks the days, opens a slot, moves it and comes back', async () => {
    const day = addDays(comingWeek, 5);
    const page = await openCalendar(`month-${day}`);
    await cell(page, day).locator('[data-item]').first().waitFor();
    await cell(page, day).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-cell'))).toBe(addDays(day, -1));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(`Open ${fullDay(day)}`);
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    expect(name).toMatch(new RegExp(`, planned, ${fullDay(day)} \\d\\d:\\d\\d, Live`));
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).not.toBe(name);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog').first();
    await drawer.getByRole('button', { name: 'Move…' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: /^Move/ });
    await dialog.getByLabel('To time').fill('21:10');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await drawer.getByText('Moved from').waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Open ${fullDay(day)}` }).press('Enter');
    await page.getByRole('button', { name: /planned, .* 21:10, .*moved from/ }).waitFor();
  });

  test('goes past the edge of the period, and has one tab stop for the grid', async () => {
    const page = await openCalendar(`month-${lastMonth}`);
    await events(page).nth(50).waitFor();
    expect(await page.locator('[data-cell][tabindex="0"]').count()).toBe(1);
    const first = await page.locator('[data-cell]').first().getAttribute('data-cell');
    await cell(page, first ?? '').focus();
    await page.keyboard.press('ArrowUp');
    await page.getByRole('heading', { name: monthName(addDays(first ?? '', -7)) }).waitFor();
    await page.waitForFunction((id) => document.activeElement?.getAttribute('data-cell') === id, addDays(first ?? '', -7));
    await page.keyboard.press('PageDown');
    await page.getByRole('heading', { name: monthName(addMonths(addDays(first ?? '', -7), 1)) }).waitFor();
  });

  test('single keys change the view, and it is announced', async () => {
    const page = await openCalendar(`month-${lastMonth}`);
    await events(page).nth(50).waitFor();
    await cell(page, lastMonth).focus();
    for (const [key, said] of [
      ['w', /^Week view, /],
      ['d', /^Day view, /],
      ['l', /^List view, /],
      ['y', /^Year view, /],
      ['o', /^Load view, /],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('status').filter({ hasText: said }).waitFor();
    }
    await page.keyboard.press('m');
    await page.keyboard.press('k');
    await page.getByRole('heading', { name: monthName(addMonths(startOfMonth(today), 1)) }).waitFor();
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: monthName(today) }).waitFor();
  });

  test('an empty hour starts a schedule at that time', async () => {
    const day = addDays(comingWeek, 6);
    const page = await openCalendar(`week-${day}`);
    await cell(page, `${day} 22`).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await cell(page, `${day} 23`).click({ position: { x: 20, y: 40 } });
    await dialog.waitFor();
  });
});

test('the year shows successes, failures and misses, and opens a day', async () => {
  const year = lastMonth.slice(0, 4);
  const page = await openCalendar(`year-${lastMonth}`);
  const square = (day: string) => page.locator(`[data-day="${day}"]`);
  await square(lastMonth).waitFor();
  const days = [...new Set(seeded.runs.map(({ plannedAt }) => plannedAt.slice(0, 10)))].filter(
    (day) => day < today && day.startsWith(year),
  );
  await page.waitForFunction(() => document.querySelectorAll('[data-tone="good"]').length > 5);
  for (const day of days) {
    const runs = seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(day));
    const of = (state: string) => runs.filter((run) => run.state === state).length;
    const label = (await square(day).getAttribute('aria-label')) ?? '';
    if (of('succeeded') > 0) expect(label).toContain(`${of('succeeded')} succeeded`);
    if (of('failed') > 0) expect(label).toContain(`${of('failed')} failed`);
    const tone = of('failed') > 0 ? 'failed' : of('missed') > 0 ? 'missed' : 'good';
    if (of('failed') + of('missed') + of('succeeded') > 0) expect(await square(day).getAttribute('data-tone')).toBe(tone);
  }
  const chosen = days.at(-3) ?? lastMonth;
  await square(chosen).focus();
  await page.keyboard.press('ArrowLeft');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-day'))).toBe(addDays(chosen, -1));
  await page.keyboard.press('Enter');
  await page.getByRole('grid', { name: `Runs of ${fullDay(addDays(chosen, -1))}, by hour` }).waitFor();
});

test('the load of the next 30 days has a bar a day, and names the clashes', async () => {
  const { jobsPerServer } = await session.rest<{ jobsPerServer: number }>('GET', '/settings');
  await session.rest('PUT', '/settings', { jobsPerServer: 1 });
  try {
    const page = await openCalendar(`load-${today}`);
    const bars = page.getByRole('list', { name: 'Days' }).getByRole('button');
    await bars.first().waitFor();
    expect(await bars.count()).toBe(30);
    expect(await bars.nth(3).getAttribute('aria-label')).toMatch(/: \d+ runs, busy for .*, at most \d+ at once, \d+ clash(es)?$/);
    const clash = page.getByRole('table', { name: 'Clashes' }).getByRole('row').nth(1);
    expect((await clash.getByRole('cell').nth(2).innerText()).split(', ').length).toBeGreaterThan(1);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    const when = (await clash.getByRole('button').innerText()).slice(4, 14);
    await clash.getByRole('button').click();
    await page.getByRole('grid', { name: `Runs of ${fullDay(when)}, by hour` }).waitFor();
    await page.goBack();
    await bars.nth(3).click();
    await page.getByRole('grid', { name: `Runs of ${fullDay(addDays(today, 3))}, by hour` }).waitFor();
  } finally {
    await session.rest('PUT', '/settings', { jobsPerServer });
  }
});

test('times are shown in the zone that is chosen, which is always named', async () => {
  const page = await openCalendar(`day-${addDays(today, 9)}`);
  const utc = await page.getByRole('button', { name: /^Reports before work, planned/ }).getAttribute('aria-label');
  await choose(page, 'Times are shown in', /^Asia\/Kolkata/);
  await page.getByText('Times: Asia/Kolkata').waitFor();
  const kolkata = await page.getByRole('button', { name: /^Reports before work, planned/ }).getAttribute('aria-label');
  const minutes = (label: string | null) => {
    const [, hours = '0', rest = '0'] = / (\d\d):(\d\d), /.exec(label ?? '') ?? [];
    return Number(hours) * 60 + Number(rest);
  };
  expect(minutes(kolkata) - minutes(utc)).toBe(330);
  await page.reload();
  await page.getByText('Times: Asia/Kolkata').waitFor();
  await choose(page, 'Times are shown in', /^Europe\/Berlin/);
  // The night on which clocks go forward next year.
  const spring = lastSundayOfMarch(Number(today.slice(0, 4)) + 1);
  await goTo(page, `day-${spring}`);
  await page.getByText('does not exist: clocks go forward').waitFor();
  await choose(page, 'Times are shown in', /^UTC/);
});

test('schedules can be left out', async () => {
  const page = await openCalendar(`list-${lastMonth}`);
  await page
    .getByRole('row', { name: /Hourly quick/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Filter by schedule' }).click();
  await page.getByRole('checkbox', { name: 'Hourly quick', exact: true }).uncheck();
  await page.keyboard.press('Escape');
  await page
    .getByRole('row', { name: /Hourly quick/ })
    .first()
    .waitFor({ state: 'detached' });
  await page
    .getByRole('row', { name: /Orders, every six hours/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: /Filter by schedule: 6 of 7/ }).click();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.keyboard.press('Escape');
  await page
    .getByRole('row', { name: /Hourly quick/ })
    .first()
    .waitFor();
});

test('a long name is cut, and told in full', async () => {
  const run = seeded.runs.find(({ schedule, plannedAt }) => schedule === longName && plannedAt.startsWith(lastMonth.slice(0, 7)));
  const page = await openCalendar(`week-${run?.plannedAt.slice(0, 10) ?? ''}`);
  const long = page.getByRole('button', { name: new RegExp(`^${longName}, `) }).first();
  await long.waitFor();
  expect(await long.getAttribute('title')).toContain(longName);
  expect(await long.evaluate((button) => button.getBoundingClientRect().width <= (button.closest('[data-cell]')?.clientWidth ?? 0))).toBe(
    true,
  );
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

describe.each(thorough ? (['light', 'dark'] as const) : (['light'] as const))('rules of axe, %s', (scheme) => {
  const failedRun = () => seeded.runs.find(({ state }) => state === 'failed')?.id ?? '';
  test.each([
    ['month', () => `month-${lastMonth}`, async (page: Page) => events(page).nth(50).waitFor()],
    ['week', () => `week-${addDays(today, -7)}`, async (page: Page) => events(page).nth(20).waitFor()],
    ['day', () => `day-${addDays(today, -5)}`, async (page: Page) => events(page).nth(5).waitFor()],
    ['list', () => `list-${lastMonth}`, async (page: Page) => page.getByRole('row').nth(10).waitFor()],
    ['year', () => `year-${lastMonth}`, async (page: Page) => page.locator('[data-tone="good"]').nth(5).waitFor()],
    ['load', () => `load-${today}`, async (page: Page) => page.getByRole('list', { name: 'Days' }).waitFor()],
    ['run', failedRun, async (page: Page) => page.getByRole('dialog').getByRole('alert').waitFor()],
    [
      'slot and its move',
      () => `day-${addDays(comingWeek, 1)}`,
      async (page: Page) => {
        await page.getByRole('button', { name: /^Nightly full backup, planned/ }).click();
        await page.getByRole('button', { name: 'Move…' }).click();
        await page.getByRole('dialog', { name: /^Move/ }).waitFor();
      },
    ],
    [
      'filter',
      () => `month-${today}`,
      async (page: Page) => {
        await page.getByRole('button', { name: 'Filter by schedule' }).click();
        await page.getByRole('checkbox').first().waitFor();
      },
    ],
  ])('%s', async (_name, place, show) => {
    const page = await session.open('backups');
    await page.emulateMedia({ colorScheme: scheme });
    await goTo(page, place());
    await show(page);
    // Colours are all that differs in the dark.
    const axe = new AxeBuilder({ page });
    const { violations } = await (scheme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
    expect(
      violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`).join('; ')}`,
      ),
    ).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});

function quietWeek(monday: string): string {
  const changes = ['Europe/Berlin', 'Europe/London', 'America/New_York'].some(
    (zone) => startOfDay(addDays(monday, 7), zone) - startOfDay(monday, zone) !== 7 * 24 * hour,
  );
  return changes ? quietWeek(addDays(monday, 7)) : monday;
}

function lastSundayOfMarch(year: number): string {
  const last = `${year}-03-31`;
  return addDays(last, -new Date(wallOfDay(last)).getUTCDay());
}
