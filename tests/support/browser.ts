// A real Chromium for page tests.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** The system's Chromium, one named by HOWDAH_TEST_CHROMIUM, or Playwright's own. */
export function launchBrowser(): Promise<Browser> {
  const named = process.env['HOWDAH_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({
    ...(existsSync(named) ? { executablePath: named } : {}),
    // Chromium's sandbox refuses to work for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
