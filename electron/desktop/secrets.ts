// Where the window keeps passwords: the system's keychain that the command line uses too; where that does not
// answer, Electron's safeStorage with a file of ciphertexts; where that has no key either, the encrypted file.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { safeStorage } from 'electron';
import { HowdahError } from '../../shared/errors.ts';
import type { SecretStore } from '../engine/ports.ts';
import { openEncryptedFile } from '../engine/secrets/encrypted-file.ts';
import { withFallback } from '../engine/secrets/index.ts';
import { withKernelKeys } from '../engine/secrets/kernel-keys.ts';
import { openKeychain } from '../engine/secrets/keychain.ts';
import { loadKeyring } from '../engine/secrets/keyring.ts';
import { callInUtilityProcess } from './keychain-apart.ts';

/** Call after `app.whenReady`. What an earlier start put into a lesser store is still found there. */
export async function openDesktopSecrets(homeDirectory: string): Promise<SecretStore> {
  const file = openEncryptedFile(homeDirectory);
  if (process.env['HOWDAH_SECRETS'] === 'file') return file;
  const keyring = await loadKeyring();
  const keychain = await openKeychain(keyring, callInUtilityProcess);
  // Asking safeStorage unlocks the keychain, and the window waits for whoever is to do that: only where there is need.
  const wanted = keychain === null || existsSync(safeStorageFile(homeDirectory));
  const safe = wanted && safeStorageHasKey() ? withFallback(openSafeStorage(homeDirectory), file) : file;
  return withKernelKeys(keychain === null ? safe : withFallback(keychain, safe), keyring);
}

const safeStorageFile = (homeDirectory: string): string => join(homeDirectory, 'secrets', 'desktop.json');

/** `basic_text` means a key that is written in Chromium's source: no better than none. */
function safeStorageHasKey(): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  if (process.platform !== 'linux') return true;
  const backend = safeStorage.getSelectedStorageBackend();
  return backend !== 'basic_text' && backend !== 'unknown';
}

function openSafeStorage(homeDirectory: string): SecretStore {
  const path = safeStorageFile(homeDirectory);
  // One writer at a time: two profiles saved at once must not lose each other's password.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work).catch((thrown: unknown) => {
      throw storeFailed(what, path, thrown);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const change = async (edit: (entries: Map<string, string>) => void): Promise<void> => {
    const entries = await readEntries(path);
    edit(entries);
    await writeEntries(path, entries);
  };
  return {
    kind: 'keychain',
    warning: 'Passwords are kept under a key that only this window can use: the command line and the browser page cannot read them.',
    get: (id) =>
      inTurn('read', async () => {
        const entry = (await readEntries(path)).get(id);
        return entry === undefined ? null : safeStorage.decryptString(Buffer.from(entry, 'base64'));
      }),
    set: (id, password) =>
      inTurn('stored', () => change((entries) => void entries.set(id, safeStorage.encryptString(password).toString('base64')))),
    remove: (id) => inTurn('removed', () => change((entries) => void entries.delete(id))),
  };
}

async function readEntries(path: string): Promise<Map<string, string>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(path, 'utf8')) as Record<string, string>));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw thrown;
  }
}

async function writeEntries(path: string, entries: Map<string, string>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${randomBytes(4).toString('hex')}.partial`;
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(Object.fromEntries(entries)));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

function storeFailed(what: string, path: string, thrown: unknown): HowdahError {
  return new HowdahError(
    'SECRET_STORE_FAILED',
    `The password could not be ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    {
      hint: `See that ${path} can be read and written by you; where it is damaged, remove it and enter the passwords again.`,
      cause: thrown,
    },
  );
}
