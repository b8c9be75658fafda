// Every view of the calendar, full of runs in every state: axe, names, nothing beyond the edge.
// The load of the days to come, with clashes, is looked at in ../calendar/overviews.test.ts.
import type { Page } from 'playwright';
import { afterAll, beforeAll, test } from 'vitest';
import { addDays } from '../../../renderer/schedules/calendar/zone.ts';
import { calendarDays, events, startCalendar, type Calendar } from '../calendar/calendar.ts';
import { expectAccessible } from './rules.ts';

let calendar: Calendar;
const { today, lastMonth, comingWeek } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: false });
});
afterAll(() => calendar.close());

const failedRun = (): string => calendar.seeded.runs.find(({ state }) => state === 'failed')?.id ?? '';

test.each<[string, () => string, (page: Page) => Promise<void>]>([
  ['month', () => `month-${lastMonth}`, (page) => events(page).nth(50).waitFor()],
  ['week', () => `week-${addDays(today, -7)}`, (page) => events(page).nth(20).waitFor()],
  ['day', () => `day-${addDays(today, -5)}`, (page) => events(page).nth(5).waitFor()],
  ['list', () => `list-${lastMonth}`, (page) => page.getByRole('row').nth(10).waitFor()],
  ['year', () => `year-${lastMonth}`, (page) => page.locator('[data-tone="good"]').nth(5).waitFor()],
  ['run', failedRun, (page) => page.getByRole('dialog').getByRole('alert').waitFor()],
  [
    'slot and its move',
    () => `day-${addDays(comingWeek, 1)}`,
    async (page) => {
      await page.getByRole('button', { name: /^Nightly full backup, planned/ }).click();
      await page.getByRole('button', { name: 'Move…' }).click();
      await page.getByRole('dialog', { name: /^Move/ }).waitFor();
    },
  ],
  [
    'filter',
    () => `month-${today}`,
    async (page) => {
      await page.getByRole('button', { name: 'Filter by schedule' }).click();
      await page.getByRole('checkbox').first().waitFor();
    },
  ],
])('calendar, %s: axe finds nothing, all has a name, nothing sticks out', async (_name, place, show) => {
  const page = await calendar.show(place());
  await show(page);
  await expectAccessible(page);
});
