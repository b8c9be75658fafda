// How a call to the keychain is made in a process of its own, where this program runs on Node.
import { join } from 'node:path';
import { runChild } from '../process/run-child.ts';
import type { KeychainAnswer, KeychainCall } from './keychain-call.ts';

/** Makes one call, and ends it after the limit: then null. */
export type CallApart = (call: KeychainCall, limitMs: number) => Promise<KeychainAnswer | null>;

/** The program of such a process: beside this file, or beside the bundle that holds it. */
export const keychainCallFile = (): string =>
  join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'keychain-call.ts' : 'keychain-call.cjs');

/** The password comes and goes through pipes only. */
export const callInNode: CallApart = async (call, limitMs) => {
  const child = runChild({
    program: process.execPath,
    args: [keychainCallFile()],
    stdin: 'pipe',
    stdout: 'pipe',
    signal: AbortSignal.timeout(limitMs),
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stdin?.write(`${JSON.stringify(call)}\n`);
  const ended = await child.outcome;
  if (ended.kind === 'cancelled') return null;
  if (ended.kind === 'exited' && ended.code === 0) return JSON.parse(text) as KeychainAnswer;
  return { error: child.stderrTail().trim() || `the process that asks it: ${ended.kind}` };
};
