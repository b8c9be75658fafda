// `npm test`: gets what the tests need where it can, checks types, lint and format, builds, and runs everything.
// With arguments (`npm test -- tests/transport`) only those tests run. Ends with vitest's outcome.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import {
  canInstallPackages,
  electronOrDownload,
  ensureDependencies,
  hasDisplay,
  inPath,
  installPackages,
  projectNode,
  root,
  say,
  underProjectNode,
} from './setup.mjs';

const electronLibraries =
  'libgtk-3-0 libnss3 libasound2 libgbm1 libxss1 libatk-bridge2.0-0 libcups2 libxtst6 libnotify4 libsecret-1-0 fonts-dejavu-core'.split(
    ' ',
  );

ensureDependencies();
await underProjectNode();
const args = process.argv.slice(2);
const node = projectNode();
const electron = electronOrDownload(60_000);
prepareMachine();

const failedChecks = args.length > 0 ? [] : runChecks();
if (!(await build())) failedChecks.push('build');
const outcome = runTests();

const line = `${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`;
if (failedChecks.length > 0) console.log(`Failed before the tests: ${failedChecks.join(', ')}`);
console.log(line);
process.exit(failedChecks.length > 0 ? 1 : outcome.code);

/** Installs what is missing where that is ours to do; otherwise says what to install. */
function prepareMachine() {
  const missing = [];
  const need = (there, what, ...packages) => {
    if (!there) missing.push({ what, packages });
  };
  const serverFolder = '/usr/lib/postgresql';
  const systemServer =
    existsSync(serverFolder) && readdirSync(serverFolder).some((major) => existsSync(join(serverFolder, major, 'bin', 'initdb')));
  const linux = process.platform === 'linux';
  need(systemServer || inPath('initdb') || !linux, 'a PostgreSQL server', 'postgresql');
  need(inPath('pg_dump') || systemServer, 'pg_dump and its friends', 'postgresql-client');
  const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']; // as tests/support/browser.ts
  need(process.env.HOWDAH_TEST_CHROMIUM || browsers.some((path) => existsSync(path)) || !linux, 'Chromium', 'chromium-headless-shell');
  need(inPath('zstd'), 'zstd', 'zstd');
  need(inPath('lz4'), 'lz4', 'lz4');
  need(inPath('openssl'), 'openssl', 'openssl');
  if (electron !== null && linux) {
    need(hasDisplay() || inPath('xvfb-run'), 'a display or xvfb-run', 'xvfb', 'xauth');
    need(librariesFound(electron), 'libraries that Electron needs', ...electronLibraries);
  }
  if (missing.length === 0) return;
  const packages = missing.flatMap((one) => one.packages);
  if (canInstallPackages() && installPackages(packages)) return;
  for (const { what } of missing) say(`Missing: ${what}. Tests that need it fail or are skipped.`);
  if (existsSync('/usr/bin/apt-get')) say(`To install all of it: sudo apt-get install ${packages.join(' ')}`);
}

function runChecks() {
  const checks = [
    { name: 'types', command: ['node_modules/typescript/bin/tsc', '-b'] },
    { name: 'lint', command: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
    { name: 'format', command: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'] },
  ];
  const failed = [];
  for (const { name, command } of checks) {
    say(`Checking ${name} …`);
    if (spawnSync(node, command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0) failed.push(name);
  }
  return failed;
}

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

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'howdah-report-'));
  const report = join(folder, 'report.json');
  const vitest = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ];
  const needsScreen = electron !== null && !hasDisplay() && inPath('xvfb-run');
  const [program, words] = needsScreen ? ['xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', node, ...vitest]] : [node, vitest];
  const { status } = spawnSync(program, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    // A file that could not even be loaded holds no tests to count as failed.
    const failed = numFailedTests === 0 && status !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests;
    return { code: status ?? 1, passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } catch (error) {
    say(`vitest left no report: ${error.message}`);
    return { code: status || 1, passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function librariesFound(program) {
  const { stdout, status } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return status !== 0 || !stdout.includes('not found');
}
