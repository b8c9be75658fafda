import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asidePath, putAside, putBack, removeAside, requireFolderOf } from '../../../electron/engine/backups/remove-folder.ts';
import { temporaryDirectory } from '../../support/home.ts';

test('put aside, put back, removed; what is not there is no error', async () => {
  const root = temporaryDirectory();
  const folder = join(root, 'a');
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), '{"id":"bak_a"}');
  putAside(folder);
  expect(readdirSync(root)).toEqual(['a.deleted']);
  putBack(folder);
  expect(readdirSync(root)).toEqual(['a']);
  requireFolderOf(root, folder, 'bak_a');
  putAside(folder);
  await removeAside(folder);
  await removeAside(folder);
  expect(readdirSync(root)).toEqual([]);
  expect(() => putAside(folder)).toThrow(expect.objectContaining({ code: 'FILE_NOT_READABLE' }));
});

test('a link in place of a folder is removed, and what it leads to stays', async () => {
  const root = temporaryDirectory();
  const target = temporaryDirectory('target');
  writeFileSync(join(target, 'precious'), 'x');
  writeFileSync(join(target, 'manifest.json'), '{"id":"bak_a"}');
  const folder = join(root, 'a');
  symlinkSync(target, folder);
  expect(() => requireFolderOf(root, folder, 'bak_a')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  putAside(folder);
  await removeAside(folder);
  expect(existsSync(asidePath(folder))).toBe(false);
  expect(readdirSync(target)).toEqual(['manifest.json', 'precious']);
});

test('a folder that is itself below a linked root is that of the backup; another manifest, none, or an empty folder is not', () => {
  const real = temporaryDirectory();
  const root = join(temporaryDirectory(), 'root');
  symlinkSync(real, root);
  const folder = join(root, 'a');
  mkdirSync(folder);
  expect(() => requireFolderOf(root, folder, 'bak_a')).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  requireFolderOf(root, folder, 'bak_a', true);
  for (const text of ['{"id":"bak_b"}', '{}', 'null', 'no json']) {
    writeFileSync(join(folder, 'manifest.json'), text);
    expect(() => requireFolderOf(root, folder, 'bak_a', true), text).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  }
  writeFileSync(join(folder, 'manifest.json'), '{"id":"bak_a"}');
  requireFolderOf(root, folder, 'bak_a');
});
