import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import { createOpenedFiles } from '../../../electron/engine/dumps/opened-files.ts';
import { recogniseDump } from '../../../electron/engine/dumps/recognise.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'howdah-recognise-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('what is no dump', () => {
  it.each<[string, Buffer | string, string]>([
    ['empty', '', 'DUMP_EMPTY'],
    ['empty-gzip', gzipSync(''), 'DUMP_EMPTY'],
    ['photo.dump', Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), Buffer.alloc(5000, 7)]), 'DUMP_NOT_RECOGNISED'],
    ['random', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)), 'DUMP_NOT_RECOGNISED'],
    ['notes.sql', 'Dear diary;\ntoday I made no backup.\n', 'DUMP_NOT_RECOGNISED'],
    ['comments.sql', '-- only a comment\n', 'DUMP_NOT_RECOGNISED'],
    ['mysql.sql', '-- MySQL dump 10.13\nCREATE TABLE `a` (id int);\n', 'DUMP_NOT_RECOGNISED'],
    ['archive.zip', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(200)]), 'DUMP_NOT_RECOGNISED'],
    ['utf16.sql', Buffer.from('\uFEFFCREATE TABLE t (id int);', 'utf16le'), 'DUMP_NOT_RECOGNISED'],
    ['future', Buffer.concat([Buffer.from('PGDMP'), Buffer.from([1, 99, 0, 4, 8, 1]), Buffer.alloc(100)]), 'DUMP_NOT_RECOGNISED'],
    ['ancient', Buffer.concat([Buffer.from('PGDMP'), Buffer.from([1, 7, 0, 4, 8, 1]), Buffer.alloc(100)]), 'DUMP_NOT_RECOGNISED'],
    ['stub', Buffer.from('PGDMP\x01\x0e'), 'DUMP_INCOMPLETE'],
    ['short.tar', Buffer.concat([Buffer.from('toc.dat\0'), Buffer.alloc(100)]), 'DUMP_INCOMPLETE'],
    ['short.gz', gzipSync('SELECT 1;').subarray(0, 9), 'DUMP_INCOMPLETE'],
  ])('%s is refused', async (name, bytes, code) => {
    await expect(inspectDump(file(name, bytes))).rejects.toMatchObject({ code });
  });

  it('a file or folder that is not there, and folders without a dump', async () => {
    await expect(inspectDump(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' });
    mkdirSync(join(folder, 'bare'));
    await expect(inspectDump(join(folder, 'bare'))).rejects.toMatchObject({ code: 'DUMP_NOT_RECOGNISED' });
    mkdirSync(join(folder, 'manifest-only'));
    writeFileSync(join(folder, 'manifest-only', 'manifest.json'), '{}');
    await expect(inspectDump(join(folder, 'manifest-only'))).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  });
});

describe('SQL by any name', () => {
  it.each([
    ['photo.jpg', 'CREATE TABLE t (id int);'],
    ['a.dump', '-- hello\n/* there */\n\nSET x = 1;'],
    ['b', '\uFEFFbegin;\ninsert into t values (1);'],
    ['c.tar', '\\connect shop\nSELECT 1;'],
    ['latin1', Buffer.from("INSERT INTO t VALUES ('\xe9\xe8');", 'latin1')],
    ['d.zst', gzipSync('CREATE TABLE t (id int);')],
  ])('%s is plain SQL', async (name, bytes) => {
    expect(await recogniseDump(file(name, bytes))).toMatchObject({ format: 'plain', wrapper: name === 'd.zst' ? 'gzip' : 'none' });
  });
});

describe('opened files', () => {
  it('are known by an id, which stays the same for a path', async () => {
    const files = createOpenedFiles();
    const path = file('opened', 'SELECT 1;');
    const opened = await files.open(path);
    expect(opened).toMatchObject({ name: 'opened', path, sizeBytes: 9 });
    expect((await files.open(path)).id).toBe(opened.id);
    expect(files.pathOf(opened.id)).toBe(path);
    expect((await files.open(folder)).sizeBytes).toBeGreaterThan(9);
    expect(() => files.pathOf('fil_nothing')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await expect(files.open(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' });
  });
});
