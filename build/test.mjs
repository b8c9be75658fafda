// `npm test`: gets what the tests need where it can, builds, and runs everything, with types, lint and format beside it.
// With arguments only some tests run, and no checks: `npm test -- tests/transport`, `npm test -- --project pure`.
// Ends with vitest's outcome.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { electronOrDownload, ensureDependencies, hasDisplay, inPath, projectNode, root, say, underProjectNode } from './setup.mjs';
import { runChecks } from './test/checks.mjs';
import { prepareMachine } from './test/machine.mjs';
import { ensureTestServers } from './test-servers.mjs';
import { makeRunFolder, runVariable, startJanitor } from './test/run-folder.mjs';

say('Testing Howdah: packages, build, then all tests; types, lint and format beside them.');
ensureDependencies();
await underProjectNode();
const args = process.argv.slice(2);
const node = projectNode();
/** Those tests need neither a server, a browser, a window nor a build. */
const onlyPure = args.some((word, at) => word === '--project=pure' || (word === '--project' && args[at + 1] === 'pure'));
const electron = onlyPure ? null : electronOrDownload(60_000);
if (!onlyPure) prepareMachine(electron);
const servers = onlyPure ? {} : ensureTestServers();

const failures = [];
if (!onlyPure && !(await build())) failures.push('build');
const folder = makeRunFolder();
const janitor = startJanitor(folder);
const env = {
  ...process.env,
  ...servers,
  TMPDIR: folder,
  [runVariable]: folder,
  // Commands that tests start as processes: the built program starts in half the time of its sources.
  ...(onlyPure ? {} : { HOWDAH_TEST_CLI: join(root, 'dist', 'cli.js') }),
};
/** The signal that ended the run early, the first of them. */
const signals = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signals.push(signal));

const checks = args.length > 0 ? Promise.resolve([]) : runChecks(node, env);
const outcome = await runTests();
if (signals.length === 0) failures.push(...(await checks));
const left = await janitor.finish(signals.length > 0);
if (left.length > 0) failures.push(`processes left running: ${left.join('; ')}`);

if (failures.length > 0) console.log(`Failed beside the tests: ${failures.join(', ')}`);
const [interrupted] = signals;
if (interrupted !== undefined) console.log(`Interrupted by ${interrupted}: stopped and removed what this run had started.`);
console.log(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`);
if (interrupted !== undefined) process.exit(128 + constants.signals[interrupted]);
process.exit(failures.length > 0 ? 1 : outcome.code);

async function build() {
  try {
    const { bundle } = await import('./bundle.mjs');
    await bundle();
    return true;
  } catch (error) {
    say(`The build failed: ${error.message}`);
    return false;
  }
}

async function runTests() {
  const report = join(folder, 'report.json');
  const vitest = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=./tests/support/progress.ts',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ];
  const needsScreen = electron !== null && !hasDisplay() && inPath('xvfb-run');
  const [program, words] = needsScreen ? ['xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', node, ...vitest]] : [node, vitest];
  const child = spawn(program, words, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  // Ctrl-C reaches the whole group; what is sent to this process alone is passed on, and nobody waits for what hangs.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => setTimeout(() => child.kill('SIGKILL'), 10_000).unref());
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${program} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    // A file that could not even be loaded holds no tests to count as failed.
    const failed = numFailedTests === 0 && code !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests;
    return { code, passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } catch (error) {
    if (signals.length === 0) say(`vitest left no report: ${error.message}`);
    return { code: code || 1, passed: 0, failed: signals.length === 0 ? 1 : 0, skipped: 0 };
  }
}
