// PostgreSQL's own programs, run as a user would, against the server that the PG… variables name.
import { spawn } from 'node:child_process';
import { testServer } from '../support/server.ts';

/** Seconds. `good`: exit codes. A newer pg_restore complains about settings that an older server does not know, and
 * ends with 1. */
export async function timed(program: string, args: string[], good = [0]): Promise<number> {
  const begun = performance.now();
  await output(program, args, good);
  return (performance.now() - begun) / 1000;
}

export function output(program: string, args: string[], good = [0]): Promise<string> {
  const { host, port, user, password } = testServer();
  const environment = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', good.includes(1) ? 'ignore' : 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.once('error', reject);
    child.once('close', (code) => (good.includes(code ?? -1) ? resolve(text) : reject(new Error(`${program} ended with ${code}`))));
  });
}
