// Every page and main dialog with real data: axe, names, visible focus, nothing beyond the edge.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSession } from '../session.ts';
import { followFocus } from './focus.ts';
import { expectAccessible, faultsOf, sideways } from './rules.ts';
import { scenesByHand } from './scenes-by-hand.ts';
import { scenesUnattended } from './scenes-unattended.ts';
import { startUsedHome, type UsedHome } from './used-home.ts';

let used: UsedHome;

beforeAll(async () => {
  used = await startUsedHome();
});
afterAll(async () => {
  await used.close();
  expect(used.session.complaints).toEqual([]);
});

test.each([...scenesByHand, ...scenesUnattended])(
  '$name: axe finds nothing, all has a name, nothing sticks out',
  async ({ place, show }) => {
    const page = await used.session.goTo(place(used));
    await show(page);
    await expectAccessible(page);
  },
);

test('the first page that a new user sees: axe finds nothing in light and dark, nothing sticks out', async () => {
  const fresh = await startSession();
  try {
    const page = await fresh.goTo('backups');
    await page.getByRole('button', { name: /Try with a sample database/ }).waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
      expect(await faultsOf(page)).toEqual([]);
      expect(await sideways(page)).toEqual([]);
    }
  } finally {
    await fresh.close();
  }
});

test.each(['backups', 'restore', 'restore/history', 'schedules', 'retention', 'messages', 'profiles', 'activity', 'settings'])(
  '%s by the tab key: every stop shows that it has the focus',
  async (place) => {
    const page = await used.session.goTo(place);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /^Loading/ })
      .first()
      .waitFor({ state: 'detached' });
    // To the first stop, by the keyboard: a ring that is for keyboards only has to be there.
    await page.getByRole('link', { name: 'Skip to the page' }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    const stops = new Set<string>();
    const unseen: string[] = [];
    for (let presses = 0; presses < 100; presses++) {
      const step = await followFocus(page);
      if (step.unseen !== null) unseen.push(step.unseen);
      if (step.at === null) break;
      stops.add(step.at);
      await page.keyboard.press('Tab');
    }
    expect(stops.size).toBeGreaterThan(6);
    expect(unseen).toEqual([]);
  },
);
