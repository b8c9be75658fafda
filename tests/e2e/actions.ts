// What a person does with the page that takes more than a click.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Locator, Page } from 'playwright';
import { until } from '../support/wait.ts';

/** Goes there by the address, as a bookmark would; comes back when the page has taken notice. */
export function followAddress(page: Page, place: string): Promise<void> {
  return page.evaluate(async (hash) => {
    if (window.location.hash === hash) return;
    const noticed = new Promise((resolve) => window.addEventListener('hashchange', resolve, { once: true }));
    window.location.hash = hash;
    await noticed;
    await new Promise((later) => setTimeout(later));
  }, `#/${place}`);
}

/** Closes dialogs, drawers and menus one after the other, lets unsaved edits go and takes messages away. */
export async function putAside(page: Page): Promise<void> {
  const open = page.locator('[role="dialog"], [role="menu"], [role="listbox"]').filter({ visible: true });
  const messages = page.locator('.mantine-Notification-closeButton');
  const discard = page.getByRole('button', { name: 'Discard the changes' });
  const nothingOpen = async (): Promise<boolean> => {
    const left = (await open.count()) + (await messages.count());
    await messages.evaluateAll((buttons) => buttons.forEach((button) => (button as HTMLElement).click()));
    if (await discard.isVisible()) await discard.click();
    else if ((await open.count()) > 0) await page.keyboard.press('Escape');
    return left === 0;
  };
  await until('everything to be closed', nothingOpen, 60_000);
}

/** Drops a file on the window as a file manager would: a DataTransfer that holds a real File. */
export async function dropFile(page: Page, path: string): Promise<void> {
  await dropBytes(page, basename(path), readFileSync(path));
}

/** As `dropFile`, for content that is in no file. */
export async function dropBytes(page: Page, name: string, content: Buffer): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ({ fileName, base64 }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], fileName));
      return data;
    },
    { fileName: name, base64: content.toString('base64') },
  );
  const overlay = page.getByText('Drop to inspect');
  for (const type of ['dragenter', 'dragover']) await page.dispatchEvent('#main', type, { dataTransfer });
  await overlay.waitFor();
  await page.dispatchEvent('#main', 'drop', { dataTransfer });
  await overlay.waitFor({ state: 'detached' });
}

/** Chooses from a Select by the name of its field. */
export async function choose(within: Page | Locator, field: string, option: string | RegExp): Promise<void> {
  const page = 'page' in within ? within.page() : within;
  await within
    .getByRole('combobox', { name: field, exact: true })
    .or(within.getByRole('textbox', { name: field, exact: true }))
    .click();
  await page.getByRole('option', { name: option }).click();
}
