import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrapped, type Wrapper } from '../../../electron/engine/dumps/decompress.ts';
import { walkWrapper } from '../../../electron/engine/dumps/decompress.ts';

let folder = '';
const content = Buffer.concat([randomBytes(300_000), Buffer.from('some text that repeats itself\n'.repeat(60_000)), randomBytes(1000)]);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'howdah-unwrap-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function hashOf(path: string, wrapper: Wrapper): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of unwrapped(path, wrapper)) hash.update(chunk);
  return hash.digest('hex');
}
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.each(['gzip', 'zstd'] as const)('%s', (wrapper) => {
  const pack = (bytes: Buffer): Buffer => (wrapper === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes));

  it('is taken away, also of several parts one after the other', async () => {
    expect(await hashOf(file('one', pack(content)), wrapper)).toBe(sha256(content));
    expect(await hashOf(file('two', Buffer.concat([pack(content), pack(content)])), wrapper)).toBe(
      sha256(Buffer.concat([content, content])),
    );
    expect(await hashOf(file('none', pack(Buffer.alloc(0))), wrapper)).toBe(sha256(Buffer.alloc(0)));
  });

  it('that is cut off or followed by something else is found', async () => {
    const packed = pack(content);
    for (const share of [0.01, 0.3, 0.7, 0.999]) {
      const path = file('cut', packed.subarray(0, packed.length * share));
      await expect(hashOf(path, wrapper)).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
      if (wrapper === 'zstd') await expect(walkWrapper(path, wrapper)).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
    }
    const path = file('tail', packed);
    appendFileSync(path, 'something else');
    await expect(hashOf(path, wrapper)).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  });
});

describe.runIf(existsSync('/usr/bin/lz4'))('lz4', () => {
  const plain = () => file('plain', content);

  it.each([[], ['-BD'], ['-B4', '-BX'], ['-9', '--content-size'], ['-BD', '-B4', '--no-frame-crc']])(
    'is taken away as written with %j',
    async (...flags) => {
      const packed = join(folder, 'packed.lz4');
      execFileSync('lz4', ['-qf', ...flags, plain(), packed]);
      expect(await hashOf(packed, 'lz4')).toBe(sha256(content));
      expect(await walkWrapper(packed, 'lz4')).toBe(true);
      const cut = join(folder, 'cut.lz4');
      for (const share of [0.01, 0.5, 0.999]) {
        copyFileSync(packed, cut);
        truncateSync(cut, Math.floor(statSync(packed).size * share));
        await expect(hashOf(cut, 'lz4')).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
        await expect(walkWrapper(cut, 'lz4')).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
      }
    },
  );

  it('with a flipped bit does not pass its checksum', async () => {
    const packed = join(folder, 'flip.lz4');
    execFileSync('lz4', ['-qf', plain(), packed]);
    const bytes = readFileSync(packed);
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000);
    await expect(hashOf(file('flipped.lz4', bytes), 'lz4')).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  });
});
