import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPasswordFile } from '../../../electron/engine/postgres/password-file.ts';
import { temporaryDirectory } from '../../support/home.ts';

const target = { host: 'db', port: 5432, database: 'shop', user: 'ann' };

function passwordFile(text: string): { PGPASSFILE: string } {
  const file = join(temporaryDirectory('pgpass'), 'pgpass');
  writeFileSync(file, text, { mode: 0o600 });
  return { PGPASSFILE: file };
}

test('the first line that fits counts', () => {
  const env = passwordFile('# comment\nother:5432:shop:ann:no\ndb:*:*:ann:first\ndb:5432:shop:ann:second\n');
  expect(readPasswordFile(target, env)).toBe('first');
  expect(readPasswordFile({ ...target, user: 'bob' }, env)).toBeNull();
});

test('colons and backslashes are escaped; a socket is called localhost', () => {
  expect(readPasswordFile(target, passwordFile('db:5432:shop:ann:a\\:b\\\\c'))).toBe('a:b\\c');
  expect(readPasswordFile({ ...target, host: '/var/run/postgresql' }, passwordFile('localhost:*:*:*:sock'))).toBe('sock');
});

test('a file that others may read is ignored, as libpq does', () => {
  const env = passwordFile('*:*:*:*:open');
  chmodSync(env.PGPASSFILE, 0o644);
  expect(readPasswordFile(target, env)).toBeNull();
});

test('no file, no password', () => expect(readPasswordFile(target, { PGPASSFILE: '/nonexistent' })).toBeNull());
