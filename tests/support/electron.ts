// Starts the built program in a real Electron. Tests that need one are skipped where there is none,
// unless HOWDAH_REQUIRE_ELECTRON=1 says that there must be.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { describe } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Path of an Electron program that is on this machine; null without one. Downloads nothing. */
export function electronPath(): string | null {
  const folder = createRequire(import.meta.url)
    .resolve('electron/package.json')
    .replace(/package\.json$/, '');
  const nameFile = join(folder, 'path.txt');
  const name = existsSync(nameFile) ? readFileSync(nameFile, 'utf8') : 'electron';
  const path = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name);
  return existsSync(path) ? path : null;
}

/** Why Electron tests cannot run here; null where they can. */
export function electronMissing(): string | null {
  if (electronPath() === null) return 'no Electron program';
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'no display';
  if (!existsSync(join(root, 'dist', 'main.cjs'))) return 'not built: run npm run build';
  return null;
}

/** `describe` for tests that drive the real window. */
export function describeElectron(name: string, tests: () => void): void {
  const missing = electronMissing();
  if (missing !== null && process.env['HOWDAH_REQUIRE_ELECTRON'] === '1') throw new Error(`Electron tests must run, but: ${missing}`);
  describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, tests);
}

export type Desktop = {
  app: ElectronApplication;
  /** The page in the window. */
  page: Page;
  /** Arguments that start a second instance on the same data. */
  command: { program: string; args: string[]; env: Record<string, string> };
  /** Ends it the hard way when a test did not make it quit. */
  close(): Promise<void>;
};

export type DesktopOptions = {
  /** HOWDAH_HOME. */
  home: string;
  /** What a user would add, e.g. a dump file. */
  args?: string[];
  env?: Record<string, string>;
  /** False: as a bare `electron <folder>`, which some runtimes load too late to declare app://. */
  early?: boolean;
  appFolder?: string;
  /** A CommonJS file that runs first, inside the program: stand-ins for what this machine lacks. */
  first?: string;
};

/** A machine that does other things at the same time starts it in half a minute. */
const slowStartMs = 120_000;

/** Starts the program as `npm start` does, on a data folder of its own. */
export async function launchDesktop(options: DesktopOptions): Promise<Desktop> {
  const program = electronPath();
  if (program === null) throw new Error('no Electron program');
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const folder = options.appFolder ?? root;
  const early = options.early === false ? [] : ['-r', join(folder, 'dist', 'early.cjs')];
  const first = options.first === undefined ? [] : ['-r', options.first];
  const args = [...sandbox, ...first, ...early, folder, ...(options.args ?? [])];
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    HOWDAH_HOME: options.home,
    HOWDAH_SECRETS: 'file',
    ...options.env,
  };
  // Playwright finds the same program by itself; only then it holds the program back until it is attached.
  const app = await _electron.launch({ args, env, cwd: root, timeout: slowStartMs });
  // Playwright forgets the process once it has ended.
  const child = app.process();
  const page = await app.firstWindow({ timeout: slowStartMs });
  page.setDefaultTimeout(slowStartMs);
  await page.waitForLoadState('domcontentloaded');
  return {
    app,
    page,
    command: { program, args, env },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A look into the main process, which changes nothing there. Now and then V8 clears Playwright's promise away before it is
 * answered; that says nothing about the program, and one looks again. What else goes wrong is thrown. */
export async function look<T>(evaluate: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await evaluate();
    } catch (thrown) {
      if (!String(thrown).includes('Resulting promise was garbage collected')) throw thrown;
    }
  }
}

/** Resolves with the exit code when the program has ended. */
export function exitOf(app: ElectronApplication): Promise<number | null> {
  const process = app.process();
  if (process.exitCode !== null) return Promise.resolve(process.exitCode);
  return new Promise((resolve) => process.once('exit', (code) => resolve(code)));
}
