import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from '../../electron/engine/make-folders.ts';
import { temporaryDirectory } from '../support/home.ts';

test('makes what is missing, private, and is content with what is there', () => {
  const folder = join(temporaryDirectory(), 'a', 'b', 'c');
  makeFolders(folder);
  makeFolders(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, '..')).mode & 0o777).toBe(0o700);
});

test('a file in the way is an error', () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolders(file)).toThrow('EEXIST');
  expect(() => makeFolders(join(file, 'below'))).toThrow(/EEXIST|ENOTDIR/);
});

test.skipIf(!existsSync('/proc/self'))('where nothing can be made it says so, and does not hang', () => {
  expect(() => makeFolders('/proc/nowhere/at/all')).toThrow('ENOENT');
});
