// What every end-to-end test works with: the program served on a home of its own, a real browser on its page, and REST
// beside it for what is not the test's subject.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { Backup, BackupOptions, SucceededBackup } from '../../shared/contract/backups.ts';
import type { EndedJob, Job } from '../../shared/contract/jobs.ts';
import type { Profile, ProfileFields } from '../../shared/contract/profiles.ts';
import { sharedBrowser } from '../support/browser.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { serveHere } from '../support/serve-here.ts';
import { testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';
import { followAddress, putAside } from './actions.ts';

/** What the window opens with (electron/desktop/window.ts). */
export const windowSize = { width: 1180, height: 800 };
/** For each thing that a test waits for: what a busy machine keeps. */
export const patienceMs = 60_000;

export type Session = Awaited<ReturnType<typeof startSession>>;

/** Serves a home of its own and lets one browser in; `viewport` in CSS pixels. */
export async function startSession(viewport = windowSize) {
  const home = makeHome();
  const served = await serveHere(home);
  const browser = await sharedBrowser();
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', acceptDownloads: true, timezoneId: 'UTC' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: served.origin });
  context.setDefaultTimeout(patienceMs);
  /** What pages complained about: uncaught errors and console errors. */
  const complaints: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // The browser's own word on every answer that is an error; the page shows those in words.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
  });
  const load = async (url: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    return page;
  };
  /** The one that is kept: it came in by the address that works once. */
  const kept = await load(served.url);

  const rest = async <T>(method: string, path: string, input?: unknown): Promise<T> => {
    const answer = await ask(served.origin, `/api${path}`, {
      method,
      headers: { authorization: `Bearer ${served.apiToken}`, 'content-type': 'application/json' },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  };

  const ended = (jobId: string): Promise<EndedJob> =>
    until(
      `job ${jobId} to end`,
      async () => {
        const job = await rest<Job>('GET', `/jobs/${jobId}`);
        return job.status === 'queued' || job.status === 'running' ? null : job;
      },
      patienceMs,
    );

  return {
    home,
    origin: served.origin,
    complaints,
    rest,
    ended,
    /** A new tab on a place such as `restore` or `backups/bak_…`: a whole load, with nothing remembered by the page. */
    open: (place = 'backups'): Promise<Page> => load(`${served.origin}/#/${place}`),
    /** The session's kept tab on a place, without loading it again. Whatever was open on it is closed first and unsaved
     * edits are dropped; filters, and what was chosen to be restored, are still there. */
    goTo: async (place: string): Promise<Page> => {
      await putAside(kept);
      // By way of another page, so that this one begins anew even where it was in sight already.
      await followAddress(kept, place.startsWith('activity') ? 'messages' : 'activity');
      await putAside(kept);
      await followAddress(kept, place);
      return kept;
    },
    /** Closes every tab but the kept one. */
    closePages: async (): Promise<void> => {
      for (const page of context.pages()) if (page !== kept) await page.close();
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
      await context.close();
      await served.close();
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
