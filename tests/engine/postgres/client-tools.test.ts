import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseForBackup, chooseForRestore, findClientTools, noTarget } from '../../../electron/engine/postgres/client-tools.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { testServer } from '../../support/server.ts';

test("the real programs are found once, by their own folder, not by the system's wrapper", async () => {
  const found = await findClientTools();
  expect(found.length).toBeGreaterThan(0);
  expect(new Set(found.map((tools) => tools.directory)).size).toBe(found.length);
  expect(found.map((tools) => tools.directory)).not.toContain('/usr/bin');
  for (const tools of found) expect(tools.major).toBe(Number.parseInt(tools.version, 10));
});

test('none new enough: the error names the version and how to install it', async () => {
  await expect(chooseForBackup(99, '')).rejects.toMatchObject({
    code: 'CLIENT_TOOL_MISSING',
    message: expect.stringContaining('pg_dump 99'),
    hint: expect.stringMatching(/install/i),
  });
});

test('a folder set by hand is the only one looked at', async () => {
  await expect(chooseForBackup(15, temporaryDirectory('empty'))).rejects.toMatchObject({
    code: 'CLIENT_TOOL_MISSING',
    message: expect.stringContaining('the profile names'),
  });
  expect((await chooseForBackup(10, testServer().binDirectory)).directory).toBe(testServer().binDirectory);
});

test('stand-ins that print versions: never older than the server, same major before newer, restore near the target', async () => {
  const path = process.env['PATH'];
  const folders = [95, 96, 97].map(fakeTools);
  process.env['PATH'] = folders.join(':');
  try {
    expect((await chooseForBackup(96, '')).major).toBe(96);
    expect((await chooseForBackup(94, '')).major).toBe(95);
    await expect(chooseForBackup(98, '')).rejects.toMatchObject({ code: 'CLIENT_TOOL_MISSING' });
    expect((await chooseForRestore(97, 16, '')).major).toBe(97);
    expect((await chooseForRestore(95, 96, '')).major).toBe(95);
  } finally {
    process.env['PATH'] = path;
  }
});

test('to read a dump the newest program is taken, also from a folder that only a profile names', async () => {
  const folder = fakeTools(98);
  expect((await chooseForRestore(noTarget, 18, { also: ['', folder] })).directory).toBe(folder);
});

test('where nothing can read a dump, the hint asks for a version that there is', async () => {
  await expect(chooseForRestore(noTarget, 18, temporaryDirectory('empty'))).rejects.toMatchObject({
    code: 'CLIENT_TOOL_MISSING',
    message: expect.stringContaining('pg_restore 17 or newer to read a dump written by pg_dump 18'),
    hint: expect.stringMatching(/\b18\b/),
  });
});

function fakeTools(major: number): string {
  const folder = temporaryDirectory(`client-${major}`);
  for (const name of ['pg_dump', 'pg_restore', 'psql', 'pg_dumpall']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${major}.1"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
