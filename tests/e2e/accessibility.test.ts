// Every page and main dialog with real data, in light and dark: rules of axe, names, visible focus, no sideways scrolling.
import { Buffer } from 'node:buffer';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Profile } from '../../shared/contract/profiles.ts';
import { createDatabase, dropDatabase } from '../support/server.ts';
import { choose, dropBytes, dropFile, startSession, stockDump, type Session } from './session.ts';
import { thorough } from '../support/thorough.ts';

let session: Session;
let profile: Profile;
let backupId: string;
let failedId: string;
let restoreId: string;
let dump: string;
let copy: string;
let changed: string;
let previewedDump: string;

/** Every kind of row, a blocker, differing schemas and migrations, a name as long as names get. */
const longName = `very_long_table_name_${'x'.repeat(36)}_🐘`.slice(0, 60);
const previewed = {
  backup: `
    CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE, price numeric, attributes jsonb, note text);
    INSERT INTO products SELECT i, 'S' || i, i, jsonb_build_object('colour', 'red', 'i', i, 'more', repeat('x', 80)), repeat('word ', 100) FROM generate_series(1, 200) i;
    CREATE TABLE "${longName}" ("${longName}" int PRIMARY KEY); INSERT INTO "${longName}" VALUES (1);
    CREATE TABLE gone (a int PRIMARY KEY); INSERT INTO gone VALUES (1);
    CREATE TABLE loose (a int, b text); INSERT INTO loose VALUES (1, NULL), (1, ''), (2, 'x');
    CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text, applied timestamptz);
    INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01');`,
  live: `
    CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE, price numeric, attributes jsonb, note text, extra int);
    INSERT INTO products SELECT i, 'S' || i, i + 1, jsonb_build_object('colour', 'blue', 'i', i, 'more', repeat('x', 80)), NULL FROM generate_series(1, 150) i;
    INSERT INTO products VALUES (900, 'S160', 1, '{}', ''), (901, NULL, NULL, NULL, NULL);
    CREATE TABLE "${longName}" ("${longName}" int PRIMARY KEY);
    CREATE TABLE loose (a int, b text); INSERT INTO loose VALUES (1, NULL), (3, 'y');
    CREATE TABLE django_migrations (id int PRIMARY KEY, app text, name text, applied timestamptz);
    INSERT INTO django_migrations VALUES (1, 'shop', '0001_initial', '2024-01-01'), (2, 'shop', '0002_more', '2024-02-01');`,
};

/** Aims the dump at the changed database, row by row. */
async function aimRowByRow(page: Page): Promise<void> {
  await dropFile(page, previewedDump);
  await choose(page, 'Target profile', /^Previewed/);
  await page.getByText('Existing database').click();
  await choose(page, 'Existing database', new RegExp(`^${changed} `));
  await page.getByRole('radio', { name: 'Row by row' }).click();
  await page.getByRole('region', { name: 'The preview' }).getByText('Room at the server').waitFor();
}

async function preview(page: Page): Promise<void> {
  await aimRowByRow(page);
  await page.getByRole('button', { name: 'See what it would do' }).click();
  await page.getByRole('grid', { name: 'Compared tables' }).waitFor();
}

beforeAll(async () => {
  session = await startSession();
  const database = await createDatabase(`
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id int PRIMARY KEY); INSERT INTO sales.orders SELECT generate_series(1, 50);
    CREATE TABLE access_log (at timestamptz); CREATE TABLE customers (id int PRIMARY KEY)`);
  profile = await session.addProfile({ name: 'Live', database, environment: 'production', colour: '#e03131' });
  const other = await session.addProfile({
    name: 'A very long profile name that somebody gave it in a hurry on a Friday',
    database,
    environment: 'staging',
  });
  await session.addProfile({ name: 'Previewed', database });
  const broken = await session.addProfile({ name: 'Broken', database, port: 1 });
  backupId = (await session.backUp(profile.id, { label: 'before the release', globals: true })).id;
  const failed = await session.rest<{ jobId: string; backupId: string }>('POST', '/backups', { profileId: broken.id, options: {} });
  await session.ended(failed.jobId);
  failedId = failed.backupId;
  copy = await createDatabase('CREATE TABLE old (a int)');
  const source = { kind: 'backup', id: backupId };
  const started = await session.rest<{ jobId: string; restoreId: string }>('POST', '/restores', {
    source,
    profileId: other.id,
    database: copy,
    confirm: copy,
  });
  await session.ended(started.jobId);
  restoreId = started.restoreId;
  await session.rest('POST', '/messages/channels', {
    channel: { name: 'DBAs on call, whose channel somebody gave a very long name', target: { kind: 'webhook' } },
    secret: { url: 'http://127.0.0.1:9/nobody-listens' },
  });
  dump = stockDump(database, ['-Fc'], 'shop.dump');
  changed = await createDatabase(previewed.live);
  const before = await createDatabase(previewed.backup);
  previewedDump = stockDump(before, ['-Fc'], 'before.dump');
  await dropDatabase(before);
});
afterEach(() => session.closePages());
afterAll(async () => {
  await session.close();
  await dropDatabase(copy);
  await dropDatabase(changed);
  expect(session.complaints).toEqual([]);
});

type Scene = { name: string; place: () => string; show: (page: Page) => Promise<void> };

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

const scenes: Scene[] = [
  { name: 'backups', place: () => 'backups', show: (page) => page.getByRole('grid').getByRole('row').nth(2).waitFor() },
  {
    name: 'verdict of every database',
    place: () => 'backups',
    show: async (page) => {
      await page.getByRole('button', { name: /databases need attention|databases are well/ }).click();
      await page.getByRole('group', { name: 'Every database' }).waitFor();
    },
  },
  {
    name: 'back up dialog with chosen tables',
    place: () => 'backups',
    show: async (page) => {
      await page.getByRole('button', { name: 'Back up now' }).click();
      const dialog = page.getByRole('dialog', { name: 'Back up now' });
      await choose(dialog, 'Profile', 'Live (production)');
      await dialog.getByText('Chosen tables').click();
      await dialog.getByRole('checkbox', { name: 'sales.orders' }).check();
      await dialog
        .getByText(/pg_dump \d/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'backup detail',
    place: () => `backups/${backupId}`,
    show: (page) => page.getByRole('list', { name: 'Verification checks' }).waitFor(),
  },
  { name: 'failed backup', place: () => `backups/${failedId}`, show: (page) => page.getByRole('dialog').getByRole('alert').waitFor() },
  {
    name: 'delete dialog',
    place: () => `backups/${backupId}`,
    show: async (page) => {
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByLabel('Type the database name to confirm').waitFor();
    },
  },
  {
    name: 'deep verify dialog',
    place: () => `backups/${backupId}`,
    show: async (page) => {
      await page.getByRole('button', { name: 'Deep verify…' }).click();
      await page.getByRole('dialog', { name: 'Deep verify' }).waitFor();
    },
  },
  {
    name: 'restore',
    place: () => 'restore',
    show: (page) => page.getByRole('group', { name: 'Backups to restore' }).getByRole('button').first().waitFor(),
  },
  {
    name: 'restore of a dropped dump',
    place: () => 'restore',
    show: async (page) => {
      await dropFile(page, dump);
      await page.getByRole('list', { name: 'Steps' }).waitFor();
    },
  },
  {
    name: 'objects of a dump and the last question',
    place: () => 'restore',
    show: async (page) => {
      await dropFile(page, dump);
      await page.getByRole('tab', { name: /All objects/ }).click();
      await page.getByRole('button', { name: /^Restore into .*…$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'a dump that is blocked',
    place: () => 'restore',
    show: async (page) => {
      await dropBytes(page, 'evil.sql', Buffer.from('CREATE TABLE a (b int);\n\\! true\n'));
      await region(page, 'What is in it').getByRole('alert').waitFor();
      await page.getByRole('list', { name: 'Steps' }).waitFor();
    },
  },
  {
    name: 'a file that is no dump',
    place: () => 'restore',
    show: async (page) => {
      await dropBytes(page, 'x.jpg', Buffer.from('ffd8ffe000104a4649460001', 'hex'));
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'row by row, before it is asked',
    place: () => 'restore',
    show: async (page) => {
      await aimRowByRow(page);
      await page.getByText('Only some rows, or other keys').click();
      await choose(page, 'Choose rows of a table', 'public.loose');
      await page.getByLabel('Condition for public.loose').fill('a > 0');
    },
  },
  { name: 'preview', place: () => 'restore', show: preview },
  {
    name: 'conflicts of a table',
    place: () => 'restore',
    show: async (page) => {
      await preview(page);
      await page.getByRole('row').filter({ hasText: 'public.products' }).click();
      await page.getByRole('feed').getByRole('article').nth(1).waitFor();
    },
  },
  {
    name: 'clashing rows of a table',
    place: () => 'restore',
    show: async (page) => {
      await preview(page);
      await page.getByRole('row').filter({ hasText: 'public.products' }).click();
      await page.getByRole('tab', { name: 'Clashes (1)' }).click();
      await page.getByText('this live row has the value already').waitFor();
    },
  },
  {
    name: 'schema and migrations of a preview',
    place: () => 'restore',
    show: async (page) => {
      await preview(page);
      await page.getByRole('tab', { name: /^Schema and migrations/ }).click();
      await page.getByRole('list').getByRole('button', { name: 'Definitions' }).first().click();
    },
  },
  {
    name: 'last question before rows are written',
    place: () => 'restore',
    show: async (page) => {
      await preview(page);
      await page.getByLabel('Strategy for public.gone').selectOption('Leave alone');
      await page.getByLabel('Strategy for public.products').selectOption('Replace');
      await page.getByRole('button', { name: `Restore into ${changed}…` }).click();
      await page.getByLabel('Type the database name to confirm').waitFor();
    },
  },
  {
    name: 'rows inside a dump',
    place: () => 'restore',
    show: async (page) => {
      await dropFile(page, previewedDump);
      await page.getByRole('button', { name: 'Rows of public.products' }).click();
      await page.getByRole('grid', { name: 'Rows of public.products' }).getByText('S11', { exact: true }).click();
      await page.getByRole('region', { name: 'The row, whole' }).waitFor();
    },
  },
  {
    name: 'history of restores',
    place: () => 'restore/history',
    show: (page) => page.getByRole('table').getByText('undo possible').waitFor(),
  },
  { name: 'one restore', place: () => `restore/${restoreId}`, show: (page) => page.getByRole('button', { name: 'Undo…' }).waitFor() },
  {
    name: 'profile with its test',
    place: () => `profiles/${profile.id}`,
    show: async (page) => {
      await page.getByRole('button', { name: 'Test connection' }).click();
      await page.getByText('✓ connected').waitFor();
      await page.getByRole('button', { name: 'Suggest tables from the database' }).click();
      await page.getByText(/that a quick backup could do without|tables were found in/).waitFor();
    },
  },
  { name: 'new profile', place: () => 'profiles/new', show: (page) => page.getByRole('form', { name: 'New connection' }).waitFor() },
  {
    name: 'unsaved edits',
    place: () => `profiles/${profile.id}`,
    show: async (page) => {
      await page.getByRole('textbox', { name: 'Host' }).fill('elsewhere');
      await page.keyboard.press('Control+1');
      await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    },
  },
  { name: 'activity', place: () => 'activity', show: (page) => page.getByRole('table', { name: 'Finished jobs' }).waitFor() },
  {
    name: 'a finished job',
    place: () => 'activity',
    show: async (page) => {
      await page
        .getByRole('button', { name: /^Backup of .* on Live$/ })
        .first()
        .click();
      await page.getByRole('dialog').getByText('✓ passed').waitFor();
    },
  },
  {
    name: 'the first schedules',
    place: () => 'schedules',
    show: (page) => region(page, 'The usual set').waitFor(),
  },
  {
    name: 'a new schedule, with all there is to choose',
    place: () => 'schedules',
    show: async (page) => {
      await page.getByRole('button', { name: 'Make one of my own…' }).click();
      const form = page.getByRole('form', { name: 'New schedule' });
      await choose(form, 'Profile', 'Live (production)');
      await form.getByRole('radiogroup', { name: 'How often' }).getByText('Weekly').click();
      await form.getByText('All, new ones included').click();
      await form.getByText(/^How: /).click();
      await form.getByText('Only if not too late').click();
      await form.getByRole('textbox', { name: 'Cancel it when it is still running at' }).fill('never');
      await form.getByText('A time from 00:00 to 23:59').waitFor();
      await region(page, 'The next five runs').getByRole('listitem').nth(4).waitFor();
    },
  },
  {
    name: 'a rule of retention at work',
    place: () => `retention/profile:${profile.id}`,
    show: async (page) => {
      const form = page.getByRole('form', { name: 'Rule of Live' });
      await form.getByRole('textbox', { name: 'The last' }).fill('1');
      await form.getByRole('textbox', { name: 'Always at least' }).fill('1');
      await form.getByText('Only the newest backup of each database would stay').waitFor();
      await form.getByText('the last good one: never goes').waitFor();
    },
  },
  { name: 'no deletions', place: () => 'retention/deletions', show: (page) => page.getByText('Nothing was deleted yet').waitFor() },
  {
    name: 'channels, one that fails',
    place: () => 'messages',
    show: async (page) => {
      await page.getByRole('button', { name: /^Send a test to/ }).click();
      await page.getByText('MESSAGE_NOT_SENT').waitFor();
    },
  },
  {
    name: 'a new channel by e-mail, not filled in',
    place: () => 'messages/new',
    show: async (page) => {
      await page.getByRole('button', { name: 'Add the channel' }).click();
      await page.getByText('The mail server that takes it').waitFor();
    },
  },
  {
    name: 'a new channel in Telegram',
    place: () => 'messages/new',
    show: async (page) => {
      await page.getByRole('form', { name: 'New channel' }).getByText('Telegram', { exact: true }).click();
      await page.getByRole('textbox', { name: 'Bot token' }).waitFor();
    },
  },
  {
    name: 'messages that were sent',
    place: () => 'messages/sent',
    show: (page) => page.getByRole('table', { name: 'Messages' }).waitFor(),
  },
  { name: 'settings', place: () => 'settings', show: (page) => page.getByRole('table', { name: 'Client tools' }).waitFor() },
  {
    name: 'command palette',
    place: () => 'backups',
    show: async (page) => {
      await page.getByRole('grid').waitFor();
      await page.keyboard.press('Control+k');
      await page.getByLabel('Find a page or an action').waitFor();
    },
  },
];

/** What axe has against the page as it is, one line a fault. `rules`: only these (colours are all that differs in the dark). */
async function faultsOf(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
  );
}

const interactive = new Set(
  'button checkbox combobox link menuitem option radio searchbox slider spinbutton switch tab textbox'.split(' '),
);

/** Controls that a screen reader would read out by their role alone, as the browser's own accessibility tree has them. */
async function nameless(page: Page): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  await devtools.detach();
  const controls = nodes.filter((node) => !node.ignored && interactive.has(String(node.role?.value)));
  expect(controls.length).toBeGreaterThan(2);
  return controls
    .filter((node) => String(node.name?.value ?? '').trim() === '')
    .map((node) => JSON.stringify(node.role?.value) + JSON.stringify(node.properties));
}

/** Whether the document, the page's body or the rail can be scrolled or are cut sideways. */
async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the document is ${root.scrollWidth} wide in ${root.clientWidth}`);
    const rail = document.querySelector('[aria-label="Status"]')?.getBoundingClientRect();
    for (const element of document.querySelectorAll('[aria-label="Status"] *, nav[aria-label="Pages"] *')) {
      const box = element.getBoundingClientRect();
      if (rail !== undefined && box.right > rail.right + 0.5)
        found.push(`${element.outerHTML.slice(0, 120)} ends at ${box.right} beyond the rail`);
    }
    // What lies outside the window can be reached by nobody.
    for (const element of document.querySelectorAll('main button, main input, [role="dialog"] button, [role="dialog"] input')) {
      const box = element.getBoundingClientRect();
      if (box.width > 0 && box.right > root.clientWidth + 0.5 && !element.closest('[tabindex="0"]'))
        found.push(`${element.outerHTML.slice(0, 120)} ends at ${box.right}`);
    }
    return found;
  });
}

const schemes = thorough ? 'light and dark' : 'light';
test.each(scenes)(`$name: axe finds nothing in ${schemes}, nothing sticks out`, async ({ place, show }) => {
  const page = await session.open(place());
  await show(page);
  expect(await faultsOf(page)).toEqual([]);
  expect(await nameless(page)).toEqual([]);
  expect(await sideways(page)).toEqual([]);
  if (!thorough) return;
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  expect(await faultsOf(page, ['color-contrast'])).toEqual([]);
  expect(await sideways(page)).toEqual([]);
});

test('the first page that a new user sees', async () => {
  const fresh = await startSession();
  try {
    const page = await fresh.open();
    await page.getByRole('button', { name: /Try with a sample database/ }).waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      expect(await faultsOf(page)).toEqual([]);
      expect(await sideways(page)).toEqual([]);
    }
  } finally {
    await fresh.close();
  }
});

type Watching = { focusWatch?: { element: Element; look: () => string; focused: string; html: string } };

/** Looks at the element that has the focus now, and says of the one that had it before whether losing it was to be seen. */
function followFocus(page: Page): Promise<{ at: string | null; unseen: string | null }> {
  return page.evaluate(() => {
    const kept = globalThis as Watching;
    const before = kept.focusWatch;
    // A date has several stops inside; it is compared when the whole field is left.
    const left = before !== undefined && before.element !== document.activeElement;
    const unseen = left && before.look() === before.focused ? before.html : null;
    delete kept.focusWatch;
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { at: null, unseen };
    // The ring may be on a wrapper; that of a hidden radio button or check mark is on what stands in for it.
    const standIns = element.matches('[type="radio"], [type="checkbox"]') ? [...(element.parentElement?.children ?? [])] : [];
    const wrapper = element.closest('.mantine-PillsInput-input, .mantine-TagsInput-input');
    const boxes = [element, element.parentElement, wrapper, ...standIns].filter((box) => box instanceof HTMLElement);
    for (const box of boxes) box.style.transition = 'none';
    const look = () =>
      boxes
        .map((box) => {
          const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(box);
          return [outline, boxShadow, borderColor, backgroundColor].join(' ');
        })
        .join();
    kept.focusWatch = { element, look, focused: look(), html: element.outerHTML.slice(0, 200) };
    return { at: `${element.tagName} ${element.id} ${element.getAttribute('aria-label') ?? element.textContent.slice(0, 60)}`, unseen };
  });
}

test.each(['backups', 'restore', 'restore/history', 'schedules', 'retention', 'messages', 'profiles', 'activity', 'settings'])(
  '%s by the tab key: every stop shows that it has the focus',
  async (place) => {
    const page = await session.open(place);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /^Loading/ })
      .first()
      .waitFor({ state: 'detached' });
    const stops = new Set<string>();
    const unseen: string[] = [];
    for (let presses = 0; presses < 100; presses++) {
      await page.keyboard.press('Tab');
      const step = await followFocus(page);
      if (step.unseen !== null) unseen.push(step.unseen);
      if (step.at === null) break;
      stops.add(step.at);
    }
    expect(stops.size).toBeGreaterThan(6);
    expect(unseen).toEqual([]);
  },
);
