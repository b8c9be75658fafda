// Schedules by hand in a real browser on the real engine: the usual set in one click, a schedule of one's own with its
// next runs while it is typed, pause, run now, alarms on every page.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { RetentionPolicy } from '../../shared/contract/retention.ts';
import type { Schedule, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import { createDatabase } from '../support/server.ts';
import { startSession, type Session } from './session.ts';

let session: Session;
let profile: Profile;

beforeAll(async () => {
  session = await startSession();
  const database = await createDatabase('CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 50)');
  profile = await session.addProfile({ name: 'Shop', database });
});
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

const all = () => session.rest<Schedule[]>('GET', '/schedules');
const named = async (name: string) => (await all()).find((one) => one.name === name);

test('the usual set is said first and made in one click', async () => {
  const page = await session.goTo('schedules');
  const set = page.getByRole('region', { name: 'The usual set' });
  await set.getByText('Every night at 02:00').waitFor();
  const said = await set.innerText();
  await set.getByRole('button', { name: 'Add these to Shop' }).click();
  const list = page.getByRole('list', { name: 'Schedules' });
  await expect.poll(() => list.getByRole('listitem').count()).toBe(3);
  const made = await all();
  expect(made.map(({ when }) => when)).toEqual(
    expect.arrayContaining([
      { kind: 'daily', time: '02:00' },
      expect.objectContaining({ kind: 'hourly', fromHour: 9, toHour: 17 }),
      { kind: 'daily', time: '03:00' },
    ]),
  );
  const [policy] = await session.rest<RetentionPolicy[]>('GET', '/retention');
  expect(said).toContain(policy?.words ?? 'no rule was made');
});

test('a schedule of one’s own: what is wrong is said in place, the next runs are shown while it is typed', async () => {
  const page = await session.goTo('schedules');
  await page.getByRole('button', { name: 'Back up on a schedule' }).click();
  const form = page.getByRole('form', { name: 'New schedule' });
  expect(await form.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Daily backup of Shop');
  const next = form.getByRole('region', { name: 'The next five runs' });
  await expect.poll(() => next.getByRole('listitem').count()).toBe(5);

  await form.getByRole('radiogroup', { name: 'How often' }).getByText('Cron').click();
  await form.getByRole('textbox', { name: 'Cron expression' }).fill('0 2 30 2 *');
  await next.getByText('BAD_INPUT').waitFor();
  await form.getByRole('radiogroup', { name: 'How often' }).getByText('Weekly').click();
  await form.getByRole('textbox', { name: 'At', exact: true }).fill('25:00');
  await form.getByText('A time from 00:00 to 23:59').waitFor();
  await next.getByText('They are shown as soon as the times make sense.').waitFor();
  await form.getByRole('textbox', { name: 'At', exact: true }).fill('2:30');
  await form.getByRole('group', { name: 'Days' }).getByText('Mon').click();
  await form
    .getByRole('combobox', { name: 'Time zone' })
    .or(form.getByRole('textbox', { name: 'Time zone' }))
    .fill('new york');
  await page.getByRole('option', { name: /^America\/New York/ }).click();
  await next.getByText('America/New_York', { exact: false }).first().waitFor();
  await form.getByText('Only if not too late').click();
  await form.getByText(/at most 2 hours late/).waitFor();
  await form.getByText('All, new ones included').click();
  await form.getByText(/^How: /).click();
  await form.getByRole('checkbox', { name: /^Deep verify/ }).check();
  await form.getByRole('textbox', { name: 'Name' }).fill('Everything, weekly');

  // Closing asks, and what was typed is still there after "Keep editing".
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Close without saving?' }).getByRole('button', { name: 'Keep editing' }).click();
  await form.getByRole('button', { name: 'Add the schedule' }).click();
  await page.getByRole('button', { name: 'Everything, weekly', exact: true }).waitFor();
  expect(await named('Everything, weekly')).toMatchObject({
    when: { kind: 'weekly', days: ['mon', 'sun'], time: '02:30' },
    timeZone: 'America/New_York',
    missed: { kind: 'grace', seconds: 7200 },
    task: { kind: 'backup', profileId: profile.id, databases: { kind: 'all', except: [] }, options: { deepVerify: true } },
  });
});

test('edited, duplicated, switched off, removed', async () => {
  const page = await session.goTo('schedules');
  const list = page.getByRole('list', { name: 'Schedules' });
  await list.getByRole('button', { name: 'Everything, weekly', exact: true }).click();
  let form = page.getByRole('form', { name: 'Schedule Everything, weekly' });
  expect(await form.getByRole('button', { name: 'Save changes' }).isDisabled()).toBe(true);
  await form.getByRole('textbox', { name: 'Cancel it when it is still running at' }).fill('6');
  await form.getByText('A run that is still going at the next 06:00', { exact: false }).waitFor();
  await form.getByRole('button', { name: 'Save changes' }).click();
  await form.waitFor({ state: 'detached' });
  expect(await named('Everything, weekly')).toMatchObject({ windowEnd: '06:00' });

  await list.getByRole('button', { name: 'Everything, weekly', exact: true }).click();
  form = page.getByRole('form', { name: 'Schedule Everything, weekly' });
  await form.getByRole('button', { name: 'More for this schedule' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await page.getByRole('form', { name: 'New schedule' }).getByRole('button', { name: 'Add the schedule' }).click();
  const copy = 'Everything, weekly (copy)';
  const item = list.getByRole('listitem').filter({ hasText: copy });
  await item.getByRole('button', { name: `More for ${copy}` }).click();
  await page.getByRole('menuitem', { name: 'Switch off' }).click();
  await item.getByText('off', { exact: true }).waitFor();
  expect(await named(copy)).toMatchObject({ enabled: false, windowEnd: '06:00' });

  await item.getByRole('button', { name: copy, exact: true }).click();
  await page.getByRole('button', { name: 'More for this schedule' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page
    .getByRole('dialog', { name: `Remove ${copy}?` })
    .getByRole('button', { name: `Remove ${copy}` })
    .click();
  await item.waitFor({ state: 'detached' });
  expect(await named(copy)).toBeUndefined();
});

test('run now makes a backup that says which schedule it is of', async () => {
  const nightly = (await all()).find(({ when, task }) => when.kind === 'daily' && task.kind === 'backup');
  if (nightly === undefined) throw new Error('the usual set has none');
  const page = await session.goTo('schedules');
  await page.getByRole('button', { name: `More for ${nightly.name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Run now' }).click();
  await expect
    .poll(async () => {
      const { runs } = await session.rest<{ runs: ScheduledRun[] }>('GET', `/schedules/history?scheduleId=${nightly.id}`);
      return runs[0]?.state;
    })
    .toBe('succeeded');
  await page.getByRole('button', { name: 'Backups', exact: true }).click();
  await page.getByRole('grid', { name: 'Backups' }).getByRole('row').filter({ hasText: nightly.name }).first().waitFor();
});

test('paused: said on every page, resumed from there', async () => {
  const page = await session.goTo('schedules');
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByRole('menuitem', { name: 'Until tomorrow 08:00' }).click();
  const banner = page.getByRole('status', { name: 'Paused' });
  await banner.getByText(/^All schedules are paused until \d{4}-\d\d-\d\d 08:00\.$/).waitFor();
  expect((await session.rest<SchedulerStatus>('GET', '/schedules/status')).pausedUntil).not.toBeNull();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await banner.getByRole('button', { name: 'Resume' }).click();
  await banner.waitFor({ state: 'detached' });
  expect((await session.rest<SchedulerStatus>('GET', '/schedules/status')).pausedUntil).toBeNull();
});

test('a schedule that fails is the first line of every page, and a click opens it', async () => {
  const broken = await session.addProfile({ name: 'Out of reach', port: 1, database: 'x' });
  const { id } = await session.rest<Schedule>('POST', '/schedules', {
    schedule: {
      name: 'Never reaches it',
      task: { kind: 'backup', profileId: broken.id },
      when: { kind: 'daily', time: '04:00' },
      timeZone: 'UTC',
      retries: 0,
    },
  });
  await session.rest('POST', `/schedules/${id}/run`, {});
  const page = await session.goTo('settings');
  const alarms = page.getByRole('alert', { name: 'Alarms' });
  await alarms.getByText('Never reaches it', { exact: false }).waitFor();
  await alarms.getByRole('button', { name: 'Show the schedule' }).click();
  const form = page.getByRole('form', { name: 'Schedule Never reaches it' });
  await form.getByRole('heading', { name: 'The last run' }).waitFor();
});
