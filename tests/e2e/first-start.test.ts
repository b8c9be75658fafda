// The first minute with nothing set up, and the settings.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSession, type Session } from './session.ts';

let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

test('nothing set up: the sample database, its first backup, and its end', async () => {
  const page = await session.goTo('backups');
  await page.getByRole('heading', { name: 'Welcome to Howdah' }).waitFor();
  try {
    await page.getByRole('button', { name: 'Try with a sample database' }).click();
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
    await page.getByRole('button', { name: 'Make the first backup' }).click();
    const dialog = page.getByRole('dialog', { name: 'Back up now' });
    await dialog
      .getByText(/pg_dump \d/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Start backup' }).click();
    const job = page.getByRole('dialog', { name: /^Backup of shop/ });
    await job.getByText('✓ passed').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+1');
    await page
      .getByRole('status', { name: 'Verdict' })
      .getByText(/Last good backup of shop: .*, verified\./)
      .waitFor();
  } finally {
    await page.keyboard.press('Control+8');
    await page.getByRole('button', { name: 'Remove the sample…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the sample' }).click();
  }
  await page.getByRole('button', { name: 'Create the sample database' }).waitFor();
  // The backup stays; the profile is gone.
  await page.keyboard.press('Control+1');
  await page.getByRole('grid', { name: 'Backups' }).getByRole('row').nth(1).waitFor();
  expect(await session.rest('GET', '/profiles')).toEqual([]);
});

test('the colour scheme changes at once and is remembered', async () => {
  const page = await session.goTo('settings');
  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
  await page.getByText('Dark', { exact: true }).click();
  await expect.poll(scheme).toBe('dark');
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.reload();
  await expect.poll(scheme).toBe('dark');
  await page.getByText('Light', { exact: true }).click();
  await expect.poll(scheme).toBe('light');
  await page.getByText('As the system', { exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
});

test('numbers of the settings are kept, client tools are listed, a folder that cannot be is refused', async () => {
  const page = await session.goTo('settings');
  const jobs = page.getByRole('textbox', { name: 'Jobs per server' });
  await jobs.fill('3');
  await jobs.press('Enter');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await session.rest('GET', '/settings')).toMatchObject({ jobsPerServer: 3 });
  await page.getByRole('table', { name: 'Client tools' }).getByText('pg_dump', { exact: false }).first().waitFor();
  const folder = page.getByRole('textbox', { name: 'Backup folder' });
  await folder.fill('/proc/nowhere');
  await folder.press('Tab');
  await page.getByRole('alert').getByText('FOLDER_NOT_WRITABLE').waitFor();
});
