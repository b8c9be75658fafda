// Linux: the Secret Service (GNOME Keyring, KWallet, KeePassXC), each call within a limit.
import { randomUUID } from 'node:crypto';
import { HowdahError } from '../../../shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import type { CallApart } from './keychain-apart.ts';
import type { KeychainCall } from './keychain-call.ts';
import { pinned, service, type Keyring } from './keyring.ts';

/** How long somebody may take to unlock it. */
const patienceMs = 60_000;

/** Null where none answers. A locked one is there: whether it is unlocked may change with every call. */
export function openSecretService(keyring: Keyring, callApart: CallApart, limitMs = patienceMs): SecretStore | null {
  try {
    // What it does not hold is looked for without unlocking anything.
    new keyring.Entry(service, `probe-${randomUUID()}`, pinned).getPassword();
  } catch (thrown) {
    // One that is slow, as at login, is there all the same.
    if (!/not receive a reply/i.test(String(thrown))) return null;
  }
  const ask = async (call: KeychainCall): Promise<string | null> => {
    const answer = await callApart(call, limitMs);
    if (answer === null) throw refused(call.what, `no answer within ${limitMs / 1000} seconds: it waits for somebody to unlock it`);
    if ('error' in answer) throw refused(call.what, answer.error);
    if (call.what === 'take' && answer.password !== call.password)
      throw refused(call.what, 'it took the password and keeps another one, or none');
    return answer.password;
  };
  return {
    kind: 'keychain',
    warning: null,
    get: (id) => ask({ what: 'give', service, id, options: pinned }),
    set: async (id, password) => void (await ask({ what: 'take', service, id, options: pinned, password })),
    remove: async (id) => void (await ask({ what: 'remove', service, id, options: pinned })),
  };
}

function refused(what: KeychainCall['what'], detail: string): HowdahError {
  const locked = /unlock|locked|prompt/i.test(detail);
  const first = locked ? 'Unlock the keychain' : 'See that the keychain runs and is unlocked';
  return new HowdahError('SECRET_STORE_FAILED', `The system's keychain did not ${what} the password${locked ? ': it is locked' : ''}.`, {
    hint: `${first} and try again. Where nobody is there to unlock it, have it unlocked at login, or set HOWDAH_SECRETS=file for everything that runs Howdah and enter the passwords again: they are then kept in an encrypted file.`,
    detail,
  });
}
