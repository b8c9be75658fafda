// systemd-inhibit is a stand-in here: a script that writes its process id and its arguments, then becomes what it is told to run.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { createKeepAwake } from '../../../electron/engine/process/keep-awake.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { until } from '../../support/wait.ts';

const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

function standIn(script: string): { folder: string; said: () => string } {
  const folder = temporaryDirectory('inhibit');
  writeFileSync(join(folder, 'systemd-inhibit'), `#!/bin/sh\n${script.replaceAll('FOLDER', folder)}\n`, { mode: 0o755 });
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  const file = join(folder, 'said');
  return { folder, said: () => (existsSync(file) ? readFileSync(file, 'utf8') : '') };
}
const holding = `printf '%s|' "$$" "$@" >> FOLDER/said; echo >> FOLDER/said; for last; do :; done; exec "$last"`;

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};
const pidIn = (said: string): number => Number(said.split('|')[0]);

function listen() {
  const warnings: string[] = [];
  return { warnings, log: { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined } };
}

describe.skipIf(process.platform !== 'linux')('keeping awake', () => {
  test('one inhibitor from the first job to the last, and another for the next', async () => {
    const { said } = standIn(holding);
    const { log, warnings } = listen();
    const keepAwake = createKeepAwake(log);
    const first = keepAwake('Backup of shop');
    await until('the inhibitor', () => said().includes('\n'));
    expect(said()).toContain('|--what=idle:sleep|--who=Howdah|--why=Backup of shop|--mode=block|cat|');
    const second = keepAwake('Backup of bank');
    first();
    first();
    const pid = pidIn(said());
    expect(gone(pid)).toBe(false);
    expect(said().trim().split('\n')).toHaveLength(1);
    second();
    await until('the inhibitor to end', () => gone(pid));
    const third = keepAwake('Backup of farm');
    await until('another one', () => said().trim().split('\n').length === 2);
    third();
    expect(warnings).toEqual([]);
  });

  test('it ends with a process that is killed', async () => {
    const { folder, said } = standIn(holding);
    const module = pathToFileURL(join(import.meta.dirname, '../../../electron/engine/process/keep-awake.ts')).href;
    const code = `import { createKeepAwake } from '${module}'; createKeepAwake(console)('test'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, PATH: `${folder}${delimiter}${path}` },
      stdio: 'ignore',
    });
    await until('the inhibitor', () => said().includes('\n'));
    const pid = pidIn(said());
    expect(gone(pid)).toBe(false);
    child.kill('SIGKILL');
    await until('the inhibitor to end', () => gone(pid));
  });

  test('a system that refuses is said once', async () => {
    standIn('echo "Failed to inhibit: no bus" >&2; echo x >> FOLDER/said; exit 1');
    const { log, warnings } = listen();
    const keepAwake = createKeepAwake(log);
    const release = keepAwake('one');
    await until('the warning', () => warnings.length === 1);
    expect(warnings[0]).toContain('Failed to inhibit: no bus');
    release();
    keepAwake('two')();
    expect(warnings).toHaveLength(1);
  });

  test('a system without the program is said once', async () => {
    process.env['PATH'] = temporaryDirectory('empty');
    const { log, warnings } = listen();
    createKeepAwake(log)('one')();
    const keepAwake = createKeepAwake(log);
    const release = keepAwake('one');
    await until('the warning', () => warnings.some((text) => text.includes('missing')));
    release();
    expect(warnings).toContainEqual(expect.stringContaining('systemd-inhibit is missing'));
  });
});
