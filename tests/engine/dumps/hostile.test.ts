// Files made to hurt: whatever the bytes, reading ends soon and only in a HowdahError.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import { splitSql } from '../../../electron/engine/dumps/sql-lexer.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { clients, dump, richDatabase, type Client, type RichDumps } from './rich-dumps.ts';

let rich: RichDumps;
let folder = '';
beforeAll(async () => {
  rich = await richDatabase();
  folder = mkdtempSync(join(tmpdir(), 'howdah-hostile-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await rich.remove();
});

async function survives(bytes: Buffer): Promise<void> {
  const path = join(folder, 'mutated');
  writeFileSync(path, bytes);
  const before = performance.now();
  try {
    await inspectDump(path);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(HowdahError);
  }
  expect(performance.now() - before).toBeLessThan(10_000);
}

it.each([
  ['custom', ['-Fc']],
  ['uncompressed custom', ['-Fc', '-Z0']],
  ['tar', ['-Ft']],
  ['SQL', ['-Fp']],
])(
  'mutations of a %s dump',
  async (name, args) => {
    const [client] = clients() as [Client];
    const original = readFileSync(dump(client, rich, `hostile-${name.replaceAll(' ', '-')}`, args));
    const mutation = fc.record({
      // Headers and the table of contents stand at the start, where damage is most interesting.
      at: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: original.length - 1 })),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      remove: fc.integer({ min: 0, max: 600 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.boolean(), async (mutations, overwrite) => {
        let bytes = original;
        for (const { at, bytes: put, remove } of mutations) {
          const from = Math.min(at, bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + (overwrite ? put.length : remove))]);
        }
        await survives(bytes);
      }),
      { numRuns: 150 },
    );
  },
  120_000,
);

it('arbitrary bytes behind the start of an archive', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 10, max: 16 }), fc.uint8Array({ maxLength: 400 }), async (minor, rest) => {
      await survives(Buffer.concat([Buffer.from('PGDMP'), Buffer.from([1, minor, 0, 4, 8, 1]), rest]));
    }),
    { numRuns: 300 },
  );
});

it('lengths that claim gigabytes cost nothing', async () => {
  const head = Buffer.concat([Buffer.from('PGDMP'), Buffer.from([1, 14, 0, 4, 8, 1])]);
  const int = (value: number): Buffer => Buffer.from([0, value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);
  const dates = Array.from({ length: 8 }, () => int(1));
  const before = process.memoryUsage().rss;
  await expect(inspectDump(write([head, ...dates, int(0x7fffffff)]))).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  await expect(inspectDump(write([head, ...dates, int(0), int(0), int(0), int(0x7fffffff)]))).rejects.toMatchObject({
    code: 'DUMP_INCOMPLETE',
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);

  function write(parts: Buffer[]): string {
    const path = join(folder, 'claims');
    writeFileSync(path, Buffer.concat(parts));
    return path;
  }
});

it('scripts read the same whatever the chunks, or fail the same', async () => {
  const word = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    '$',
    'E',
    "e'",
    '\\',
    '\\!',
    '--',
    '/*',
    '*/',
    '(',
    ')',
    ';',
    '\n',
    '\r',
    '\r\n',
    ' ',
    'x',
    'COPY t FROM stdin;\n',
    '\\.\n',
    '\\.',

    'CREATE FUNCTION f() BEGIN ATOMIC ',
    ' END',
    ' CASE ',
    'begin',
    '\0',
    '1',
    'é',
    '\uFEFF',
    'SET standard_conforming_strings = off;',
    'U&',
    "B'",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (words, size) => {
      const script = Buffer.from(words.join(''));
      expect(await pieces(script, size)).toEqual(await pieces(script, script.length + 1));
    }),
    { numRuns: 3000 },
  );
});

async function pieces(script: Buffer, size: number): Promise<unknown[]> {
  const found: unknown[] = [];
  let data = '';
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < script.length; at += size) yield script.subarray(at, at + size);
  }
  try {
    for await (const piece of splitSql(chunks())) {
      if (piece.kind === 'copyData') data += piece.chunk.toString('latin1');
      else if (piece.kind === 'copyEnd') {
        found.push(data, piece.rows);
        data = '';
      } else found.push({ ...piece, raw: null });
    }
  } catch (thrown) {
    if (!(thrown instanceof HowdahError)) throw thrown;
    found.push(thrown.code);
  }
  return found;
}
