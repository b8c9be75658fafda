// A real Chromium for page tests: one for all sessions of a test process, each in a context of its own.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright';

/** Best first. The headless shell draws without the browser around the page, which costs more than the page itself. */
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

const switches = [
  // Without a graphics card both of these would be worked out by the processor, in a process of their own.
  '--disable-gpu',
  '--disable-software-rasterizer',
  // Chromium's sandbox refuses to work for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** A browser that the caller closes: one named by HOWDAH_TEST_CHROMIUM, the system's, or Playwright's own. */
export function launchBrowser(): Promise<Browser> {
  const path = process.env['HOWDAH_TEST_CHROMIUM'] ?? installed.find((one) => existsSync(one));
  return chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    args: switches,
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
