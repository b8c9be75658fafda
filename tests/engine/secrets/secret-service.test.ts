// Passwords in a real Secret Service (GNOME Keyring on a D-Bus session of its own): kept, found again, and never waited for in vain.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSecretStore } from '../../../electron/engine/secrets/index.ts';
import { callInNode } from '../../../electron/engine/secrets/keychain-apart.ts';
import { loadKeyring, type Keyring } from '../../../electron/engine/secrets/keyring.ts';
import { openSecretService } from '../../../electron/engine/secrets/secret-service.ts';
import type { SecretStore } from '../../../electron/engine/ports.ts';
import { describeDesktopSession, startDesktopSession, type DesktopSession, type SessionOptions } from '../../support/desktop-session.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome, temporaryDirectory } from '../../support/home.ts';
import { createDatabase } from '../../support/server.ts';
import { until } from '../../support/wait.ts';

const password = 'søme thing "only" here';
const locked = {
  code: 'SECRET_STORE_FAILED',
  message: expect.stringContaining('locked'),
  hint: expect.stringContaining('Unlock the keychain'),
};

let session: DesktopSession;
const begin = async (options: SessionOptions = {}): Promise<void> => {
  session = await startDesktopSession(options);
  for (const [name, value] of Object.entries(session.env)) vi.stubEnv(name, value);
  vi.stubEnv('HOWDAH_SECRETS', undefined);
};
const keyring = async (): Promise<Keyring> => {
  const found = await loadKeyring();
  if (found === null) throw new Error('@napi-rs/keyring is not installed');
  return found;
};
/** A store that waits so long for each call; absent: as the program does. */
const openStore = async (limitMs?: number): Promise<SecretStore> => {
  const store = openSecretService(await keyring(), callInNode, limitMs);
  if (store === null) throw new Error('no Secret Service answers');
  return store;
};
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );

describeDesktopSession('the Secret Service', () => {
  beforeEach(() => begin());
  afterEach(async () => {
    vi.unstubAllEnvs();
    await session.stop();
  });

  test('a password is kept in the keychain alone, survives a new login, and is removed', async () => {
    const [home, sessionHome] = [makeHome(), session.env['HOME']];
    const store = await openSecretStore(home);
    expect(store).toMatchObject({ kind: 'keychain', warning: null });
    await store.set('pro_a', 'first');
    await store.set('pro_a', password);
    expect(session.keychain.lookUp('pro_a')).toBe(password);
    expect(filesBelow(home)).toEqual([]);
    for (const file of filesBelow(sessionHome ?? ''))
      expect(readFileSync(file, 'latin1'), file).not.toContain(Buffer.from(password).toString('latin1'));

    await session.stop();
    await begin({ home: sessionHome ?? '' });
    const again = await openSecretStore(home);
    expect(await again.get('pro_a')).toBe(password);
    expect(await again.get('pro_b')).toBeNull();
    await again.remove('pro_a');
    await again.remove('pro_a');
    expect(await again.get('pro_a')).toBeNull();
    expect(session.keychain.lookUp('pro_a')).toBeNull();
  });

  test('locked, and no way to ask anybody: an error with a next step; nothing goes elsewhere; once unlocked it works', async () => {
    const home = makeHome();
    await (await openSecretStore(home)).set('pro_a', password);
    await session.keychain.lock();
    const store = await openSecretStore(home);
    expect(store.kind).toBe('keychain');
    await expect(store.get('pro_a')).rejects.toMatchObject(locked);
    await expect(store.set('pro_a', 'newer')).rejects.toMatchObject(locked);
    await expect(store.remove('pro_a')).rejects.toMatchObject(locked);
    expect(filesBelow(home)).toEqual([]);
    await session.keychain.unlock();
    expect(await store.get('pro_a')).toBe(password);
  });

  test('locked, and nobody answers the question (a stand-in): each call ends with its limit and leaves no process behind', async () => {
    const [store, patient] = [await openStore(1500), await openStore()];
    await patient.set('pro_a', password);
    await session.keychain.lock();
    await session.keychain.askInVain();
    const calls = await Promise.allSettled([store.get('pro_a'), store.get('pro_a'), store.set('pro_b', 'x')]);
    expect(calls).toMatchObject(
      calls.map(() => ({ status: 'rejected', reason: { ...locked, detail: expect.stringContaining('1.5 seconds') } })),
    );
    await until('no process that waits', () => session.running('keychain-call').length === 0);
    await session.keychain.unlock();
    expect(await patient.get('pro_a')).toBe(password);
  });

  test('who waits for an answer does not outlive the program that asked', async () => {
    const store = await openStore();
    await store.set('pro_a', password);
    await session.keychain.lock();
    await session.keychain.askInVain();
    const module = fileURLToPath(new URL('../../../electron/engine/secrets/index.ts', import.meta.url));
    const code = `import { openSecretStore } from ${JSON.stringify(module)}; await (await openSecretStore(${JSON.stringify(makeHome())})).get('pro_a');`;
    const asking = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await until('the question', () => session.running('keychain-call').length === 1);
    asking.kill('SIGKILL');
    await until('no process that waits', () => session.running('keychain-call').length === 0);
  });

  test('a backup at night with a locked keychain fails on record and says why; the engine goes on meanwhile', async () => {
    const engine = await makeEngine({ secrets: { ...(await openStore()), get: (await openStore(1500)).get } });
    try {
      const profile = await engine.addProfile({ database: await createDatabase('CREATE TABLE t AS SELECT 1 AS a') });
      await session.keychain.lock();
      await session.keychain.askInVain();
      engine.engine.scheduler.start();
      await until('the lead', async () => (await engine.client.schedules.status()).leader?.here);
      const { id } = await engine.client.schedules.create({
        schedule: {
          name: 'Nightly',
          task: { kind: 'backup', profileId: profile.id },
          when: { kind: 'daily', time: '02:00' },
          timeZone: 'UTC',
        },
      });
      await engine.client.schedules.run({ id });
      await until('the question', () => session.running('keychain-call').length > 0);
      // While it waits, the program answers others.
      expect(await engine.client.profiles.list()).toHaveLength(1);
      const run = await until('the end of the run', async () => {
        const [newest] = (await engine.client.schedules.history({})).runs;
        return newest?.state !== 'running' && newest;
      });
      expect(run).toMatchObject({ state: 'failed', error: locked });
    } finally {
      await engine.close();
    }
  });

  test('a keychain that goes away is an error with a next step, and a start without one keeps passwords in the file', async () => {
    const home = makeHome();
    const store = await openSecretStore(home);
    await store.set('pro_a', password);
    await session.keychain.goAway();
    await expect(store.get('pro_a')).rejects.toMatchObject({
      code: 'SECRET_STORE_FAILED',
      message: "The system's keychain did not give the password.",
      hint: expect.stringContaining('HOWDAH_SECRETS=file'),
    });
    const without = await openSecretStore(home);
    expect(without).toMatchObject({ kind: 'encrypted-file', warning: expect.stringContaining('No system keychain was found') });
    await without.set('pro_b', password);
    expect(await without.get('pro_b')).toBe(password);
    expect(await kernelKey('pro_b')).toBeNull();
  });
});

/** The library's own fallback, without being asked for it. */
async function kernelKey(id: string): Promise<string | null> {
  try {
    return new (await keyring()).Entry('Howdah', id, { linux: { store: 'keyutils' } }).getPassword();
  } catch {
    return null; // a kernel that keeps no keys for us
  }
}

const joins = `
import ctypes, os, sys
if ctypes.CDLL('libkeyutils.so.1').keyctl_join_session_keyring(None) < 0: sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])`;
const inNewKeyring = (code: string) =>
  spawnSync('/usr/bin/python3', ['-c', joins, process.execPath, '--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: temporaryDirectory('runtime'), HOWDAH_SECRETS: '' },
  });
const entryCode = `import { Entry } from '@napi-rs/keyring'; const entry = new Entry('Howdah', 'pro_old');`;
const kernelRefuses =
  process.platform !== 'linux' || inNewKeyring(`${entryCode} entry.setPassword('x'); entry.deletePassword();`).status !== 0;

test.skipIf(kernelRefuses)(
  `a password that the library put among the kernel's keys moves into a store that a restart of the machine leaves alone${kernelRefuses ? ' (this kernel keeps no keys for us)' : ''}`,
  () => {
    const module = fileURLToPath(new URL('../../../electron/engine/secrets/index.ts', import.meta.url));
    const home = makeHome();
    const open = `import { openSecretStore } from ${JSON.stringify(module)}; const store = await openSecretStore(${JSON.stringify(home)});`;
    const first = inNewKeyring(`${entryCode} ${open}
      entry.setPassword('from before');
      const found = await store.get('pro_old');
      console.log(JSON.stringify({ kind: store.kind, found, left: entry.getPassword() }));`);
    expect(JSON.parse(first.stdout), first.stderr).toEqual({ kind: 'encrypted-file', found: 'from before', left: null });
    // Another session of the kernel's keys: as after a restart.
    const later = inNewKeyring(`${open} console.log(JSON.stringify(await store.get('pro_old')));`);
    expect(JSON.parse(later.stdout), later.stderr).toBe('from before');
  },
);
