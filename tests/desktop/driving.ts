// What the tests of the window share: a look at it, its close button, a file, a backup that waits.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { look, type Desktop } from '../support/electron.ts';
import { temporaryDirectory } from '../support/home.ts';
import type { PageApi } from '../support/page-api.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { slowClient } from '../support/slow-client.ts';
import { until } from '../support/wait.ts';

export const isVisible = (started: Desktop): Promise<boolean> =>
  look(() => started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible())));

/** Presses the window's close button. */
export const pressClose = (started: Desktop): Promise<void> =>
  started.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

/** A dump of nothing much: enough for a path that exists. */
export function someFile(name = 'shop.dump'): string {
  const path = join(temporaryDirectory('dropped'), name);
  writeFileSync(path, 'PGDMP');
  return path;
}

/** A backup that waits until it is let go. */
export async function startSlowBackup(api: PageApi): Promise<{ jobId: string; letGo: () => void }> {
  const database = await createDatabase('CREATE TABLE busy (a int); INSERT INTO busy VALUES (1)');
  const { host, port, user, password } = testServer();
  const { clientDirectory, letGo } = slowClient();
  const profile = await api.call<Profile>('profiles.create', {
    profile: { name: 'busy', host, port, user, database, sslMode: 'disable', clientDirectory },
    password,
  });
  const { jobId } = await api.call<{ jobId: string }>('backups.start', { profileId: profile.id, options: {} });
  await until('the job to run', async () => (await api.call<Job>('jobs.get', { id: jobId })).status === 'running');
  return { jobId, letGo };
}

/** The next whole minute by the window's own clock. */
export async function nextMinuteOf(api: PageApi): Promise<string> {
  const everyMinute = { when: { kind: 'cron', expression: '* * * * *' }, timeZone: 'UTC', count: 1 };
  const [slot] = (await api.call<{ next: string[] }>('schedules.tryWhen', everyMinute)).next;
  if (slot === undefined) throw new Error('no next minute');
  return slot;
}
