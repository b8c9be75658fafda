// One call to the Secret Service, in a process of its own: a locked keychain asks somebody, for up to a year, and a call that
// waits for the answer ends in no way but with its process. Started by keychain-apart.ts (Node) and desktop/keychain-apart.ts.
import { AsyncEntry, type EntryOptions } from '@napi-rs/keyring';

export type KeychainCall = { service: string; id: string; options: EntryOptions } & (
  | { what: 'give' | 'remove' }
  | { what: 'take'; password: string }
);
/** What stands there after the call. */
export type KeychainAnswer = { password: string | null } | { error: string };

async function make(call: KeychainCall): Promise<KeychainAnswer> {
  try {
    const entry = new AsyncEntry(call.service, call.id, call.options);
    if (call.what === 'remove') await entry.deletePassword();
    if (call.what === 'take') await entry.setPassword(call.password);
    return { password: call.what === 'remove' ? null : ((await entry.getPassword()) ?? null) };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Electron's name for the way to the process that started this one; Node has none, and gives us pipes. */
const port = (process as { parentPort?: Electron.ParentPort }).parentPort;
if (port === undefined) {
  let line = '';
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    line += text;
    if (!line.endsWith('\n')) return;
    void make(JSON.parse(line) as KeychainCall).then((answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)));
  });
  // Whoever asked is gone: nobody waits any longer.
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
} else {
  port.once('message', ({ data }) => void make(data as KeychainCall).then((answer) => port.postMessage(answer)));
}
