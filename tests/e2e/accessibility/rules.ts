// What everybody must be able to use: the rules of axe, names of controls, nothing beyond the edge of the window.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import { thorough } from '../../support/thorough.ts';

/** All rules in the light scheme; thorough runs look again in the dark on a large window, for what differs there. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await faultsOf(page)).toEqual([]);
  expect(await nameless(page)).toEqual([]);
  expect(await sideways(page)).toEqual([]);
  if (!thorough) return;
  const size = page.viewportSize();
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  expect(await faultsOf(page, ['color-contrast'])).toEqual([]);
  expect(await sideways(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  if (size !== null) await page.setViewportSize(size);
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
}

/** What axe has against the page as it is, one line a fault. `rules`: only these (colours are all that differs in the dark). */
export async function faultsOf(page: Page, rules?: string[]): Promise<string[]> {
  // At once in the page itself: otherwise each look opens an empty page just to sum up. There are no frames.
  const axe = new AxeBuilder({ page }).setLegacyMode();
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
export async function sideways(page: Page): Promise<string[]> {
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
