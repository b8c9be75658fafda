import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEncryptedFile } from '../../../electron/engine/secrets/encrypted-file.ts';
import { withFallback } from '../../../electron/engine/secrets/index.ts';
import { makeHome } from '../../support/home.ts';

test('what was stored is read by another start, and only by id', async () => {
  const home = makeHome();
  await openEncryptedFile(home).set('pro_a', 'sécret');
  const again = openEncryptedFile(home);
  expect(await again.get('pro_a')).toBe('sécret');
  expect(await again.get('pro_b')).toBeNull();
  await again.remove('pro_a');
  expect(await again.get('pro_a')).toBeNull();
});

test('files are private, and the text is not in them', async () => {
  const home = makeHome();
  await openEncryptedFile(home).set('pro_a', 'plain-to-see');
  for (const name of ['passwords.json', 'key']) {
    expect(statSync(join(home, 'secrets', name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, 'secrets', name)).includes('plain-to-see')).toBe(false);
  }
});

test('a file that was tampered with is an error with a next step, never another password', async () => {
  const home = makeHome();
  const store = openEncryptedFile(home);
  await store.set('pro_a', 'a');
  await store.set('pro_b', 'b');
  const file = join(home, 'secrets', 'passwords.json');
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ pro_a: entries['pro_b'] }));
  await expect(store.get('pro_a')).rejects.toMatchObject({
    code: 'SECRET_STORE_FAILED',
    hint: expect.stringContaining('enter the passwords again'),
  });
  chmodSync(file, 0o600);
});

test('a password from the time before a keychain existed is still found, and removed from both', async () => {
  const [first, second] = [openEncryptedFile(makeHome()), openEncryptedFile(makeHome())];
  await second.set('pro_a', 'old');
  const both = withFallback(first, second);
  expect(await both.get('pro_a')).toBe('old');
  await both.set('pro_a', 'new');
  expect(await both.get('pro_a')).toBe('new');
  await both.remove('pro_a');
  expect(await both.get('pro_a')).toBeNull();
});
