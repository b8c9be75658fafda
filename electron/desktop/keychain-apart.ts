// How a call to the keychain is made in a process of its own, where this program is Electron: its executable runs no scripts.
import { utilityProcess } from 'electron';
import type { KeychainAnswer } from '../engine/secrets/keychain-call.ts';
import { keychainCallFile, type CallApart } from '../engine/secrets/keychain-apart.ts';

/** Call after `app.whenReady`. */
export const callInUtilityProcess: CallApart = (call, limitMs) =>
  new Promise((resolve) => {
    const child = utilityProcess.fork(keychainCallFile(), [], { serviceName: 'Howdah keychain', stdio: 'ignore' });
    const end = (answer: KeychainAnswer | null): void => {
      clearTimeout(limit);
      resolve(answer);
      // It holds no more than a question: nothing is lost.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    };
    const limit = setTimeout(() => end(null), limitMs);
    child.once('message', (answer: KeychainAnswer) => end(answer));
    child.once('exit', (code) => {
      clearTimeout(limit);
      resolve({ error: `the process that asks it ended with ${code}` });
    });
    child.postMessage(call);
  });
