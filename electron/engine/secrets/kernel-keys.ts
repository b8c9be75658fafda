// Where no Secret Service answered, earlier versions kept passwords among the keys of the Linux kernel without knowing it:
// the library falls back to them. They are gone with the next restart of the machine, so what is found there moves on.
import type { SecretStore } from '../ports.ts';
import { service, type Keyring } from './keyring.ts';

/** `to` knows what it knew, and what the kernel still holds. */
export function withKernelKeys(to: SecretStore, keyring: Keyring | null): SecretStore {
  if (process.platform !== 'linux' || keyring === null) return to;
  const entryOf = (id: string) => new keyring.Entry(service, id, { linux: { store: 'keyutils' } });
  /** A kernel that gives nothing (a container, another login session) has nothing of ours. */
  const inKernel = (id: string): string | null => {
    try {
      return entryOf(id).getPassword();
    } catch {
      return null;
    }
  };
  const forget = (id: string): void => {
    if (inKernel(id) !== null) entryOf(id).deletePassword();
  };
  return {
    ...to,
    get: async (id) => {
      const kept = await to.get(id);
      if (kept !== null) return kept;
      const found = inKernel(id);
      if (found === null) return null;
      await to.set(id, found);
      forget(id);
      return found;
    },
    set: async (id, password) => {
      await to.set(id, password);
      forget(id);
    },
    remove: async (id) => {
      await to.remove(id);
      forget(id);
    },
  };
}
