// Reading rows of dumps that were cut off, and reading that is stopped: nothing half is taken for whole, nothing is left behind.
import { copyFileSync, createReadStream, createWriteStream, existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTableRows } from '../../../electron/engine/dumps/table-rows.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase } from '../../support/server.ts';
import { clients, dump, richDatabase, run, type Client, type RichDumps } from './rich-dumps.ts';
import { codeOf, contextOf, inJob, inspected, readAll, startJob } from './rows-support.ts';

let rich: RichDumps;
let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
  rich = await richDatabase();
});
afterAll(async () => {
  await engine.close();
  await rich.remove();
});

const own = (): Client => clients()[0] as Client;

const tables: TableName[] = [
  { schema: 'app', table: 'customers' },
  { schema: 'app', table: 'orders' },
  { schema: 'app', table: 'host=localhost' },
  { schema: 'app', table: 'events_2024' },
  { schema: 'Sch ema 🐘', table: 'tab le 🐘' },
];

describe('dumps that are not whole', () => {
  it.each(['-Fc', '-Fp', '-Ft', '-Fd'])('%s cut off', async (format) => {
    const path = dump(own(), rich, `whole${format}`, [format, ...(format === '-Fd' ? ['-Z0'] : [])]);
    const largest = (): string =>
      join(
        path,
        readdirSync(path)
          .filter((name) => /^\d+\.dat/.test(name))
          .toSorted((a, b) => statSync(join(path, b)).size - statSync(join(path, a)).size)[0] ?? '',
      );
    const file = format === '-Fd' ? largest() : path;
    truncateSync(file, Math.floor(statSync(file).size * 0.6));
    expect(await codeOf(readAll(engine, path, tables))).toBe('DUMP_INCOMPLETE');
  });

  it('an archive that breaks while it is read', async () => {
    const path = dump(own(), rich, 'breaks', ['-Fc']);
    const found = await inspected(path);
    const copy = `${path}-cut`;
    copyFileSync(path, copy);
    truncateSync(copy, Math.floor(statSync(copy).size * 0.6));
    // Inspection saw it whole: only the reading can find out.
    const read = inJob(engine, async (job) => {
      for await (const one of readTableRows(job, contextOf(engine), { path: copy, dump: found, clientDirectory: '', tables })) {
        for await (const _chunk of one.chunks);
      }
    });
    expect(await codeOf(read)).toBe('DUMP_INCOMPLETE');
  });
});

const children = (jobId: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOWDAH_JOB=${jobId}`);
    } catch {
      return false; // it ended meanwhile
    }
  });

describe.runIf(existsSync('/proc/self/environ'))('stopping', () => {
  let large: string;
  let name: string;
  beforeAll(async () => {
    name = await createDatabase('create table big as select n, repeat(md5(n::text), 20) as t from generate_series(1, 60000) n');
    large = join(rich.folder, 'large');
    run(own(), 'pg_dump', ['-Fc', '-Z0', '-f', large, '-d', name]);
    await pipeline(createReadStream(large), createGzip({ level: 1 }), createWriteStream(`${large}.gz`));
  });
  afterAll(() => dropDatabase(name));

  it.each(['', '.gz'])('early ends the child and leaves nothing (archive%s)', async (suffix) => {
    const path = large + suffix;
    const found = await inspected(path);
    let id = '';
    let before: string[] = [];
    await inJob(engine, async (job) => {
      id = job.id;
      for await (const one of readTableRows(job, contextOf(engine), { path, dump: found, clientDirectory: '', tables: found.tables })) {
        for await (const _chunk of one.chunks) {
          before = children(id);
          break;
        }
        break;
      }
      expect(children(id)).toEqual([]);
    });
    expect(before.length).toBe(1);
    expect(readdirSync(join(engine.home, 'tmp')).filter((entry) => entry.startsWith(id))).toEqual([]);
  });

  it('by a cancel', async () => {
    const found = await inspected(large);
    let begun: () => void = () => {};
    const reading = new Promise<void>((resolve) => (begun = resolve));
    const { id, ended } = startJob(engine, async (job) => {
      for await (const one of readTableRows(job, contextOf(engine), {
        path: large,
        dump: found,
        clientDirectory: '',
        tables: found.tables,
      })) {
        for await (const _chunk of one.chunks) {
          begun();
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve, { once: true }));
        }
      }
    });
    await reading;
    await engine.client.jobs.cancel({ id });
    expect((await ended).status).toBe('cancelled');
    expect(children(id)).toEqual([]);
  });
});
