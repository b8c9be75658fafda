// Usage, and profiles, as scripts meet them: exit codes, one document, and never a password in it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, dropDatabase, serverUrl, testServer } from '../support/server.ts';
import { commandsOver } from './commands.ts';

const { cli, ok, fails, addProfile } = commandsOver();
let database: string;
beforeAll(async () => {
  database = await createDatabase('create table t (a int)');
  await addProfile('shop', database);
});
afterAll(() => dropDatabase(database));

describe('usage', () => {
  test.each([
    [['frobnicate']],
    [['backup']],
    [['backup', 'shop', '--format', 'zip']],
    [['backup', 'shop', '--compress', 'brotli']],
    [['backups', 'list', '--status', 'fine']],
    [['restore']],
    [['backup', 'shop', '--jobs', 'many']],
    [['profile', 'add', 'x', '--url', 'mysql://u:hidden@h/d']],
    [['profile', 'add', 'x', '--url', 'postgres://u:hidden@h:99999/d']],
    [['backup', 'shop', '--exclude-table-data', '']],
  ])('%j is bad usage', async (args) => {
    const error = await fails(2, ...args);
    expect(error.code).toBe('BAD_INPUT');
    expect(JSON.stringify(error)).not.toContain('hidden');
  });

  test('help and version go to standard output and are no error', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('backup') });
    expect(await cli('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('what does not exist is told, with what does', async () => {
    expect(await fails(1, 'backup', 'nobody')).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('shop') });
    expect(await fails(1, 'backups', 'show', 'bak_nothing')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails(1, 'inspect', '/nonexistent.dump')).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('profiles: URL, list, show, test, remove', async () => {
  await ok('profile', 'add', 'by url', '--url', serverUrl(database), '--environment', 'production');
  const { profiles } = await ok<{ profiles: { name: string; hasPassword: boolean; environment: string }[] }>('profile', 'list');
  expect(profiles.map((profile) => profile.name)).toEqual(['by url', 'shop']);
  expect(JSON.stringify(profiles)).not.toContain(testServer().password);
  expect(await ok('profile', 'show', 'BY URL')).toMatchObject({ profile: { environment: 'production', hasPassword: true } });
  expect(await ok('profile', 'test', 'by url')).toMatchObject({ test: { database, rights: { superuser: true } } });
  expect(await fails(3, 'profile', 'remove', 'by url')).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  await ok('profile', 'remove', 'by url', '--yes');
  expect(await fails(1, 'profile', 'add', 'shop', '--host', 'h')).toMatchObject({ code: 'ALREADY_EXISTS' });
});
