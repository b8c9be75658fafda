// The system's keychain (macOS Keychain, Windows Credential Manager, Secret Service), shared by all hosts.
import { randomUUID } from 'node:crypto';
import { HowdahError } from '../../../shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import type { CallApart } from './keychain-apart.ts';
import { service, type Keyring } from './keyring.ts';
import { openSecretService } from './secret-service.ts';

/** Null where this machine has no keychain that keeps what it is given. */
export async function openKeychain(keyring: Keyring | null, callApart: CallApart): Promise<SecretStore | null> {
  if (keyring === null) return null;
  if (process.platform === 'linux') return openSecretService(keyring, callApart);
  if (!keepsAPassword(keyring)) return null;
  const guarded = async <T>(what: string, work: () => T): Promise<T> => {
    try {
      return work();
    } catch (thrown) {
      throw new HowdahError('SECRET_STORE_FAILED', `The system's keychain did not ${what} the password.`, {
        hint: 'Unlock the keychain and try again.',
        detail: thrown instanceof Error ? thrown.message : String(thrown),
        cause: thrown,
      });
    }
  };
  return {
    kind: 'keychain',
    warning: null,
    get: (id) => guarded('give', () => new keyring.Entry(service, id).getPassword()),
    set: (id, password) => guarded('take', () => new keyring.Entry(service, id).setPassword(password)),
    remove: (id) => guarded('remove', () => void new keyring.Entry(service, id).deletePassword()),
  };
}

/** A keychain may answer and yet keep nothing (none running, locked, a session-only one): only a round trip tells. */
function keepsAPassword(keyring: Keyring): boolean {
  const entry = new keyring.Entry(service, `probe-${randomUUID()}`);
  try {
    entry.setPassword('probe');
    return entry.getPassword() === 'probe';
  } catch {
    return false;
  } finally {
    try {
      entry.deletePassword();
    } catch {
      // there was nothing to remove
    }
  }
}
