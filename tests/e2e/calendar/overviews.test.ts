// What the calendar tells at a glance: the year, the load of the days to come, times in another zone, some schedules only.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, fullDay, wallOfDay } from '../../../renderer/schedules/calendar/zone.ts';
import { expectAccessible } from '../accessibility/rules.ts';
import { choose, followAddress } from '../actions.ts';
import { calendarDays, startCalendar, type Calendar } from './calendar.ts';

let calendar: Calendar;
const { today, lastMonth } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: false });
});
afterAll(() => calendar.close());

test('the year shows successes, failures and misses, and opens a day', async () => {
  const year = lastMonth.slice(0, 4);
  const page = await calendar.show(`year-${lastMonth}`);
  const square = (day: string) => page.locator(`[data-day="${day}"]`);
  await square(lastMonth).waitFor();
  const days = [...new Set(calendar.seeded.runs.map(({ plannedAt }) => plannedAt.slice(0, 10)))].filter(
    (day) => day < today && day.startsWith(year),
  );
  await page.waitForFunction(() => document.querySelectorAll('[data-tone="good"]').length > 5);
  for (const day of days) {
    const runs = calendar.seeded.runs.filter(({ plannedAt }) => plannedAt.startsWith(day));
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
  await page.locator(`[data-day="${addDays(chosen, -1)}"]:focus`).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('grid', { name: `Runs of ${fullDay(addDays(chosen, -1))}, by hour` }).waitFor();
});

test('the load of the next 30 days has a bar a day and names the clashes, and axe finds nothing', async () => {
  const { jobsPerServer } = await calendar.session.rest<{ jobsPerServer: number }>('GET', '/settings');
  await calendar.session.rest('PUT', '/settings', { jobsPerServer: 1 });
  try {
    const page = await calendar.show(`load-${today}`);
    const bars = page.getByRole('list', { name: 'Days' }).getByRole('button');
    await bars.first().waitFor();
    expect(await bars.count()).toBe(30);
    expect(await bars.nth(3).getAttribute('aria-label')).toMatch(/: \d+ runs, busy for .*, at most \d+ at once, \d+ clash(es)?$/);
    const clash = page.getByRole('table', { name: 'Clashes' }).getByRole('row').nth(1);
    expect((await clash.getByRole('cell').nth(2).innerText()).split(', ').length).toBeGreaterThan(1);
    await expectAccessible(page);
    const when = (await clash.getByRole('button').innerText()).slice(4, 14);
    await clash.getByRole('button').click();
    await page.getByRole('grid', { name: `Runs of ${fullDay(when)}, by hour` }).waitFor();
    await page.goBack();
    await bars.nth(3).click();
    await page.getByRole('grid', { name: `Runs of ${fullDay(addDays(today, 3))}, by hour` }).waitFor();
  } finally {
    await calendar.session.rest('PUT', '/settings', { jobsPerServer });
  }
});

test('times are shown in the zone that is chosen, which is always named', async () => {
  const page = await calendar.show(`day-${addDays(today, 9)}`);
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
  await followAddress(page, `schedules/day-${spring}`);
  await page.getByText('does not exist: clocks go forward').waitFor();
  await choose(page, 'Times are shown in', /^UTC/);
});

test('schedules can be left out', async () => {
  const page = await calendar.show(`list-${lastMonth}`);
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

function lastSundayOfMarch(year: number): string {
  const last = `${year}-03-31`;
  return addDays(last, -new Date(wallOfDay(last)).getUTCDay());
}
