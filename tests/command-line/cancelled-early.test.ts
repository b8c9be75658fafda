// Told to end before there is anything to cancel: nothing is begun, or what was begun is cancelled at once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup } from '../../shared/contract/backups.ts';
import { runCommandLine } from '../../electron/command-line/run.ts';
import { makeShell, runCli } from '../support/run-cli.ts';
import { createDatabase, dropDatabase } from '../support/server.ts';
import { commandsOver } from './commands.ts';

const { home, ok, addProfile } = commandsOver();
let database: string;
beforeAll(async () => {
  database = await createDatabase('create table t (a int)');
  await addProfile('shop', database);
});
afterAll(() => dropDatabase(database));

const madeBackups = async (): Promise<Backup[]> => (await ok<{ backups: Backup[] }>('backups', 'list', '--status', 'succeeded')).backups;

test('while the data folder is being opened: exit code 130, and no backup', async () => {
  const run = await runCli(['backup', 'shop', '--json'], { home, signal: AbortSignal.abort() });
  expect(run).toMatchObject({ code: 130, json: { error: { code: 'CANCELLED' } } });
  expect(await madeBackups()).toEqual([]);
});

test('between that and the first job: exit code 130, and no backup', async () => {
  let told = false;
  const shell = makeShell({ home, env: { HOWDAH_SECRETS: 'file' } }, (text) => {
    // Said once the folder is open, before the command goes on.
    if (told || !text.includes('No system keychain')) return;
    told = true;
    shell.emit('SIGTERM');
  });
  const code = await runCommandLine(['backup', 'shop'], shell);
  expect(told, shell.said().stderr).toBe(true);
  expect(code, shell.said().stderr).toBe(130);
  expect(await madeBackups()).toEqual([]);
});
