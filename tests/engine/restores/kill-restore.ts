// Restores in another process that is killed: by itself, at a statement, or by the test, where the test holds it up.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StatementMoment } from '../../support/at-statement.ts';
import { until } from '../../support/wait.ts';

/** What killed-restore.ts is told. `dump`: a file instead of the request's source. `at`: null lets it end. */
export type Killed = { home: string; dump?: string; request: Record<string, unknown>; at: StatementMoment | number | null };

const program = fileURLToPath(new URL('killed-restore.ts', import.meta.url));

/** `heldUp`: true once it stands where the test wants to kill it. Gives how it ended, and after how many statements. */
export async function killRestore(
  { home, dump, request, at }: Killed,
  heldUp?: () => Promise<boolean>,
): Promise<{ killed: boolean; statements: number }> {
  // No more than that: what else a caller's object holds is nobody's business.
  const told: Killed = { home, request, at, ...(dump === undefined ? {} : { dump }) };
  const running = spawn(process.execPath, [program, JSON.stringify(told)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise<NodeJS.Signals | null>((resolve) => running.once('close', (_code, signal) => resolve(signal)));
  if (heldUp !== undefined) {
    try {
      await until('the restore stands where it is to be killed', async () => running.exitCode !== null || (await heldUp()));
    } finally {
      running.kill('SIGKILL');
    }
  }
  const killed = (await closed) === 'SIGKILL';
  return { killed, statements: Number(/ended after (\d+)/.exec(output)?.[1] ?? 0) };
}
