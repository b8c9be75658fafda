import { spawnSync } from 'node:child_process';

/** Runs a program to its end; its last words become the error. */
export function must(program, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
    ...options,
  });
  if (status === 0) return stdout;
  const said = String(stderr ?? '')
    .trim()
    .split('\n')
    .at(-1);
  throw new Error(error?.message ?? `${program} ${args[0] ?? ''} ended with ${status ?? 'a signal'}: ${said}`);
}
