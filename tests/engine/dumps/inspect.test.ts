import { execFileSync } from 'node:child_process';
import {
  cpSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectDump, type InspectedDump } from '../../../electron/engine/dumps/inspect.ts';
import { readToEnd } from '../../../electron/engine/dumps/readable.ts';
import { recogniseDump } from '../../../electron/engine/dumps/recognise.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { allDumps, clients, dump, richDatabase, rowCounts, run, type Client, type RichDumps } from './rich-dumps.ts';

let rich: RichDumps;
const dumps = new Map<number, { name: string; path: string }[]>();
beforeAll(async () => {
  rich = await richDatabase();
  for (const client of clients()) dumps.set(client.major, allDumps(client, rich));
});
afterAll(() => rich.remove());

const pgRestoreOf = (client: Client): string => join(client.bin, 'pg_restore');
const codes = (found: InspectedDump): string[] => found.problems.map(({ code }) => code);

/** A copy cut to a share of its length; of a directory, its largest data file is cut. */
function cutCopy(path: string, share: number, name: string): string {
  const copy = join(rich.folder, name);
  cpSync(path, copy, { recursive: true });
  const file = statSync(copy).isDirectory()
    ? join(
        copy,
        readdirSync(copy)
          .filter((entry) => /^\d+\.dat/.test(entry))
          .toSorted((a, b) => statSync(join(copy, b)).size - statSync(join(copy, a)).size)[0] ?? '',
      )
    : copy;
  truncateSync(file, Math.floor(statSync(file).size * share));
  return copy;
}

/** Whether a dump is found not whole, be it by a problem or by an error of the right kind. */
async function foundBroken(path: string): Promise<boolean> {
  try {
    const found = await inspectDump(path);
    return found.complete === false && codes(found).some((code) => code === 'CUT_OFF' || code === 'DAMAGED');
  } catch (thrown) {
    if (thrown instanceof HowdahError) return thrown.code === 'DUMP_INCOMPLETE';
    throw thrown;
  }
}

/** False also where so little is left that nothing can be recognised inside its compression. */
async function readable(path: string, client: Client): Promise<boolean> {
  try {
    return (await readToEnd(await recogniseDump(path), { pgRestore: pgRestoreOf(client) })).ok;
  } catch (thrown) {
    if (thrown instanceof HowdahError && thrown.code === 'DUMP_INCOMPLETE') return false;
    throw thrown;
  }
}

describe.each(clients())('dumps by client $major', (client) => {
  it('are described whole in every form', async () => {
    for (const { name, path } of dumps.get(client.major) ?? []) {
      const found = await inspectDump(path);
      expect(found.complete, name).toBe(true);
      expect(found.serverVersion, name).toMatch(/^\d+/);
      expect(found.dumpedBy, name).toMatch(new RegExp(`^${client.major}\\.`));
      expect(found.encoding, name).toBe('UTF8');
      expect(found.roles, name).toEqual(expect.arrayContaining(['how dah"owner', 'howdah_reader']));
      expect(
        found.objects.map(({ type }) => type),
        name,
      ).toEqual(expect.arrayContaining(['TABLE', 'FK CONSTRAINT', 'POLICY', 'TRIGGER', 'MATERIALIZED VIEW']));
      expect(found.tables.length, name).toBe(16);
      expect(
        found.tables.find(({ table }) => table === 'te xt; Type: TABLE'),
        name,
      ).toBeDefined();
      expect(found.tables.find(({ table }) => table === 'events')?.hasData, name).toBe(true);
      if (found.format === 'plain') {
        for (const table of found.tables) {
          const expected = table.table === 'events' ? null : (rowCounts[`${table.schema}.${table.table}`] ?? 0);
          expect(table.rows, `${name}: ${table.table}`).toBe(expected);
        }
      } else {
        expect(found.database, name).toBe(rich.database);
        expect(found.tables.find(({ table }) => table === 'orders')?.sizeBytes, name).toBeGreaterThan(1000);
      }
      expect(codes(found), name).toEqual(name.startsWith('create') ? ['DROP_DATABASE', 'CREATE_DATABASE', 'CONNECT_COMMAND'] : []);
    }
  });

  it('are read to their ends', async () => {
    for (const { name, path } of dumps.get(client.major) ?? []) {
      const read = await readToEnd(await recogniseDump(path), { pgRestore: pgRestoreOf(client) });
      expect(read, name).toMatchObject({ ok: true });
    }
  });

  it('are found cut off at 20, 60, 80 and 99 % in every form', async () => {
    for (const { name, path } of dumps.get(client.major) ?? []) {
      for (const share of [0.2, 0.6, 0.8, 0.99]) {
        const cut = cutCopy(path, share, `cut-${client.major}-${share}-${name.replaceAll(' ', '-')}`);
        expect(await foundBroken(cut), `${name} at ${share}`).toBe(true);
        expect(await readable(cut, client), `${name} at ${share}`).toBe(false);
      }
    }
  });

  it('are described from a redirected standard output, whose table of contents stands twice', async () => {
    const path = join(rich.folder, `redirected-${client.major}`);
    // The shell's redirection matters: pg_dump can seek in it.
    execFileSync('sh', ['-c', 'exec "$1" -Fc "$2" > "$3"', 'sh', join(client.bin, 'pg_dump'), rich.database, path], {
      env: libpqEnvironment(),
    });
    const found = await inspectDump(path);
    expect(found).toMatchObject({ complete: true, problems: [] });
    truncateSync(path, statSync(path).size - 100);
    expect(await foundBroken(path)).toBe(true);
  });

  it('are described from a pipe, which leaves out where data begins', async () => {
    const path = join(rich.folder, `piped-${client.major}`);
    execFileSync('sh', ['-c', '"$1" -Fc "$2" | cat > "$3"', 'sh', join(client.bin, 'pg_dump'), rich.database, path], {
      env: libpqEnvironment(),
    });
    expect(await inspectDump(path)).toMatchObject({ complete: true, problems: [] });
  });
});

function libpqEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PGHOST: process.env['HOWDAH_TEST_PGHOST'],
    PGPORT: process.env['HOWDAH_TEST_PGPORT'],
    PGUSER: process.env['HOWDAH_TEST_PGUSER'],
    PGPASSWORD: process.env['HOWDAH_TEST_PGPASSWORD'],
  };
}

describe('compression around a dump', () => {
  const [client] = clients() as [Client];

  it.each(['gzip', 'zstd'] as const)('%s is taken away, and its own cut is found', async (wrapper) => {
    for (const form of ['custom-plain', 'tar', 'sql']) {
      const source = join(rich.folder, `${form}-${client.major}`);
      const wrapped = join(rich.folder, `wrapped-${form}-${wrapper}`);
      await pipeline(createReadStream(source), wrapper === 'gzip' ? createGzip() : createZstdCompress(), createWriteStream(wrapped));
      expect(await inspectDump(wrapped), form).toMatchObject({ compression: wrapper, complete: true, problems: [] });
      expect(await readToEnd(await recogniseDump(wrapped), { pgRestore: pgRestoreOf(client) }), form).toMatchObject({ ok: true });
      for (const share of [0.2, 0.6, 0.8, 0.99]) {
        const cut = cutCopy(wrapped, share, `cut-${share}-${form}-${wrapper}`);
        expect(await foundBroken(cut), `${form} at ${share}`).toBe(true);
        expect(await readable(cut, client), `${form} at ${share}`).toBe(false);
      }
    }
  });

  it('a whole wrapper around a cut dump does not hide the cut', async () => {
    for (const form of ['custom-plain', 'custom', 'tar', 'sql']) {
      const cut = cutCopy(join(rich.folder, `${form}-${client.major}`), 0.8, `inner-${form}`);
      const wrapped = `${cut}.packed`;
      await pipeline(createReadStream(cut), createZstdCompress(), createWriteStream(wrapped));
      expect(await foundBroken(wrapped), form).toBe(true);
      expect(await readable(wrapped, client), form).toBe(false);
    }
  });
});

describe('a backup folder', () => {
  const [client] = clients() as [Client];

  it('leads to the dump inside, and its manifest tells the rows', async () => {
    const folder = join(rich.folder, 'backup');
    mkdirSync(folder);
    renameSync(dump(client, rich, 'for-backup', ['-Fd']), join(folder, 'database'));
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ tables: [{ schema: 'app', table: 'orders', rows: 5000, sizeBytes: 1 }] }),
    );
    const found = await inspectDump(folder);
    expect(found).toMatchObject({ name: 'backup', path: folder, format: 'directory', complete: true });
    expect(found.tables.find(({ table }) => table === 'orders')?.rows).toBe(5000);
  });
});

describe('one flipped byte in the table of contents', () => {
  const [client] = clients() as [Client];

  it('neither hangs nor breaks anything', async () => {
    const bytes = readFileSync(join(rich.folder, `custom-${client.major}`));
    const path = join(rich.folder, 'flipped');
    for (let at = 0; at < 12_000; at += 97) {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ 0x80, at);
      writeFileSync(path, copy);
      try {
        await inspectDump(path);
      } catch (thrown) {
        expect(thrown, `byte ${at}`).toBeInstanceOf(HowdahError);
      }
    }
  });
});

describe('versions', () => {
  it('warns of a newer server and of a newer client', async () => {
    const [first] = clients();
    const newest = clients().at(-1);
    if (first === undefined || newest === undefined) throw new Error('there are no clients');
    const path = join(rich.folder, `custom-${newest.major}`);
    expect(codes(await inspectDump(path, { serverMajorOfTarget: 12 }))).toEqual(['NEWER_THAN_TARGET']);
    const found = await inspectDump(path, { clientMajor: 11 });
    expect(found.problems).toMatchObject([{ code: 'NEWER_THAN_CLIENT', severity: 'blocker' }]);
    expect(run(first, 'pg_dump', ['--version'])).toContain(String(first.major));
  });
});
