// Rows of every form of dump that pg_dump writes, wrapped or not, are those of the server.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableName } from '../../../shared/contract/common.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, testServer } from '../../support/server.ts';
import { clients, dump, formsOf, richDatabase, run, type Client, type RichDumps } from './rich-dumps.ts';
import { inspected, linesOf, readAll } from './rows-support.ts';

let rich: RichDumps;
let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
  rich = await richDatabase();
  for (const table of tables) expected.set(table.table, copied(rich.database, table).toSorted());
});
afterAll(async () => {
  await engine.close();
  await rich.remove();
});

const own = (): Client => clients()[0] as Client;

const tables: (TableName & { columns: string[] })[] = [
  { schema: 'app', table: 'customers', columns: ['id', 'email', 'mood', 'p', 'blob', 'note'] },
  { schema: 'app', table: 'orders', columns: ['id', 'customer_id', 'total', 'placed'] },
  { schema: 'app', table: 'host=localhost', columns: ['we ird', 'q"uote'] },
  { schema: 'app', table: 'events_2024', columns: ['id', 'at', 'what'] },
  { schema: 'Sch ema 🐘', table: 'tab le 🐘', columns: ['id', 't'] },
];
const quoted = ({ schema, table }: TableName): string => `"${schema}"."${table.replaceAll('"', '""')}"`;

/** What the server itself prints, row by row. */
function copied(database: string, table: TableName): string[] {
  return linesOf(Buffer.from(run(own(), 'psql', ['-X', '-q', '-d', database, '-c', `COPY ${quoted(table)} TO STDOUT`])));
}

/** The same of the rich database, which no test here changes: asked once. */
const expected = new Map<string, string[]>();

async function expectAllRows(path: string, clientDirectory = ''): Promise<void> {
  const runs = await readAll(engine, path, tables, { clientDirectory });
  for (const table of tables) {
    const own = runs.filter((run) => run.table.schema === table.schema && run.table.table === table.table);
    expect
      .soft(
        own.map((run) => run.columns),
        `${path} ${table.table}`,
      )
      .toEqual([table.columns]);
    expect.soft(own.flatMap((run) => run.lines).toSorted(), `${path} ${table.table}`).toEqual(expected.get(table.table));
  }
  expect(runs.length).toBe(tables.length);
  expect(runs.every((run) => run.encoding.toUpperCase() === 'UTF8')).toBe(true);
}

describe.each(clients())('rows of what pg_dump $major writes', (client) => {
  it.each(formsOf(client))('are those of the server: %s', async (form, args) => {
    await expectAllRows(dump(client, rich, `${form}-${client.major}`, args), client.bin);
  });

  it('are those of the server: an archive of INSERTs, and INSERTs with columns', async () => {
    await expectAllRows(dump(client, rich, `archived-inserts-${client.major}`, ['-Fc', '--rows-per-insert=7']), client.bin);
    await expectAllRows(dump(client, rich, `column-inserts-${client.major}`, ['-Fp', '--column-inserts', '--on-conflict-do-nothing']));
  });
});

describe('wrapped dumps', () => {
  it.each(['-Fc', '-Ft', '-Fp'])('rows are read whole from %s inside gzip, zstd and lz4', async (format) => {
    const path = dump(own(), rich, `wrapped${format}`, [format, ...(format === '-Fc' ? ['-Z0'] : [])]);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
    await expectAllRows(`${path}.gz`);
    await pipeline(createReadStream(path), createZstdCompress(), createWriteStream(`${path}.zst`));
    await expectAllRows(`${path}.zst`);
    execFileSync('lz4', ['-q', '-f', path, `${path}.lz4`]);
    await expectAllRows(`${path}.lz4`);
  });

  it('rows are read whole from archives written to a pipe, which hold no positions', async () => {
    const path = join(rich.folder, 'piped');
    const { host, port, user, password, binDirectory } = testServer();
    const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    writeFileSync(path, execFileSync(join(binDirectory, 'pg_dump'), ['-Fc', rich.database], { env, maxBuffer: 1 << 28 }));
    await expectAllRows(path);
  });
});

const awkward = String.raw`
  create table public.awkward (id int, t text, u text);
  insert into awkward values (1, null, '\N'), (2, '', ' '), (3, E'line\nbreak\r\ttab', E'back\\slash \\n'), (4, '🐘 ''quoted'' "', '\.'),
    (5, E'\b\f\v', '\x41'), (6, '--no comment', '/* none */;'), (7, repeat('x', 100000), '$$');
  create table public."a name of sixty-three bytes, öäü, with a ""quote"" and , comma; x" ("col ""1"", öäü" text, "(paren" int);
  insert into public."a name of sixty-three bytes, öäü, with a ""quote"" and , comma; x" values ('v', 1);
  create table public.flags (b bool, bits bit varying, n numeric, f float8, raw bytea);
  insert into flags values (true, B'1011', -1.50, 'NaN', '\xdead00'), (false, B'', 0, '-Infinity', ''), (null, null, null, 1e300, null);
  create table public.generated (a int, twice int generated always as (a * 2) stored, c int);
  insert into generated (a, c) values (1, 5), (2, null);
  create table public.empty_columns ();
  insert into empty_columns default values;
  insert into empty_columns default values;
  create table public.parent (a int, b text); create table public.child (c int) inherits (parent);
  insert into parent values (1, 'p'); insert into child values (2, 'c', 3);
`;

describe('awkward values and names', () => {
  it.each(
    [['-Fc'], ['-Fp'], ['-Fp', '--inserts'], ['-Fp', '--column-inserts'], ['-Fc', '--inserts'], ['-Fp', '--rows-per-insert=2']].map(
      (args) => ({ args, form: args.join(' ') }),
    ),
  )('are read as the server has them, of a dump by $form', async ({ args }) => {
    const database = await createDatabase(awkward);
    try {
      const path = join(rich.folder, `awkward${args.join('')}`);
      run(own(), 'pg_dump', [...args, '-f', path, '-d', database]);
      const dumped = await inspected(path);
      const runs = await readAll(engine, path, dumped.tables);
      const inserts = args.some((arg) => arg.includes('insert'));
      for (const table of dumped.tables) {
        const lines = runs.filter((one) => one.table.table === table.table).flatMap((one) => one.lines);
        const expected = copied(database, table);
        // pg_dump writes numbers and booleans of INSERTs in their own words.
        const same = (line: string): string =>
          inserts && table.table === 'flags' ? line.replace(/^true\b/, 't').replace(/^false\b/, 'f') : line;
        expect.soft(lines.map(same).toSorted(), table.table).toEqual(expected.toSorted());
      }
      const columns = (table: string): string[] | undefined => runs.find((one) => one.table.table === table)?.columns;
      expect(columns('generated')).toEqual(['a', 'c']);
      expect(columns('child')).toEqual(['a', 'b', 'c']);
      expect(runs.find((one) => one.table.table.startsWith('a name of'))?.columns).toEqual(['col "1", öäü', '(paren']);
    } finally {
      await dropDatabase(database);
    }
  });

  it('bytes stay in the encoding of the dump', async () => {
    const database = await createDatabase(`create table t (id int, t text); insert into t values (1, 'äöü ß')`);
    try {
      for (const args of [['-Fc'], ['-Fp'], ['-Fp', '--inserts']]) {
        const path = join(rich.folder, `latin${args.join('')}`);
        run(own(), 'pg_dump', [...args, '--encoding=LATIN1', '-f', path, '-d', database]);
        const [found] = await readAll(engine, path, [{ schema: 'public', table: 't' }]);
        expect(found?.encoding).toBe('LATIN1');
        expect(found?.bytes).toEqual(Buffer.from('1\täöü ß\n', 'latin1'));
      }
    } finally {
      await dropDatabase(database);
    }
  });
});

describe('partitions', () => {
  it('partitions come under their own names when the partitioned table is asked for', async () => {
    for (const args of [['-Fc'], ['-Fp'], ['-Fp', '--inserts']]) {
      const path = dump(own(), rich, `partitioned${args.join('')}`, args);
      const runs = await readAll(engine, path, [{ schema: 'app', table: 'events' }]);
      expect(new Map(runs.map((one) => [one.table.table, one.lines.length]))).toEqual(
        new Map([
          ['events_2023', 428],
          ['events_2024', 572],
        ]),
      );
    }
  });
});

describe('partitions loaded through the table on top', () => {
  it('partitions loaded through the table on top come under their own names from archives, under its name from scripts', async () => {
    for (const args of [['-Fc'], ['-Fd'], ['-Fc', '--inserts'], ['-Fp']]) {
      const path = dump(own(), rich, `via-root${args.join('')}`, [...args, '--load-via-partition-root']);
      const runs = await readAll(engine, path, [{ schema: 'app', table: 'events' }]);
      const rows = new Map<string, number>();
      for (const one of runs) rows.set(one.table.table, (rows.get(one.table.table) ?? 0) + one.lines.length);
      if (args.length === 1 && args[0] !== '-Fp')
        expect([...rows]).toEqual([
          ['events_2023', 428],
          ['events_2024', 572],
        ]);
      else expect([...rows.values()].reduce((sum, n) => sum + n, 0)).toBe(1000);
    }
  });
});
