// The library that speaks to the system's keychain, and how our entries are named there.
import type * as keyringModule from '@napi-rs/keyring';

/** Under what name the entries of this program stand in any keychain. */
export const service = 'Howdah';

/** Never what the library falls back to on Linux, the kernel's own keys: a restart of the machine takes those away. */
export const pinned = { linux: { store: 'secret-service' } } as const;

export type Keyring = typeof keyringModule;

/** Null where it could not be installed: an optional package without a binary for this platform. */
export async function loadKeyring(): Promise<Keyring | null> {
  try {
    return await import('@napi-rs/keyring');
  } catch {
    return null;
  }
}
