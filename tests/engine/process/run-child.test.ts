import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeCommand, runChild } from '../../../electron/engine/process/run-child.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { until } from '../../support/wait.ts';

const node = process.execPath;

test('only an exit with code 0 is told as exited(0); another code is kept', async () => {
  expect(await runChild({ program: node, args: ['-e', ''] }).outcome).toEqual({ kind: 'exited', code: 0 });
  expect(await runChild({ program: node, args: ['-e', 'process.exit(3)'] }).outcome).toEqual({ kind: 'exited', code: 3 });
});

test('a child killed by a signal is no success', async () => {
  expect(await runChild({ program: node, args: ['-e', 'process.kill(process.pid, "SIGKILL")'] }).outcome).toEqual({
    kind: 'signalled',
    signal: 'SIGKILL',
  });
});

test('a program that is not there fails to start', async () => {
  const outcome = await runChild({ program: '/nonexistent/pg_dump', args: [] }).outcome;
  expect(outcome.kind).toBe('failedToStart');
});

test('lines come whole although chunks do not, and the last one without an end too', async () => {
  const lines: string[] = [];
  const script = 'process.stdout.write("one\\ntw"); setTimeout(() => process.stdout.write("o\\nthrée"), 50)';
  await runChild({ program: node, args: ['-e', script], stdout: 'lines', onLine: (line) => lines.push(line) }).outcome;
  expect(lines).toEqual(['one', 'two', 'thrée']);
});

test('an argument is never read by a shell', async () => {
  const mark = `${temporaryDirectory('shell')}/mark`;
  const lines: string[] = [];
  await runChild({
    program: node,
    args: ['-e', 'console.log(process.argv[1])', `$(touch ${mark}); "`],
    stdout: 'lines',
    onLine: (line) => lines.push(line),
  }).outcome;
  expect(lines).toEqual([`$(touch ${mark}); "`]);
  expect(existsSync(mark)).toBe(false);
});

test('cancel ends a child that ignores SIGTERM, and what it forked', async () => {
  const controller = new AbortController();
  const script = `
    const { spawn } = require('node:child_process');
    process.on('SIGTERM', () => {});
    const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    console.log(grandchild.pid);
    setInterval(() => {}, 1000);`;
  let grandchild = 0;
  const child = runChild({
    program: node,
    args: ['-e', script],
    stdout: 'lines',
    onLine: (line) => {
      grandchild = Number(line);
      controller.abort();
    },
    signal: controller.signal,
    graceMs: 200,
  });
  expect(await child.outcome).toEqual({ kind: 'cancelled' });
  expect(grandchild).toBeGreaterThan(0);
  await until('what it forked to end', () => !isRunning(grandchild));
});

test('a child that makes no progress is stopped; one that does is left alone', async () => {
  const stuck = runChild({
    program: node,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    stuckAfterMs: 300,
    progressOf: () => 1,
    graceMs: 100,
  });
  expect(await stuck.outcome).toEqual({ kind: 'stuck' });
  let steps = 0;
  const busy = runChild({ program: node, args: ['-e', 'setTimeout(() => {}, 900)'], stuckAfterMs: 300, progressOf: () => (steps += 1) });
  expect(await busy.outcome).toEqual({ kind: 'exited', code: 0 });
});

test('the environment is in C locale and carries none of our own options', async () => {
  const lines: string[] = [];
  await runChild({
    program: node,
    args: ['-e', 'console.log(process.env.LC_ALL, process.env.NODE_OPTIONS, process.env.GIVEN)'],
    env: { GIVEN: 'yes' },
    stdout: 'lines',
    onLine: (line) => lines.push(line),
  }).outcome;
  expect(lines).toEqual(['C undefined yes']);
});

test('a command line is quoted for reading', () => {
  expect(describeCommand('pg_dump', ['-Fc', '--table="a b"', "it's"])).toBe(`pg_dump -Fc '--table="a b"' 'it'\\''s'`);
});

/** A zombie waiting for its parent counts as ended. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
