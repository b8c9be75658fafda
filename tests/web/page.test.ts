// `howdah serve` as it is: the real command, engine and server, a real browser, and REST beside it.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '../../shared/contract/backups.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { sharedBrowser } from '../support/browser.ts';
import { makeHome } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { startCli } from '../support/run-cli.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

type Serving = { url: string; origin: string; apiToken: string };

let cli: ReturnType<typeof startCli>;
let serving: Serving;

beforeAll(async () => {
  cli = startServing();
  serving = await addressOf(cli);
});

afterAll(async () => {
  cli.child.kill('SIGTERM');
  await cli.ended;
});

function startServing(): ReturnType<typeof startCli> {
  return startCli(['serve', '--no-open', '--json'], { home: makeHome() });
}

function addressOf(started: ReturnType<typeof startCli>): Promise<Serving> {
  return until(
    'the address',
    () => {
      const text = started.output().stdout;
      return text.includes('\n') ? (JSON.parse(text) as { serve: Serving }).serve : null;
    },
    60_000,
  );
}

async function rest<T>(method: string, path: string, input?: unknown): Promise<T> {
  const answer = await ask(serving.origin, `/api${path}`, {
    method,
    headers: { authorization: `Bearer ${serving.apiToken}`, 'content-type': 'application/json' },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.json as T;
}

describe('the page in a browser', () => {
  test('loads with its one-time address, breaks no rule of its own policy, and is not let in a second time', async () => {
    const browser = await sharedBrowser();
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(serving.url);
    await page.getByRole('navigation').first().waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await page.getByRole('navigation').first().waitFor();
    expect(complaints).toEqual([]);

    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    const answer = await other.goto(serving.url);
    expect(answer?.status()).toBe(403);
    await stranger.close();
    await context.close();
  });
});

describe('REST', () => {
  test('makes a profile, a backup, and lists it', async () => {
    const database = await createDatabase('CREATE TABLE things AS SELECT generate_series(1, 500) AS id');
    const { host, port, user, password } = testServer();
    const profile = await rest<Profile>('POST', '/profiles', {
      profile: { name: 'over rest', host, port, user, database, sslMode: 'disable' },
      password,
    });
    expect(JSON.stringify(profile)).not.toContain(password);
    const { jobId, backupId } = await rest<{ jobId: string; backupId: string }>('POST', '/backups', { profileId: profile.id, options: {} });
    await until('the backup to end', async () => !['queued', 'running'].includes((await rest<Job>('GET', `/jobs/${jobId}`)).status));
    const { backups } = await rest<{ backups: Backup[] }>('GET', '/backups?profile=over%20rest&limit=10');
    expect(backups).toMatchObject([{ id: backupId, status: 'succeeded', tables: 1, rows: 500 }]);
    const watched = await ask(serving.origin, `/api/jobs/${jobId}/watch`, { headers: { authorization: `Bearer ${serving.apiToken}` } });
    expect(watched.headers['content-type']).toContain('text/event-stream');
    expect(watched.text).toContain('"succeeded"');
  });

  test('an uploaded dump is inspected by what it holds', async () => {
    const answer = await ask(serving.origin, '/upload?name=holiday.dump', {
      method: 'POST',
      headers: { authorization: `Bearer ${serving.apiToken}` },
      body: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]),
    });
    const { id } = answer.json as { id: string };
    const inspected = await ask(serving.origin, '/api/dumps/inspect', {
      method: 'POST',
      headers: { authorization: `Bearer ${serving.apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: { kind: 'file', id } }),
    });
    expect(inspected).toMatchObject({ status: 422, json: { error: { code: 'DUMP_NOT_RECOGNISED' } } });
  });
});

test('serve ends by itself when it is told to, with a page open that follows what happens', async () => {
  const browser = await sharedBrowser();
  const context = await browser.newContext();
  const leaving = startServing();
  onTestFinished(() => void leaving.child.kill('SIGKILL'));
  const page = await context.newPage();
  await page.goto((await addressOf(leaving)).url);
  await page.getByRole('navigation').first().waitFor();
  leaving.child.kill('SIGTERM');
  expect(await leaving.ended).toMatchObject({ signal: null });
  await context.close();
});
