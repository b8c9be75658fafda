// What the calendar draws: a full month, each view at its address, runs to scale and in their states, long names.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, fullDay, hour, monthName } from '../../../renderer/schedules/calendar/zone.ts';
import { longName } from '../../support/schedule-history.ts';
import { followAddress } from '../actions.ts';
import { calendarDays, cell, events, startCalendar, type Calendar } from './calendar.ts';

let calendar: Calendar;
const { today, lastMonth } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: false });
});
afterAll(() => calendar.close());

test('a month of more than 500 runs hides no failure behind "more", and counts what it hides', async () => {
  const page = await calendar.show(`month-${lastMonth}`);
  await events(page).nth(50).waitFor();
  expect(calendar.seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(lastMonth.slice(0, 7))).length).toBeGreaterThan(500);
  const days = await page.locator('[data-cell]').evaluateAll((cells) =>
    cells.map((one) => ({
      day: one.getAttribute('data-cell') ?? '',
      label: one.getAttribute('aria-label') ?? '',
      shown: [...one.querySelectorAll('[data-item]')].map((event) => event.getAttribute('aria-label') ?? ''),
      more: one.textContent?.match(/\+(\d+) more/)?.[1] ?? '0',
    })),
  );
  const dayRuns = (day: string) => calendar.seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(day));
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

test('"more" on a day of the month opens the day, with all of it', async () => {
  const page = await calendar.show(`month-${lastMonth}`);
  const day = addDays(lastMonth, 13);
  await page.getByRole('button', { name: new RegExp(`more on ${fullDay(day)}`) }).click();
  await page.getByRole('grid', { name: `Runs of ${fullDay(day)}, by hour` }).waitFor();
  await events(page).nth(5).waitFor();
  expect(page.url()).toContain(`#/schedules/day-${day}`);
  await page.goBack();
  await page.getByRole('grid', { name: /^Runs of / }).waitFor();
  expect(page.url()).toContain(`#/schedules/month-${lastMonth}`);
});

test('every view has its place in the address, and survives a reload', async () => {
  const page = await calendar.show(`month-${lastMonth}`);
  await page.getByRole('heading', { name: monthName(lastMonth) }).waitFor();
  for (const [view, sign] of [
    ['Week', /Runs of the week from/],
    ['Day', /, by hour/],
    ['List', /^Runs$/],
  ] as const) {
    await page.getByRole('radiogroup', { name: 'View' }).locator('label', { hasText: view }).click();
    await page.getByRole('grid', { name: sign }).waitFor();
    expect(page.url()).toContain(`#/schedules/${view.toLowerCase()}-${lastMonth}`);
  }
  await page.getByRole('radiogroup', { name: 'View' }).locator('label', { hasText: 'Year' }).click();
  await page.getByRole('heading', { name: lastMonth.slice(0, 4) }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: lastMonth.slice(0, 4) }).waitFor();
  await page.getByRole('button', { name: 'Previous year' }).click();
  await page.getByRole('heading', { name: String(Number(lastMonth.slice(0, 4)) - 1) }).waitFor();
  await page.getByRole('button', { name: 'Today' }).click();
  await page.getByRole('heading', { name: today.slice(0, 4) }).waitFor();
});

test('runs are drawn to scale, each in its state’s shape', async () => {
  const page = await calendar.show(`day-${addDays(today, -4)}`);
  const long = page.getByRole('button', { name: /^Warehouse New York, succeeded/ });
  const short = page.getByRole('button', { name: /^Hourly quick, succeeded/ }).first();
  const [tall, low] = [await long.boundingBox(), await short.boundingBox()];
  const run = calendar.seeded.runs.find(
    ({ schedule, plannedAt }) => schedule === 'Warehouse New York' && plannedAt.startsWith(addDays(today, -4)),
  );
  const { durationMs } = await calendar.session.rest<{ durationMs: number }>('GET', `/schedules/runs/${run?.id ?? ''}`);
  const hourHeight = (await cell(page, `${addDays(today, -4)} 3`).boundingBox())?.height ?? 0;
  expect(Math.abs((tall?.height ?? 0) + 2 - (durationMs / hour) * hourHeight)).toBeLessThan(2);
  expect(low?.height).toBeGreaterThanOrEqual(19);

  await followAddress(page, `schedules/month-${lastMonth}`);
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

test('a long name is cut, and told in full', async () => {
  const run = calendar.seeded.runs.find(({ schedule, plannedAt }) => schedule === longName && plannedAt.startsWith(lastMonth.slice(0, 7)));
  const page = await calendar.show(`week-${run?.plannedAt.slice(0, 10) ?? ''}`);
  const long = page.getByRole('button', { name: new RegExp(`^${longName}, `) }).first();
  await long.waitFor();
  expect(await long.getAttribute('title')).toContain(longName);
  expect(await long.evaluate((button) => button.getBoundingClientRect().width <= (button.closest('[data-cell]')?.clientWidth ?? 0))).toBe(
    true,
  );
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});
