// `npm run screenshots [folder] [-- --all]`: the real page on the real engine with the sample shop, in light and dark, in the
// window's own size; with `--all` also small and large.
// For looking at, and for the README; nothing is asserted.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright';
import { openSecretStore } from '../../electron/engine/secrets/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/home.ts';
import { until } from '../support/wait.ts';
import { addDays, addMonths, dayOf } from '../../renderer/schedules/calendar/zone.ts';
import { seedSchedules } from '../support/schedule-history.ts';
import { choose } from './actions.ts';
import { windowSize } from './session.ts';
import { afterBackup, beforeBackup } from './shop-edits.ts';

const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? 'docs/screenshots';
/** The first is what the window opens with; `--all`: also a small one and a large one. */
const sizes = [
  windowSize,
  ...(process.argv.includes('--all')
    ? [
        { width: 800, height: 600 },
        { width: 1920, height: 1080 },
      ]
    : []),
];
const home = temporaryDirectory('screenshots');
mkdirSync(folder, { recursive: true });

async function json<T>(...args: string[]): Promise<T> {
  const run = await runCli([...args, '--json'], { home });
  if (run.code !== 0) throw new Error(`${args.join(' ')}: ${run.stdout}${run.stderr}`);
  return run.json as T;
}

async function open(
  scheme: 'light' | 'dark',
  size: { width: number; height: number },
  work: (page: Page, save: (name: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const served = startCli(['serve', '--no-open', '--json'], { home });
  const browser = await launchBrowser();
  try {
    const line = await until('the address', () => served.output().stdout.trim() || null);
    const { serve } = JSON.parse(line) as { serve: { url: string } };
    const page = await browser.newPage({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(serve.url);
    const save = async (name: string): Promise<void> => {
      await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {});
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${scheme}${size === windowSize ? '' : `-${size.width}`}.png`) });
    };
    await work(page, save);
  } finally {
    await browser.close();
    served.child.kill('SIGTERM');
    await served.ended;
  }
}

/** Runs statements in the sample's database, as its own profile would. */
async function onSample(statements: string): Promise<void> {
  const { profiles } = await json<{ profiles: { id: string; name: string; host: string; port: number; user: string; database: string }[] }>(
    'profile',
    'list',
  );
  const profile = profiles.find(({ name }) => name === 'Sample shop');
  if (profile === undefined) throw new Error('there is no sample');
  const { host, port, user, database } = profile;
  const client = new pg.Client({ host, port, user, database, password: (await (await openSecretStore(home)).get(profile.id)) ?? '' });
  await client.connect();
  await client.query(statements);
  await client.end();
}

/** Asks for a preview of the newest backup against the live shop. */
async function preview(page: Page): Promise<void> {
  await page.getByText('Existing database').click();
  await choose(page, 'Existing database', /^shop /);
  await page.getByRole('radio', { name: 'Row by row' }).click();
  await page.getByRole('button', { name: 'See what it would do' }).waitFor();
}

const goTo = (page: Page, place: string): Promise<void> =>
  page.evaluate((hash) => {
    window.location.hash = hash;
  }, `#/${place}`);

await open('light', windowSize, async (_page, save) => save('first-start'));
await json('sample', 'start');
for (const scheme of ['light', 'dark'] as const) {
  await open(scheme, windowSize, async (page, save) => {
    await goTo(page, 'schedules');
    await save('schedules-first');
  });
}
// It ended with the program that showed the page.
await json('sample', 'start');
await onSample(beforeBackup);
for (const label of ['', 'before the release', ''])
  await json('backup', 'Sample shop', '--label', label, ...(label === '' ? [] : ['--verify', '--globals']));
await json(
  'profile',
  'add',
  'Production (Frankfurt)',
  '--host',
  'db.example.invalid',
  '--user',
  'backup',
  '--database',
  'orders',
  '--environment',
  'production',
  '--colour',
  '#e03131',
);
await runCli(['backup', 'Production (Frankfurt)', '--json'], { home });
await json(
  'profile',
  'add',
  'A profile with a very long name that somebody gave it in a hurry on a Friday',
  '--host',
  'another-very-long-host-name.internal.example.invalid',
  '--database',
  'x',
);
const { backups } = await json<{ backups: { id: string; status: string }[] }>('backups', 'list', '--status', 'succeeded');
const id = backups[0]?.id ?? '';
await json('restore', id, '--into', 'Sample shop', '--yes');
await onSample(afterBackup);
const { profiles } = await json<{ profiles: { id: string; name: string }[] }>('profile', 'list');
const shop = profiles.find(({ name }) => name === 'Sample shop');
const history = seedSchedules(home, { profileId: shop?.id ?? '', profile: 'Sample shop', backupId: id, failing: 'Nightly full backup' });
const today = dayOf(Date.now(), 'UTC');

/** The calendar in all its views, a run and a slot opened. */
async function calendar(page: Page, save: (name: string) => Promise<void>): Promise<void> {
  const runs = page.locator('[data-item]');
  for (const view of ['month', 'week', 'day']) {
    await goTo(page, `schedules/${view}-${today}`);
    await runs.nth(5).waitFor();
    await save(`schedules-${view}`);
  }
  await goTo(page, `schedules/list-${today}`);
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(3).waitFor();
  await save('schedules-list');
  await goTo(page, `schedules/year-${today}`);
  await page.locator('[data-tone="good"]').nth(3).waitFor();
  await save('schedules-year');
  await goTo(page, `schedules/load-${today}`);
  await page.getByRole('list', { name: 'Days' }).waitFor();
  await save('schedules-load');
  await goTo(page, `schedules/month-${addMonths(today, -6)}`);
  await page.getByText('Nothing ran and nothing is planned').waitFor();
  await save('schedules-empty-month');
  await goTo(page, `schedules/month-${today}`);
  await runs.nth(5).waitFor();
  await goTo(page, `schedules/${history.runs.findLast(({ state }) => state === 'failed')?.id ?? ''}`);
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await save('schedules-run');
  await goTo(page, `schedules/week-${addDays(today, 7)}`);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page
    .getByRole('button', { name: /^Nightly full backup, planned/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  await save('schedules-slot');
  await page.getByRole('button', { name: 'Move…' }).click();
  await page.getByRole('dialog', { name: /^Move/ }).waitFor();
  await save('schedules-move');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
}

/** The schedule editor, a retention rule while it is typed, channels, and the pages' first line. */
async function unattended(page: Page, save: (name: string) => Promise<void>): Promise<void> {
  await goTo(page, 'settings');
  await page.getByRole('alert', { name: 'Alarms' }).waitFor();
  await save('alarm-line');
  await goTo(page, 'schedules');
  await page.getByRole('button', { name: 'Back up on a schedule' }).click();
  const schedule = page.getByRole('form', { name: 'New schedule' });
  await choose(schedule, 'Profile', /^Production/);
  await schedule.getByRole('region', { name: 'The next five runs' }).getByRole('listitem').nth(4).waitFor();
  await save('schedule-editor');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Discard the changes' }).click();
  await goTo(page, 'retention');
  await page.getByRole('button', { name: /^Sample shop:/ }).click();
  const rule = page.getByRole('form', { name: 'Rule of Sample shop' });
  await rule.getByRole('textbox', { name: 'The last' }).fill('1');
  await rule.getByRole('textbox', { name: 'Always at least' }).fill('1');
  await rule.getByText('Only the newest backup').waitFor();
  await save('retention');
  await goTo(page, 'messages');
  await page.getByRole('button', { name: 'Discard the changes' }).click();
  await page
    .getByText(/Nobody is told yet|Is told:/)
    .first()
    .waitFor();
  if (await page.getByText('Nobody is told yet').isVisible()) {
    for (const [kind, name] of [
      ['Slack', '#databases'],
      ['Webhook', 'Incident desk'],
    ] as const) {
      await page.getByRole('button', { name: 'Add a channel' }).click();
      const channel = page.getByRole('form', { name: 'New channel' });
      await channel.getByText(kind, { exact: true }).click();
      await channel.getByRole('textbox', { name: 'Name' }).fill(name);
      await channel.getByRole('textbox', { name: kind === 'Slack' ? 'Webhook address' : 'Address' }).fill('http://127.0.0.1:9/nobody');
      await channel.getByRole('button', { name: 'Add the channel' }).click();
      await page.getByRole('listitem').filter({ hasText: name }).waitFor();
    }
  }
  await page.getByRole('button', { name: 'Send a test to Incident desk' }).click();
  await page.getByText('MESSAGE_NOT_SENT').waitFor();
  await save('messages');
  await page.getByRole('button', { name: 'Add a channel' }).click();
  await page.getByRole('form', { name: 'New channel' }).waitFor();
  await save('channel');
  await page.keyboard.press('Escape');
}

for (const size of sizes) {
  for (const scheme of ['light', 'dark'] as const) {
    await open(scheme, size, async (page, save) => {
      await json('sample', 'start');
      await save('backups');
      await goTo(page, `backups/${id}`);
      await save('backup-detail');
      await page.keyboard.press('Escape');
      await goTo(page, 'backups');
      await page.getByRole('button', { name: 'Back up now' }).first().click();
      await save('backup-dialog');
      await page.keyboard.press('Escape');
      await goTo(page, `backups/${id}`);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await choose(page, 'Target profile', /^Sample shop/);
      await page.getByRole('list', { name: 'Steps' }).waitFor();
      await save('restore-plan');
      await preview(page);
      await save('preview-estimate');
      await page.getByRole('button', { name: 'See what it would do' }).click();
      const tables = page.getByRole('grid', { name: 'Compared tables' });
      await tables.waitFor({ timeout: 60_000 });
      await save('preview');
      await page.getByText('Replace', { exact: true }).first().click();
      await save('preview-replace');
      await tables.getByRole('row').filter({ hasText: 'products' }).click();
      await page.getByRole('feed').getByRole('article').first().waitFor();
      await save('preview-rows');
      await page.keyboard.press('Escape');
      await tables.getByRole('row').filter({ hasText: 'orders' }).first().click();
      await page.getByRole('feed').getByRole('article').first().waitFor();
      await save('preview-text');
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: /^Schema/ }).click();
      await save('preview-schema');
      await page.getByRole('button', { name: /^Restore into/ }).click();
      await page.getByRole('dialog').getByRole('list', { name: 'Steps' }).waitFor();
      await save('preview-confirm');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Back to the target' }).click();
      await page.getByRole('button', { name: /Rows of public.customers/ }).click();
      await page.getByRole('grid', { name: /Rows of/ }).waitFor();
      await save('dump-rows');
      await page.keyboard.press('Escape');
      await calendar(page, save);
      await unattended(page, save);
      for (const place of ['restore', 'profiles', 'activity', 'settings']) {
        await goTo(page, place);
        await save(place);
      }
    });
  }
}
await json('sample', 'remove').catch(() => rmSync(home, { recursive: true, force: true }));
