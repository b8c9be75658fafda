// What every end-to-end test works with: the real `serve` command on a home of its own, a real browser on its page,
// and REST beside it for what is not the test's subject.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright';
import type { Backup, BackupOptions, SucceededBackup } from '../../shared/contract/backups.ts';
import type { EndedJob, Job } from '../../shared/contract/jobs.ts';
import type { Profile, ProfileFields } from '../../shared/contract/profiles.ts';
import { launchBrowser } from '../support/browser.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { startCli } from '../support/run-cli.ts';
import { testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

type Serving = { url: string; origin: string; apiToken: string };
export type Session = Awaited<ReturnType<typeof startSession>>;

/** Starts `serve` and lets one browser in; `viewport` in CSS pixels. */
export async function startSession(viewport = { width: 1280, height: 800 }) {
  const home = makeHome();
  const cli = startCli(['serve', '--no-open', '--json'], { home });
  const serving = await until('the address', () => {
    const text = cli.output().stdout;
    return text.includes('\n') ? (JSON.parse(text) as { serve: Serving }).serve : null;
  });
  const browser: Browser = await launchBrowser();
  const context: BrowserContext = await browser.newContext({ viewport, reducedMotion: 'reduce', acceptDownloads: true });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: serving.origin });
  context.setDefaultTimeout(20_000);
  const first = await context.newPage();
  await first.goto(serving.url);
  await first.getByRole('navigation', { name: 'Pages' }).waitFor();
  await first.close();
  /** What pages complained about: uncaught errors and console errors. */
  const complaints: string[] = [];

  const rest = async <T>(method: string, path: string, input?: unknown): Promise<T> => {
    const answer = await ask(serving.origin, `/api${path}`, {
      method,
      headers: { authorization: `Bearer ${serving.apiToken}`, 'content-type': 'application/json' },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  };

  const ended = (jobId: string): Promise<EndedJob> =>
    until(`job ${jobId} to end`, async () => {
      const job = await rest<Job>('GET', `/jobs/${jobId}`);
      return job.status === 'queued' || job.status === 'running' ? null : job;
    });

  return {
    home,
    origin: serving.origin,
    complaints,
    rest,
    ended,
    /** A new tab on a place such as `restore` or `backups/bak_…`. */
    open: async (place = 'backups'): Promise<Page> => {
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        // The browser's own word on every answer that is an error; the page shows those in words.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
      });
      await page.goto(`${serving.origin}/#/${place}`);
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      return page;
    },
    closePages: async (): Promise<void> => {
      for (const page of context.pages()) await page.close();
    },
    /** A profile of the test server, as its superuser unless told otherwise. */
    addProfile: (fields: Partial<ProfileFields> & { name: string }, password = testServer().password): Promise<Profile> => {
      const { host, port, user } = testServer();
      return rest<Profile>('POST', '/profiles', { profile: { host, port, user, sslMode: 'disable', ...fields }, password });
    },
    /** Backs up over REST and insists on success. */
    backUp: async (profileId: string, options: Partial<BackupOptions> = {}): Promise<SucceededBackup> => {
      const { jobId, backupId } = await rest<{ jobId: string; backupId: string }>('POST', '/backups', { profileId, options });
      await ended(jobId);
      const backup = await rest<Backup>('GET', `/backups/${backupId}`);
      if (backup.status !== 'succeeded') throw new Error(`the backup is ${backup.status}`);
      return backup;
    },
    close: async (): Promise<void> => {
      await browser.close();
      // A program that does not leave when told is a fault that must not keep the next tests waiting.
      const impatience = setTimeout(() => cli.child.kill('SIGKILL'), 15_000);
      cli.child.kill('SIGTERM');
      const { signal } = await cli.ended;
      clearTimeout(impatience);
      if (signal === 'SIGKILL') throw new Error('serve did not end by itself');
    },
  };
}

/** A dump by the stock pg_dump; gives its path. */
export function stockDump(database: string, args: string[], name: string): string {
  const { host, port, user, password, binDirectory } = testServer();
  const path = join(temporaryDirectory('dump'), name);
  execFileSync(join(binDirectory, 'pg_dump'), ['-f', path, ...args], {
    env: { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return path;
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
