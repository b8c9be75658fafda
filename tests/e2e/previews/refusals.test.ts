// What keeps a preview or its restore from going on: nothing to do, a lock, a role that may not, a table that is missing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, createRole, sql } from '../../support/server.ts';
import { choose } from '../actions.ts';
import { grid, numbers, one, rowOf, see, startPreviews, type Previews } from './previews.ts';

let previews: Previews;

beforeAll(async () => {
  previews = await startPreviews();
});
afterAll(() => previews.close());

test('a preview of what is there already says proudly that nothing differs', async () => {
  const page = await previews.aim(previews.source);
  await see(page);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('Nothing differs', { exact: true }).waitFor();
  await page.getByRole('switch', { name: 'Only with differences' }).check({ force: true });
  await page.getByText('No table differs.', { exact: false }).waitFor();
});

test('while it waits for a lock it says for whom; cancelled, it leaves nothing at the server', async () => {
  const database = previews.live;
  const page = await previews.aim(database);
  const holder = await connect(database);
  try {
    await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await page.getByRole('button', { name: 'See what it would do' }).click();
    await page.getByText(/Waiting for a lock on .*orders/).waitFor();
    await page.getByRole('button', { name: /^Cancel Preview/ }).click();
    await page.getByRole('alert').getByText('CANCELLED', { exact: true }).waitFor();
    await expect.poll(() => one(database, `SELECT count(*)::int FROM pg_namespace WHERE nspname LIKE 'howdah_stage%'`)).toBe(0);
  } finally {
    await holder.end();
  }
  await page.getByRole('button', { name: 'Preview again' }).click();
  await grid(page).waitFor();
});

test('a role that may not stage is told so, and may compare on another server: to look at, not to carry out', async () => {
  const database = previews.live;
  const role = await createRole();
  await sql(
    database,
    `REVOKE CREATE, TEMPORARY ON DATABASE "${database}" FROM PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "${role.user}"`,
  );
  await previews.session.addProfile({ name: 'Reader', database, user: role.user }, role.password);
  const page = await previews.aim(database, 'Reader');
  const start = page.getByRole('button', { name: 'See what it would do' });
  await page.getByRole('alert').getByText('STAGING_NOT_ALLOWED').waitFor();
  expect(await start.isDisabled()).toBe(true);
  await choose(page, 'Compare on another server instead', 'Shop');
  await expect.poll(() => start.isEnabled()).toBe(true);
  await see(page);
  expect(await numbers(page)).toEqual([20, 10, 0, 571]);
  await page.getByRole('region', { name: 'Verdict' }).getByText('this can be looked at, not carried out', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: `Restore into ${database}…` }).isDisabled()).toBe(true);
  await rowOf(page, 'public.products').click();
  await page.getByRole('feed', { name: 'Rows' }).getByRole('article').first().getByText('price').waitFor();
});

test('what blocks is named with what to do; left alone it no longer blocks', async () => {
  const database = previews.live;
  await sql(database, 'DROP TABLE settings');
  const page = await previews.aim(database);
  await see(page);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('TABLE_MISSING').waitFor();
  const start = page.getByRole('button', { name: `Restore into ${database}…` });
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole('switch', { name: 'Only with differences' }).check({ force: true });
  await rowOf(page, 'public.settings').getByText('blocked').waitFor();
  await grid(page).getByLabel('Strategy for public.settings').selectOption('Leave alone');
  await expect.poll(() => start.isEnabled()).toBe(true);
  expect(await verdict.innerText()).not.toContain('TABLE_MISSING');
});
