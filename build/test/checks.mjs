// Types, lint and format, one after the other beside the tests; what they say is shown when each ends.
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { root, say } from '../setup.mjs';

const checks = [
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '-b', '--pretty', 'false'] },
  { name: 'lint', command: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'] },
];

/** Gives the names of those that failed. */
export async function runChecks(node, env) {
  const failed = [];
  for (const { name, command } of checks) {
    const { code, output } = await runOne(node, command, env);
    if (code === 0) {
      say(`Checked ${name}: fine.`);
    } else {
      failed.push(name);
      say(`Checked ${name}: failed.\n${output}`);
    }
  }
  return failed;
}

async function runOne(node, command, env) {
  const child = spawn(node, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  // The tests hold their limits better where the checks stand back.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('close', resolve);
  });
  return { code, output };
}
