// Passwords of the desktop program in a real keychain: shared with the command line, kept over a new login, in no file in clear.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AppInfo } from '../../shared/contract/app.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { describeDesktopSession, startDesktopSession, type DesktopSession } from '../support/desktop-session.ts';
import { electronMissing, exitOf, launchDesktop, type Desktop } from '../support/electron.ts';
import { makeHome } from '../support/home.ts';
import { pageApi, type PageApi } from '../support/page-api.ts';
import { startCli, type CliRun } from '../support/run-cli.ts';
import { testServer } from '../support/server.ts';
import { thorough } from '../support/thorough.ts';
import { until } from '../support/wait.ts';

const withoutLibrary = fileURLToPath(new URL('without-keyring.cjs', import.meta.url));
const realKeychain = fileURLToPath(new URL('real-keychain.cjs', import.meta.url));
const home = makeHome();
let session: DesktopSession;
let running: Desktop | null = null;

const launch = async (change: { first?: string; home?: string } = {}): Promise<PageApi> => {
  running = await launchDesktop({ home, first: realKeychain, ...change, env: { ...session.env, HOWDAH_SECRETS: '' } });
  return pageApi(running.page);
};
const quit = async (): Promise<void> => {
  if (running === null) return;
  const exit = exitOf(running.app);
  await running.app.evaluate(({ app }) => app.quit()).catch(() => undefined);
  expect(await exit).toBe(0);
  running = null;
};
const cli = (...args: string[]): Promise<CliRun> =>
  startCli([...args, '--json'], { home, stdin: `${testServer().password}\n`, env: { ...session.env, HOWDAH_SECRETS: '' } }).ended;
const fields = (name: string): object => {
  const { host, port, user } = testServer();
  return { name, host, port, user, database: 'postgres', sslMode: 'disable' };
};
const addInWindow = (api: PageApi, name: string): Promise<Profile> =>
  api.call<Profile>('profiles.create', { profile: fields(name), password: testServer().password });
const connects = async (api: PageApi, id: string): Promise<boolean> =>
  Array.isArray(await api.call<unknown[]>('profiles.databases', { id }));

/** Files below the data folder that hold the password as it is. */
const filesWithPassword = (): string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(testServer().password));

describeDesktopSession(
  'the keychain of the desktop',
  () => {
    const ids = { safe: '', window: '', shell: '' };
    beforeAll(async () => {
      session = await startDesktopSession({ screen: true });
    });
    afterEach(async () => {
      await running?.close();
      running = null;
    });
    afterAll(() => session.stop());

    test('without the keychain library: safeStorage keeps the password under the key of the real keychain', async () => {
      const api = await launch({ first: withoutLibrary });
      expect(await running?.app.evaluate(({ safeStorage }) => safeStorage.getSelectedStorageBackend())).toBe('gnome_libsecret');
      expect((await api.call<AppInfo>('app.info')).secrets).toEqual({
        store: 'keychain',
        warning: expect.stringContaining('only this window can use'),
      });
      ids.safe = (await addInWindow(api, 'safe')).id;
      expect(await connects(api, ids.safe)).toBe(true);
      expect(existsSync(join(home, 'secrets', 'desktop.json'))).toBe(true);
      expect(session.keychain.lookUp(ids.safe)).toBeNull();
      expect(filesWithPassword()).toEqual([]);
      await quit();
    }, 180_000);

    test('the window reads what the command line stored and the reverse; what safeStorage keeps is still found', async () => {
      const added = await cli('profile', 'add', 'shell', '--url', urlOf(), '--sslmode', 'disable', '--password-stdin');
      expect(added.code, added.stderr).toBe(0);
      const api = await launch();
      expect((await api.call<AppInfo>('app.info')).secrets).toEqual({ store: 'keychain', warning: null });
      ids.shell = (await api.call<Profile[]>('profiles.list')).find(({ name }) => name === 'shell')?.id ?? '';
      ids.window = (await addInWindow(api, 'window')).id;
      expect(await connects(api, ids.shell)).toBe(true);
      expect(await connects(api, ids.safe)).toBe(true);
      const tested = await cli('profile', 'test', 'window');
      expect(tested.code, tested.stderr).toBe(0);
      for (const id of [ids.shell, ids.window]) expect(session.keychain.lookUp(id)).toBe(testServer().password);
      expect(filesWithPassword()).toEqual([]);
      await quit();
    }, 180_000);

    test('after a new login all are there; a removed profile takes its password along', async () => {
      const { HOME } = session.env;
      await session.stop();
      session = await startDesktopSession({ screen: true, home: HOME ?? '' });
      const api = await launch();
      for (const id of Object.values(ids)) {
        expect(await connects(api, id)).toBe(true);
        await api.call('profiles.remove', { id });
        expect(session.keychain.lookUp(id)).toBeNull();
      }
      expect(JSON.parse(readFileSync(join(home, 'secrets', 'desktop.json'), 'utf8'))).toEqual({});
      await quit();
    }, 180_000);

    test('a keychain that is locked and asks in vain (nobody there: a stand-in) holds up neither the start nor anything else', async () => {
      const other = makeHome();
      await startCli(['profile', 'add', 'shell', '--url', urlOf(), '--sslmode', 'disable', '--password-stdin'], {
        home: other,
        stdin: `${testServer().password}\n`,
        env: { ...session.env, HOWDAH_SECRETS: '' },
      }).ended;
      await session.keychain.lock();
      await session.keychain.askInVain();
      const api = await launch({ home: other });
      const [profile] = await api.call<Profile[]>('profiles.list');
      const waits = api.call('profiles.databases', { id: profile?.id }).then(
        () => 'answered',
        (thrown: Error) => thrown.message,
      );
      expect(await Promise.race([waits, api.call('schedules.status').then(() => 'meanwhile')])).toBe('meanwhile');
      // The program's own patience is a minute.
      if (thorough) expect(await waits).toMatch(/^SECRET_STORE_FAILED: The system's keychain did not give the password: it is locked/);
      else await until('the question', () => session.running('NodeService').length > 0);
      await running?.close();
      await until('nobody to ask any longer', () => session.running('NodeService').length === 0);
    }, 180_000);
  },
  electronMissing(),
);

function urlOf(): string {
  const { host, port, user } = testServer();
  return `postgresql://${user}@${host}:${port}/postgres`;
}
