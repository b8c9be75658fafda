// Looks at what goes on by itself, and at the settings: schedules, retention, messages.
import type { Page } from 'playwright';
import { choose } from '../actions.ts';
import type { Scene } from './scene.ts';

const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

export const scenesUnattended: Scene[] = [
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
    place: (used) => `retention/profile:${used.profileId}`,
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
