// A slot to come by mouse: dragged, skipped, run now.
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, fullDay, startOfWeek } from '../../../renderer/schedules/calendar/zone.ts';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { calendarDays, cell, events, startCalendar, type Calendar } from './calendar.ts';

let calendar: Calendar;
const { today, comingWeek } = calendarDays();

beforeAll(async () => {
  calendar = await startCalendar({ withBackup: true });
});
afterAll(() => calendar.close());

type Point = { x: number; y: number };

/** Takes it near its top and holds it over `to`. Where that is, is asked for only then: a calendar that was just drawn has yet
 * to scroll to what is of interest. */
const drag = async (page: Page, from: Locator, to: () => Promise<Point>) => {
  await from.hover();
  const box = await from.boundingBox();
  if (box === null) throw new Error('nothing to drag');
  await page.mouse.move(box.x + box.width / 2, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 12, box.y + 12, { steps: 3 });
  const { x, y } = await to();
  await page.mouse.move(x, y + 4, { steps: 8 });
};
const centre = async (of: Locator): Promise<Point> => {
  const box = await of.boundingBox();
  if (box === null) throw new Error('it is not in sight');
  return { x: box.x + box.width / 2, y: box.y };
};
const event = (page: Page, name: string, day: string) =>
  page.getByRole('button', { name: new RegExp(`^${name}, planned, ${fullDay(day)}`) });

test('a slot to come is dragged to another time, alone', async () => {
  const day = addDays(comingWeek, 1);
  const page = await calendar.show(`week-${day}`);
  const before = (await calendar.planned('Reports before work', day, addDays(day, 1)))[0];
  const moving = event(page, 'Reports before work', day);
  await moving.waitFor();
  await drag(page, moving, () => centre(cell(page, `${addDays(day, 1)} 8`)));
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: 'Move “Reports before work”' });
  await dialog.waitFor();
  // Nothing has moved yet.
  expect((await calendar.planned('Reports before work', day, addDays(day, 1)))[0]).toEqual(before);
  expect(await dialog.getByLabel('To time').inputValue()).toBe('08:00');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page
    .getByRole('button', { name: new RegExp(`^Reports before work, planned, ${fullDay(addDays(day, 1))} 08:00.*moved from`) })
    .waitFor();
  const after = await calendar.planned('Reports before work', day, addDays(day, 2));
  expect(after.map(({ at, movedFrom }) => [at, movedFrom])).toContainEqual([`${addDays(day, 1)}T08:00:00.000Z`, before?.at]);
  expect(after.some(({ at }) => at === before?.at)).toBe(false);
});

test('a slot to come is dragged with all that follow', async () => {
  const day = addDays(comingWeek, 2);
  const page = await calendar.show(`week-${day}`);
  const moving = event(page, 'Warehouse New York', day);
  await moving.waitFor();
  // Held at the lower edge, the day scrolls on to hours that were out of sight.
  const evening = cell(page, `${day} 21`);
  const edge =
    (await page
      .locator('[data-cell]')
      .first()
      .evaluate((one) => one.closest('[role=rowgroup]')?.getBoundingClientRect().bottom)) ?? 0;
  await drag(page, moving, async () => ({ x: (await centre(evening)).x, y: edge - 14 }));
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
  const schedule = await calendar.session.rest<Schedule>('GET', `/schedules/${calendar.idOf('Warehouse New York')}`);
  expect(schedule.when).toEqual({ kind: 'daily', time: /(\d\d:\d\d) in America/.exec(shown)?.[1] });
  await page.getByRole('button', { name: new RegExp(`^Warehouse New York, planned, ${fullDay(addDays(day, 3))} 21:00`) }).waitFor();
});

test('a dragged slot stays where it is when Escape is pressed, and when the engine refuses', async () => {
  const day = addDays(comingWeek, 3);
  const page = await calendar.show(`month-${day}`);
  const before = await calendar.planned('Nightly full backup', comingWeek, addDays(comingWeek, 7));
  const more = page.getByRole('button', { name: new RegExp(`more on ${fullDay(day)}`) });
  await more.waitFor();
  const moving = cell(page, day).getByRole('button', { name: /^Nightly full backup, planned/ });
  await drag(page, moving, () => centre(cell(page, addDays(day, -1))));
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await page.getByRole('dialog').count()).toBe(0);

  // On the day before there is one of the same schedule at the same time.
  await drag(page, moving, () => centre(cell(page, addDays(day, -1))));
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: /^Move/ });
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await dialog.getByRole('alert').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await calendar.planned('Nightly full backup', comingWeek, addDays(comingWeek, 7))).toEqual(before);
});

test('a slot to come is skipped and taken back', async () => {
  const day = addDays(comingWeek, 4);
  const page = await calendar.show(`day-${day}`);
  await event(page, 'Cleanup', day).click();
  const drawer = page.getByRole('dialog', { name: 'Cleanup' });
  await drawer.getByRole('button', { name: 'Skip this one' }).click();
  await drawer.getByText('Will be skipped').waitFor();
  expect(await calendar.planned('Cleanup', day, addDays(day, 1))).toEqual([]);
  await drawer.getByRole('button', { name: 'Run it after all' }).click();
  await drawer.getByText(/^Planned, in/).waitFor();
  expect(await calendar.planned('Cleanup', day, addDays(day, 1))).toHaveLength(1);
});

test('a schedule is run now from its slot, beside its plan, and followed to its end', async () => {
  const day = addDays(comingWeek, 4);
  const plan = async () => (await calendar.planned('Reports before work', day, addDays(day, 1))).map(({ at }) => at);
  const before = await plan();
  const page = await calendar.show(`day-${day}`);
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

test('runs that are past cannot be dragged', async () => {
  const page = await calendar.show(`week-${addDays(today, -7)}`);
  const done = events(page).first();
  await done.waitFor();
  await drag(page, done, () => centre(cell(page, `${addDays(startOfWeek(addDays(today, -7)), 3)} 5`)));
  await page.mouse.up();
  expect(await page.getByRole('dialog', { name: /^Move/ }).count()).toBe(0);
});
