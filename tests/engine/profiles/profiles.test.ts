import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, createRole, dropDatabase, testServer } from '../../support/server.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

test('a password goes to the secret store and to no other file', async () => {
  const profile = await engine.addProfile({ name: 'Kept' }, 'correct horse battery staple');
  expect(profile.hasPassword).toBe(true);
  expect(JSON.stringify(profile)).not.toContain('horse');
  for (const file of filesBelow(engine.home)) expect(readFileSync(file).includes('horse'), file).toBe(false);
  for (const file of filesBelow(join(engine.home, 'secrets'))) expect(statSync(file).mode & 0o777, file).toBe(0o600);
  const forgotten = await engine.client.profiles.update({ id: profile.id, profile: profileFields.parse(profile), password: null });
  expect(forgotten.hasPassword).toBe(false);
});

test('a name is taken once, in any case', async () => {
  await engine.addProfile({ name: 'Twice' });
  await expect(engine.addProfile({ name: 'twice' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});

test('what is not valid is named field by field', async () => {
  await expect(engine.client.profiles.create({ profile: { ...profileFields.parse({ name: 'x' }), port: 99999 } })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining('profile.port'),
  });
});

describe('test connection', () => {
  test('tells version, size, rights, latency and client tools', async () => {
    const database = await createDatabase('create table t (a int); insert into t select generate_series(1, 1000)');
    const profile = await engine.addProfile({ database });
    const test = await engine.client.profiles.test({ id: profile.id });
    expect(test).toMatchObject({
      database,
      user: testServer().user,
      rights: { superuser: true, createDatabase: true, unreadableTables: [] },
      encrypted: false,
      clientProblem: null,
    });
    expect(test.databaseSizeBytes).toBeGreaterThan(1_000_000);
    expect(test.client?.major).toBeGreaterThanOrEqual(test.serverMajor);
    await dropDatabase(database);
  });

  test('names the tables that a role may not read', async () => {
    const role = await createRole();
    const database = await createDatabase('create table open_one (a int); create table closed (a int); grant select on open_one to public');
    const profile = await engine.addProfile({ database, user: role.user }, role.password);
    const { rights } = await engine.client.profiles.test({ id: profile.id });
    expect(rights).toMatchObject({ superuser: false, createDatabase: false, unreadableTables: [{ schema: 'public', table: 'closed' }] });
    await dropDatabase(database);
  });

  test.each([
    ['a wrong password', { database: 'postgres' }, 'wrong', 'AUTHENTICATION_FAILED'],
    ['a password that was never given', { database: 'postgres' }, '', 'AUTHENTICATION_FAILED'],
    ['an unknown host', { host: 'no-such-host.invalid' }, undefined, 'CONNECTION_FAILED'],
    ['nothing that listens', { host: '127.0.0.1', port: 1 }, undefined, 'CONNECTION_FAILED'],
    ['an unknown database', { database: 'no such database' }, undefined, 'DATABASE_NOT_FOUND'],
    ['a server without TLS', { database: 'postgres', sslMode: 'require' as const }, undefined, 'TLS_FAILED'],
    [
      'a root certificate that is not there',
      { database: 'postgres', sslMode: 'verify-full' as const, sslRootCert: '/nonexistent/root.crt' },
      undefined,
      'TLS_FAILED',
    ],
  ])('%s has its own code and a next step', async (_what, fields, password, code) => {
    const profile = await engine.addProfile(fields, password);
    await expect(engine.client.profiles.test({ id: profile.id })).rejects.toMatchObject({
      code,
      data: { hint: expect.stringMatching(/\w+/) },
    });
  });

  test('reaches the server by its Unix socket', async () => {
    const profile = await engine.addProfile({ host: testServer().socketDirectory, database: 'postgres' });
    expect((await engine.client.profiles.test({ id: profile.id })).database).toBe('postgres');
  });

  test.each(["it's", 'host=evil', 'with space', '🐘 elephant', `long${'ü'.repeat(29)}x`])('a database named %s', async (name) => {
    await createDatabase('', name);
    const profile = await engine.addProfile({ database: name });
    expect((await engine.client.profiles.test({ id: profile.id })).database).toBe(name);
    expect((await engine.client.profiles.databases({ id: profile.id })).map((one) => one.name)).toContain(name);
    await dropDatabase(name);
  });
});

test('log-like tables are suggested for quick backups, by name and size', async () => {
  const database = await createDatabase(`
    create table audit_log (t text); insert into audit_log select repeat('x', 500) from generate_series(1, 5000);
    create table catalog (t text); insert into catalog select repeat('x', 500) from generate_series(1, 5000);
    create table session (t text);`);
  const profile = await engine.addProfile({ database });
  const { tables } = await engine.client.profiles.tables({ id: profile.id });
  expect(tables.filter((table) => table.suggestExclude).map((table) => table.table)).toEqual(['audit_log']);
  await dropDatabase(database);
});

test('a profile that was removed is gone, and its password with it', async () => {
  const profile = await engine.addProfile({ name: 'Going' });
  expect(await engine.client.profiles.remove({ id: profile.id })).toEqual({ removed: profile.id });
  await expect(engine.client.profiles.get({ id: profile.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await engine.ports.secrets.get(profile.id)).toBeNull();
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
