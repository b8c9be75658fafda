import type { SecretStore } from '../ports.ts';
import { openEncryptedFile } from './encrypted-file.ts';
import { callInNode } from './keychain-apart.ts';
import { withKernelKeys } from './kernel-keys.ts';
import { openKeychain } from './keychain.ts';
import { loadKeyring } from './keyring.ts';

/** The best store of this machine that does not need Electron: keychain, else encrypted file.
 * A password that an earlier start put into the file is still found there. */
export async function openSecretStore(homeDirectory: string, env: NodeJS.ProcessEnv = process.env): Promise<SecretStore> {
  const file = openEncryptedFile(homeDirectory);
  if (env['HOWDAH_SECRETS'] === 'file') return file;
  const keyring = await loadKeyring();
  const keychain = await openKeychain(keyring, callInNode);
  return withKernelKeys(keychain === null ? file : withFallback(keychain, file), keyring);
}

/** Writes to the first; reads from the first that knows; removes from both. */
export function withFallback(first: SecretStore, second: SecretStore): SecretStore {
  return {
    kind: first.kind,
    warning: first.warning,
    get: async (id) => (await first.get(id)) ?? (await second.get(id)),
    set: (id, password) => first.set(id, password),
    remove: async (id) => {
      await first.remove(id);
      if ((await second.get(id)) !== null) await second.remove(id);
    },
  };
}
