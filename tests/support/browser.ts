// A real Chromium for page tests: one for all sessions of a test process, each in a context of its own.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** Best first: the headless shell starts in less than half the time and does without the browser's own pages around each tab. */
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** A browser that the caller closes: one named by HOWDAH_TEST_CHROMIUM, the system's, or Playwright's own. */
export function launchBrowser(): Promise<Browser> {
  const path = process.env['HOWDAH_TEST_CHROMIUM'] ?? installed.find((one) => existsSync(one));
  return chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    // Chromium's sandbox refuses to work for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    // It ends when the process that started it does, however that ends: its pipe is closed then.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

let shared: Promise<Browser> | null = null;

/** The browser of this process: started when it is first needed, never closed by a test. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= launchBrowser().then((browser) => {
    // One that crashed fails its own test only.
    browser.once('disconnected', () => (shared = null));
    return browser;
  });
  return shared;
}
