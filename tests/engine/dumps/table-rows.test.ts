import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, readFileSync, readdirSync, truncateSync, statSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTableRows } from '../../../electron/engine/dumps/table-rows.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, testServer } from '../../support/server.ts';
import { allDumps, clients, dump, richDatabase, run, type Client, type RichDumps } from './rich-dumps.ts';
import { contextOf, inJob, inspected, linesOf, readAll, startJob } from './rows-support.ts';

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
const newest = (): Client => clients().at(-1) as Client;

const tables: (TableName & { columns: string[] })[] = [
  { schema: 'app', table: 'customers', columns: ['id', 'email', 'mood', 'p', 'blob', 'note'] },
  { schema: 'app', table: 'orders', columns: ['id', 'customer_id', 'total', 'placed'] },
  { schema: 'app', table: 'host=localhost', columns: ['we ird', 'q"uote'] },
  { schema: 'app', table: 'events_2024', columns: ['id', 'at', 'what'] },
  { schema: 'Sch ema 🐘', table: 'tab le 🐘', columns: ['id', 't'] },
];
const quoted = ({ schema, table }: TableName): string => `"${schema}"."${table}"`;

/** What the server itself prints, row by row. */
function copied(database: string, table: TableName): string[] {
  return linesOf(Buffer.from(run(own(), 'psql', ['-X', '-q', '-d', database, '-c', `COPY ${quoted(table)} TO STDOUT`])));
}

async function expectAllRows(path: string, clientDirectory = ''): Promise<void> {
  const runs = await readAll(engine, path, tables, { clientDirectory });
  for (const table of tables) {
    const own = runs.filter((run) => run.table.schema === table.schema && run.table.table === table.table);
    expect.soft(own.map((run) => run.columns), `${path} ${table.table}`).toEqual([table.columns]);
    expect.soft(own.flatMap((run) => run.lines).toSorted(), `${path} ${table.table}`).toEqual(copied(rich.database, table).toSorted());
  }
  expect(runs.length).toBe(tables.length);
  expect(runs.every((run) => run.encoding.toUpperCase() === 'UTF8')).toBe(true);
}

describe.each(clients())('rows of what pg_dump $major writes', (client) => {
  it('are those of the server, in every format', async () => {
    for (const { path } of allDumps(client, rich)) await expectAllRows(path, client.bin);
    await expectAllRows(dump(client, rich, `archived-inserts-${client.major}`, ['-Fc', '--rows-per-insert=7']), client.bin);
    await expectAllRows(dump(client, rich, `column-inserts-${client.major}`, ['-Fp', '--column-inserts', '--on-conflict-do-nothing']));
  }, 120_000);
});

describe('wrapped dumps', () => {
  it.each(['-Fc', '-Ft', '-Fp'])('%s inside gzip, zstd and lz4', async (format) => {
    const path = dump(own(), rich, `wrapped${format}`, [format, ...(format === '-Fc' ? ['-Z0'] : [])]);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
    await expectAllRows(`${path}.gz`);
    await pipeline(createReadStream(path), createZstdCompress(), createWriteStream(`${path}.zst`));
    await expectAllRows(`${path}.zst`);
    execFileSync('lz4', ['-q', '-f', path, `${path}.lz4`]);
    await expectAllRows(`${path}.lz4`);
  });

  it('archives written to a pipe, which hold no positions', async () => {
    const path = join(rich.folder, 'piped');
    const { host, port, user, password, binDirectory } = testServer();
    const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    writeFileSync(path, execFileSync(join(binDirectory, 'pg_dump'), ['-Fc', rich.database], { env, maxBuffer: 1 << 28 }));
    await expectAllRows(path);
  });
});
