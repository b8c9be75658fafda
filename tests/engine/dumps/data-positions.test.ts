import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpackTo } from '../../../electron/engine/restores/unpack.ts';
import { recogniseDump } from '../../../electron/engine/dumps/recognise.ts';
import { walkArchive } from '../../../electron/engine/dumps/archive.ts';
import type { JobRun } from '../../../electron/engine/jobs/jobs.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { createDatabase, dropDatabase, serverUrl, testServer } from '../../support/server.ts';

const folder = temporaryDirectory('positions');
let database: string;
beforeAll(async () => {
  database = await createDatabase(`
    create table a (n int primary key, t text); insert into a select n, repeat('x', n % 90) from generate_series(1, 20000) n;
    create table b (n int references a); insert into b select n from generate_series(1, 5000) n;
    select lo_from_bytea(0, 'large object');`);
});
afterAll(() => dropDatabase(database));

/** All that unpacking asks of a job. */
const job = { signal: new AbortController().signal } as JobRun;
const clients = [
  testServer().binDirectory,
  ...['17', '18'].map((major) => join(process.env['HOWDAH_TEST_CLIENTS'] ?? '/nonexistent', major, 'bin')),
].filter((path) => {
  try {
    return execFileSync(join(path, 'pg_dump'), ['--version']).length > 0;
  } catch {
    return false;
  }
});

describe.each(clients)('an archive that %s wrote to a pipe', (bin) => {
  const packed = join(folder, `packed-${clients.indexOf(bin)}.zst`);
  const unpacked = `${packed}.dump`;

  test('gets the positions of its data when it is unpacked, and is the same to pg_restore', async () => {
    const piped = execFileSync('sh', ['-c', '"$1" -Fc --compress=0 "$2" | cat', 'sh', join(bin, 'pg_dump'), serverUrl(database)], {
      maxBuffer: 1 << 28,
    });
    writeFileSync(packed, zstdCompressSync(piped));
    expect(await unpackTo(job, await recogniseDump(packed), unpacked)).toBe(true);
    const script = (archive: string): string =>
      execFileSync(join(bin, 'pg_restore'), ['-f', '-', archive], { maxBuffer: 1 << 28 })
        .toString()
        .replace(/^\\(un)?restrict .*$/gm, '');
    writeFileSync(`${unpacked}.piped`, piped);
    expect(script(unpacked)).toBe(script(`${unpacked}.piped`));
    expect(readFileSync(unpacked).equals(piped)).toBe(false);
    // The walk compares every position with where the block really begins.
    const { toc, walk } = await walkArchive(await recogniseDump(unpacked), 'full');
    expect(walk.state).toBe('whole');
    expect(toc.entries.filter((entry) => entry.hadDumper).map((entry) => entry.data.state)).toEqual(
      expect.arrayContaining(['at', 'at', 'at']),
    );
    expect(toc.entries.some((entry) => entry.data.state === 'noPosition')).toBe(false);
  });

  test('is refused where it is cut off, before anything is restored', async () => {
    const piped = readFileSync(`${unpacked}.piped`);
    const cut = `${packed}.cut`;
    writeFileSync(cut, zstdCompressSync(piped.subarray(0, piped.length * 0.8)));
    await expect(unpackTo(job, await recogniseDump(cut), `${cut}.dump`)).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  });
});
