// The calendar by the keyboard alone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, addMonths, fullDay, monthName, startOfMonth } from '../../../renderer/schedules/calendar/zone.ts';
import { calendarDays, cell, events, startCalendar, type Calendar } from './calendar.ts';

let calendar: Calendar;
const { today, lastMonth, comingWeek } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: false });
});
afterAll(() => calendar.close());

test('the keyboard alone walks the days, opens a slot, moves it and comes back', async () => {
  const day = addDays(comingWeek, 5);
  const page = await calendar.show(`month-${day}`);
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

test('arrow keys go past the edge of the period, and the grid is one tab stop', async () => {
  const page = await calendar.show(`month-${lastMonth}`);
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
  const page = await calendar.show(`month-${lastMonth}`);
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
  const page = await calendar.show(`week-${day}`);
  await cell(page, `${day} 22`).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await cell(page, `${day} 23`).click({ position: { x: 20, y: 40 } });
  await dialog.waitFor();
});
