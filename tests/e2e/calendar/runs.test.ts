// A run that is over, opened in the calendar.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monthName } from '../../../renderer/schedules/calendar/zone.ts';
import { followAddress } from '../actions.ts';
import { calendarDays, startCalendar, type Calendar } from './calendar.ts';

let calendar: Calendar;
const { today } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: true });
});
afterAll(() => calendar.close());

test('a failed run says what came of it, why, and what to do next', async () => {
  const failed = calendar.seeded.runs.find(({ state, schedule }) => state === 'failed' && schedule === 'Nightly full backup');
  const page = await calendar.show(failed?.id ?? '');
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

test('a run that succeeded leads to its backup', async () => {
  const page = await calendar.show(`list-${today}`);
  const row = page.getByRole('row', { name: /succeeded/ }).first();
  await row.waitFor();
  const linked = calendar.seeded.runs
    .filter(({ state }) => state === 'succeeded')
    .toSorted((a, b) => b.plannedAt.localeCompare(a.plannedAt));
  const withBackup = linked.find(({ schedule }) => schedule !== 'Cleanup');
  await followAddress(page, `schedules/${withBackup?.id ?? ''}`);
  const backups = page.getByRole('dialog').getByRole('list', { name: 'Backups of this run' });
  await backups.getByText('✓ verified').waitFor();
  await backups.getByRole('button', { name: 'shop' }).click();
  await page.waitForURL((url) => url.hash === `#/backups/${calendar.backupId}`);
});

test('a run that was missed says why', async () => {
  const missed = calendar.seeded.runs.find(({ state, schedule }) => state === 'missed' && schedule === 'Nightly full backup');
  const page = await calendar.show(missed?.id ?? '');
  await page.getByRole('dialog').getByText('Missed', { exact: true }).waitFor();
  await page
    .getByRole('dialog')
    .getByText(/catch-up stands for it|too late for its grace time/)
    .first()
    .waitFor();
});
