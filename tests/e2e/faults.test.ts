// What a user meets when things go wrong: said in words, with a way on, and nothing half done.
import { Buffer } from 'node:buffer';
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { connect, createDatabase, sql, testServer } from '../support/server.ts';
import { dropBytes } from './actions.ts';
import { startSession, type Session } from './session.ts';

let session: Session;
let database: string;
let profile: Profile;

beforeAll(async () => {
  session = await startSession();
  database = await createDatabase('CREATE TABLE ledger (a int); INSERT INTO ledger SELECT generate_series(1, 100)');
  profile = await session.addProfile({ name: 'Books', database });
});
afterAll(async () => {
  await session.close();
  expect(session.complaints).toEqual([]);
});

test('a backup that waits for a lock says who holds it, and is cancelled without a trace', async () => {
  const holder = await connect(database);
  try {
    const [pid] = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE');
    const page = await session.goTo('backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('button', { name: 'Start backup' }).click();
    const job = page.getByRole('dialog', { name: /^Backup of/ });
    await job.getByText(/Waiting for a lock on .*ledger/).waitFor();
    const wait = await job.getByRole('status').filter({ hasText: 'Waiting for a lock' }).innerText();
    expect(wait).toContain(`process ${pid?.pid}`);
    expect(wait).toContain(`user ${testServer().user}`);
    expect(wait).toContain('LOCK TABLE ledger');
    // The rail says it too, on every page.
    await page.getByRole('region', { name: 'Status' }).getByLabel('waits for a lock').waitFor();
    await job.getByRole('button', { name: /^Cancel Backup of/ }).click();
    await job.getByText('cancelled', { exact: true }).waitFor();
  } finally {
    await holder.end();
  }
  const [ended] = await session.rest<Job[]>('GET', '/jobs');
  expect(ended?.status).toBe('cancelled');
  const backends = await sql(
    'postgres',
    `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    [database],
  );
  expect(backends).toEqual([]);
  const { backupDirectory } = await session.rest<{ backupDirectory: string }>('GET', '/settings');
  const files = existsSync(backupDirectory) ? readdirSync(backupDirectory, { recursive: true, withFileTypes: true }) : [];
  expect(files.filter((entry) => entry.isFile()).map((entry) => entry.name)).toEqual([]);
});

test('a wrong password: the test and the plan say so, and the password is nowhere', async () => {
  const secret = 'not-the-password-4711';
  const wrong = await session.addProfile({ name: 'Wrong', database }, secret);
  const page = await session.goTo(`profiles/${wrong.id}`);
  await page.getByRole('button', { name: 'Test connection' }).click();
  const answer = page.getByRole('region', { name: 'Connection test' });
  await answer.getByText('AUTHENTICATION_FAILED').waitFor();
  await page.getByRole('button', { name: 'Back up…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Back up now' });
  await dialog.getByText('AUTHENTICATION_FAILED').waitFor();
  await dialog.getByRole('button', { name: 'Start backup' }).click();
  const job = page.getByRole('dialog', { name: /^Backup of/ });
  await job.getByText('failed', { exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+1');
  await page.getByRole('status', { name: 'Verdict' }).getByText(`The last backup of ${database} failed`, { exact: false }).waitFor();
});

test('a JPEG is told apart from a dump', async () => {
  const page = await session.goTo('backups');
  const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb', 'hex'), Buffer.alloc(600, 7)]);
  await dropBytes(page, 'holiday.jpg', jpeg);
  const error = page.getByRole('alert');
  await error.getByText('DUMP_NOT_RECOGNISED').waitFor();
  expect(await error.innerText()).toMatch(/JPEG|picture|image/i);
  await page.getByRole('region', { name: 'A dump file' }).waitFor();
  expect(await page.getByRole('button', { name: /^Restore into/ }).count()).toBe(0);
});

test('an empty file is called empty', async () => {
  const page = await session.goTo('backups');
  await dropBytes(page, 'nothing.sql', Buffer.alloc(0));
  await page.getByRole('alert').getByText('DUMP_EMPTY').waitFor();
});

test('a script that would run a command of the shell is blocked, with the reason said once', async () => {
  const page = await session.goTo('backups');
  const script = ['CREATE TABLE a (b int);', '\\! touch /tmp/howdah-was-here', 'INSERT INTO a VALUES (1);', ''].join('\n');
  await dropBytes(page, 'evil.sql', Buffer.from(script));
  const reason = page.getByText("would run a command of this machine's shell", { exact: false });
  await reason.first().waitFor();
  await page.getByRole('list', { name: 'Steps' }).waitFor();
  expect(await reason.count()).toBe(1);
  expect(await reason.innerText()).toContain('line 2');
  expect(await page.getByRole('button', { name: /^Restore into/ }).isDisabled()).toBe(true);
  expect(existsSync('/tmp/howdah-was-here')).toBe(false);
});

test('unsaved edits of a profile are not lost in silence', async () => {
  const page = await session.goTo(`profiles/${profile.id}`);
  const host = page.getByRole('textbox', { name: 'Host' });
  await host.fill('elsewhere.example');
  const asked = page.getByRole('dialog', { name: 'Leave without saving?' });
  await page.getByRole('button', { name: 'Backups' }).click();
  await asked.getByRole('button', { name: 'Keep editing' }).click();
  await asked.waitFor({ state: 'detached' });
  expect(await host.inputValue()).toBe('elsewhere.example');
  expect(new URL(page.url()).hash).toBe(`#/profiles/${profile.id}`);
  // Also by keyboard and by the browser's own Back, and for another profile of the list.
  await page.keyboard.press('Control+8');
  await asked.getByRole('button', { name: 'Keep editing' }).click();
  await page.getByRole('button', { name: 'Wrong' }).click();
  await asked.getByRole('button', { name: 'Discard the changes' }).click();
  await page.getByRole('form', { name: 'Connection Wrong' }).waitFor();
  expect((await session.rest<Profile>('GET', `/profiles/${profile.id}`)).host).toBe(testServer().host);
  // Saved edits are no reason to ask.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Wrong again');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('form', { name: 'Connection Wrong again' }).waitFor();
  await page.keyboard.press('Control+1');
  await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
});

test('a profile whose URL makes no sense is refused in place', async () => {
  const page = await session.goTo('profiles/new');
  const url = page.getByLabel('Connection URL', { exact: true });
  await url.fill('mysql://root@localhost/shop');
  await page.getByRole('button', { name: 'Fill in' }).click();
  await page.getByRole('alert').getByText('BAD_INPUT').waitFor();
});
