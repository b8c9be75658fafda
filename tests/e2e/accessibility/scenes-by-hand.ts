// Looks at what is done by hand: backups, restores that were made, profiles, jobs.
import { choose } from '../actions.ts';
import type { Scene } from './scene.ts';

export const scenesByHand: Scene[] = [
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
    place: (used) => `backups/${used.backupId}`,
    show: (page) => page.getByRole('list', { name: 'Verification checks' }).waitFor(),
  },
  {
    name: 'failed backup',
    place: (used) => `backups/${used.failedId}`,
    show: (page) => page.getByRole('dialog').getByRole('alert').waitFor(),
  },
  {
    name: 'delete dialog',
    place: (used) => `backups/${used.backupId}`,
    show: async (page) => {
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByLabel('Type the database name to confirm').waitFor();
    },
  },
  {
    name: 'deep verify dialog',
    place: (used) => `backups/${used.backupId}`,
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
    name: 'history of restores',
    place: () => 'restore/history',
    show: (page) => page.getByRole('table').getByText('undo possible').waitFor(),
  },
  {
    name: 'one restore',
    place: (used) => `restore/${used.restoreId}`,
    show: (page) => page.getByRole('button', { name: 'Undo…' }).waitFor(),
  },
  {
    name: 'profile with its test',
    place: (used) => `profiles/${used.profileId}`,
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
    place: (used) => `profiles/${used.profileId}`,
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
];
