// Linux: the Secret Service (GNOME Keyring, KWallet, KeePassXC). A locked one asks somebody, for up to a year; at night
// nobody answers, and a call that waits can be ended in no way but with its process. So each call is a process of its own.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { HowdahError } from '../../../shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import { runChild } from '../process/run-child.ts';
import { service, type Keyring } from './keychain.ts';

/** Never what the library falls back to, the kernel's own keys: a restart of the machine takes those away. */
const store = 'secret-service';

/** How long somebody may take to unlock it. */
const patienceMs = 60_000;

/** Null where none answers. A locked one is there: whether it is unlocked may change with every call. */
export function openSecretService(keyring: Keyring, limitMs = patienceMs): SecretStore | null {
  try {
    // What it does not hold is looked for without unlocking anything.
    new keyring.Entry(service, `probe-${randomUUID()}`, { linux: { store } }).getPassword();
  } catch {
    return null;
  }
  return {
    kind: 'keychain',
    warning: null,
    get: (id) => ask('give', { id }, limitMs),
    set: async (id, password) => void (await ask('take', { id, password }, limitMs)),
    remove: async (id) => void (await ask('remove', { id }, limitMs)),
  };
}

type Call = { id: string; password?: string };
type Answer = { password: string | null } | { error: string };

/** Runs apart. The password comes and goes through pipes only; when the other end is gone, nobody waits any longer. */
const program = `
let line = '';
process.stdin.setEncoding('utf8');
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.on('data', (text) => {
  line += text;
  if (!line.endsWith('\\n')) return;
  const { library, service, store, what, id, password } = JSON.parse(line);
  const answer = (value) => process.stdout.write(JSON.stringify(value), () => process.exit(0));
  (async () => {
    const entry = new (require(library).AsyncEntry)(service, id, { linux: { store } });
    if (what === 'remove') return void (await entry.deletePassword());
    if (what === 'take') await entry.setPassword(password);
    return entry.getPassword();
  })().then(
    (kept) => answer({ password: kept ?? null }),
    (thrown) => answer({ error: String(thrown?.message ?? thrown) }),
  );
});
`;

async function ask(what: 'give' | 'take' | 'remove', call: Call, limitMs: number): Promise<string | null> {
  const library = createRequire(import.meta.url).resolve('@napi-rs/keyring');
  const limit = AbortSignal.timeout(limitMs);
  const child = runChild({
    program: process.execPath,
    args: ['-e', program],
    // The desktop program's own executable is Electron.
    env: { ELECTRON_RUN_AS_NODE: '1' },
    stdin: 'pipe',
    stdout: 'pipe',
    signal: limit,
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stdin?.write(`${JSON.stringify({ library, service, store, what, ...call })}\n`);
  const ended = await child.outcome;
  if (ended.kind === 'cancelled') throw refused(what, `no answer within ${limitMs / 1000} seconds: it waits for somebody to unlock it`);
  if (ended.kind !== 'exited' || ended.code !== 0) throw refused(what, child.stderrTail().trim() || ended.kind);
  const answer = JSON.parse(text) as Answer;
  if ('error' in answer) throw refused(what, answer.error);
  if (what === 'take' && answer.password !== call.password) throw refused(what, 'it took the password and keeps another one, or none');
  return answer.password;
}

function refused(what: string, detail: string): HowdahError {
  const locked = /unlock|locked|prompt/i.test(detail);
  return new HowdahError('SECRET_STORE_FAILED', `The system's keychain did not ${what} the password${locked ? ': it is locked' : ''}.`, {
    hint: `${locked ? 'Unlock the keychain' : 'See that the keychain runs and is unlocked'} and try again. Where nobody is there to unlock it, have it unlocked at login, or set HOWDAH_SECRETS=file for everything that runs Howdah and enter the passwords again: they are then kept in an encrypted file.`,
    detail,
  });
}
