import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
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
  it.each([['-Fc'], ['-Fp'], ['-Fp', '--inserts'], ['-Fp', '--column-inserts'], ['-Fc', '--inserts'], ['-Fp', '--rows-per-insert=2']])(
    '%s %s',
    async (...args) => {
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
    },
  );

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
  it('come under their own names when the partitioned table is asked for', async () => {
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
  it('come under their own names from archives, under its name from scripts', async () => {
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

/** A plain script of somebody else's. */
function script(text: string, name = `script-${Math.random()}.sql`): string {
  const path = join(rich.folder, name);
  writeFileSync(path, text);
  return path;
}
const t: TableName = { schema: 'public', table: 't' };
const linesFrom = async (text: string, table = t): Promise<string[]> =>
  (await readAll(engine, script(text), [table])).flatMap((one) => one.lines);
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (thrown: Error & { code?: string }) => thrown.code ?? thrown.message,
  );

describe('scripts that pg_dump did not write', () => {
  it('follow the search path of old dumps', async () => {
    const text =
      'SET search_path = app, pg_catalog;\nCREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n2\n\\.\nINSERT INTO t VALUES (3);\n';
    expect(await linesFrom(text, { schema: 'app', table: 't' })).toEqual(['1', '2', '3']);
  });

  it('literals of every kind', async () => {
    const text = String.raw`CREATE TABLE t (a text, b text, c text, d text);
INSERT INTO t VALUES (1, -2.5, .5, +7), (1e10, - 3, 007, NULL), -- a comment; here
 (E'a\tb\n\x41\101\u00e9', 'it''s', X'1F', b'01'), ('x'::text, '1'::pg_catalog.int4, 5::bigint, NULL::app."Odd type"),
 (TRUE, false, '2020-01-01'::timestamp without time zone, '{1}'::int[]) ON CONFLICT DO NOTHING;
INSERT INTO t (b, a) OVERRIDING SYSTEM VALUE VALUES ('B', 'A');`.replaceAll('\\\\', '\\');
    expect(await linesFrom(text)).toEqual([
      '1\t-2.5\t.5\t7',
      '1e10\t-3\t7\t\\N',
      "a\\tb\\nAAé\tit's\t00011111\t01",
      'x\t1\t5\t\\N',
      'true\tfalse\t2020-01-01\t{1}',
      'B\tA',
    ]);
  });

  it('backslashes escape where standard_conforming_strings is off', async () => {
    expect(
      await linesFrom("SET standard_conforming_strings = off;\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\\\b\\n');\n"),
    ).toEqual(['a\\\\b\\n']);
    expect(await linesFrom("CREATE TABLE t (a text);\nINSERT INTO t VALUES ('a\\b');\n")).toEqual(['a\\\\b']);
  });

  it('INSERTs without columns have those of the definition, or all of the table', async () => {
    const defined = await readAll(engine, script('CREATE TABLE t (b int, a int);\nINSERT INTO t VALUES (1, 2);\n'), [t]);
    expect(defined.map((one) => one.columns)).toEqual([['b', 'a']]);
    const unknown = await readAll(engine, script('INSERT INTO t VALUES (1, 2);\nINSERT INTO t VALUES (3, 4);\n'), [
      { schema: 'public', table: 't' },
    ]);
    expect(unknown.map((one) => [one.columns, one.lines])).toEqual([[[], ['1\t2', '3\t4']]]);
    const altered = 'CREATE TABLE t (b int);\nALTER TABLE t ADD COLUMN c int;\nINSERT INTO t VALUES (1, 2);\n';
    expect((await readAll(engine, script(altered), [t])).map((one) => one.columns)).toEqual([[]]);
  });

  it.each([
    "INSERT INTO t VALUES (nextval('s'));",
    'INSERT INTO t SELECT 1;',
    'INSERT INTO t VALUES (1 + 1);',
    'INSERT INTO t VALUES ((SELECT 1));',
    'INSERT INTO t VALUES (now());',
    'INSERT INTO t VALUES (current_user);',
    "INSERT INTO t VALUES ('a' || 'b');",
    "INSERT INTO t VALUES ('abc'::varchar(2));",
    "INSERT INTO t VALUES ('abc'::char);",
    'INSERT INTO t VALUES (1.7::int);',
    "INSERT INTO t VALUES (DATE '2020-01-01');",
    "INSERT INTO t VALUES (U&'\\0041');",
    'INSERT INTO t VALUES (DEFAULT);',
    'INSERT INTO t DEFAULT VALUES;',
    'INSERT INTO t VALUES (1), (2, 3);',
    'INSERT INTO t (a) OVERRIDING USER VALUE VALUES (1);',
    'INSERT INTO t VALUES (1) RETURNING a;',
    'INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2;',
    "INSERT INTO t VALUES (E'\\000');",
    'INSERT INTO t VALUES (1);\nUPDATE t SET a = 2;',
    'INSERT INTO t VALUES (1);\nDELETE FROM ONLY public.t WHERE a = 1;',
    'COPY t (a) FROM stdin WITH CSV;\n1\n\\.\n',
  ])('refuses %s', async (statement) => {
    expect(await codeOf(linesFrom(`CREATE TABLE t (a int);\n${statement}\n`))).toBe('DUMP_UNSAFE');
  });

  it('names the line of what it refuses', async () => {
    const text = 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),\n  (2),\n  (now());\n';
    await expect(linesFrom(text)).rejects.toThrow(/line 4\b/);
  });

  it('leaves what happens to other tables alone', async () => {
    const text =
      'CREATE TABLE o (a int);\nINSERT INTO o VALUES (now());\nUPDATE o SET a = 1;\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n';
    expect(await linesFrom(text)).toEqual(['1']);
  });
});

describe('dumps that are not whole or not safe', () => {
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

  it('a shell command', async () => {
    expect(await codeOf(linesFrom('CREATE TABLE t (a int);\n\\! touch /tmp/pwned\nINSERT INTO t VALUES (1);\n'))).toBe('DUMP_UNSAFE');
    expect(await codeOf(readAll(engine, script('CREATE TABLE t (a int);\n'), [{ schema: 'public', table: 'T' }]))).toBe(
      'TABLE_NOT_IN_DUMP',
    );
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
