// A calendar with two months of runs in every state behind it, as the tests of its parts begin.
import type { Page } from 'playwright';
import { expect } from 'vitest';
import { addDays, addMonths, dayOf, hour, startOfDay, startOfMonth, startOfWeek } from '../../../renderer/schedules/calendar/zone.ts';
import type { PlannedRun } from '../../../shared/contract/schedules.ts';
import { seedSchedules } from '../../support/schedule-history.ts';
import { createDatabase } from '../../support/server.ts';
import { startSession } from '../session.ts';

export type Calendar = Awaited<ReturnType<typeof startCalendar>>;

/** The days that tests are about. The browser and the schedules' clock agree: both on this machine, shown in UTC. */
export function calendarDays() {
  const today = dayOf(Date.now(), 'UTC');
  return {
    today,
    /** The first of a month with more than 500 runs. */
    lastMonth: addMonths(startOfMonth(today), -1),
    /** The Monday of a week of slots to come only, in which no clock of the seeded zones changes. */
    comingWeek: quietWeek(startOfWeek(addDays(today, 14))),
  };
}

/** `withBackup`: a real backup of a real database, which the newest run that went well has made. */
export async function startCalendar({ withBackup }: { withBackup: boolean }) {
  // Wide enough for two runs at the same hour of a week: in the window's own size they share one box.
  const session = await startSession({ width: 1280, height: 800 });
  const database = withBackup
    ? await createDatabase('CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 50)')
    : 'postgres';
  const profile = await session.addProfile({ name: 'Live', database, environment: 'production', colour: '#e03131' });
  const backupId = withBackup ? (await session.backUp(profile.id)).id : null;
  const seeded = seedSchedules(session.home, {
    profileId: profile.id,
    profile: profile.name,
    ...(backupId === null ? {} : { backupId }),
  });
  const idOf = (name: string): string => seeded.schedules.find((schedule) => schedule.name === name)?.id ?? '';
  return {
    session,
    seeded,
    backupId,
    idOf,
    /** The calendar in the kept tab, at a view of a day (`month-2026-11-01`) or at a run. */
    show: async (place: string): Promise<Page> => {
      const page = await session.goTo(`schedules/${place}`);
      await page.getByRole('region', { name: 'Calendar', exact: true }).waitFor();
      return page;
    },
    /** Slots to come of a schedule, from one midnight (UTC) to another. */
    planned: async (name: string, from: string, to: string): Promise<PlannedRun[]> => {
      const query = new URLSearchParams({ scheduleId: idOf(name), from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` });
      return (await session.rest<{ runs: PlannedRun[] }>('GET', `/schedules/next?${query.toString()}`)).runs;
    },
    close: async (): Promise<void> => {
      await session.close();
      expect(session.complaints).toEqual([]);
    },
  };
}

/** Runs and slots, as they are drawn. */
export const events = (page: Page) => page.locator('[data-item]');
/** A day (`2026-11-01`), or an hour of it (`2026-11-01 8`). */
export const cell = (page: Page, id: string) => page.locator(`[data-cell="${id}"]`);

function quietWeek(monday: string): string {
  const changes = ['Europe/Berlin', 'Europe/London', 'America/New_York'].some(
    (zone) => startOfDay(addDays(monday, 7), zone) - startOfDay(monday, zone) !== 7 * 24 * hour,
  );
  return changes ? quietWeek(addDays(monday, 7)) : monday;
}
