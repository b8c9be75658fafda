// docs/preview.md, line by line: which tables are compared, which rows are the same, which values are the same, what blocks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreviewRequest, Strategy } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createRole, dropDatabase, sql } from '../../support/server.ts';
import { groundOf } from './drive.ts';
import type { Ground } from './playing.ts';
import { look } from './fixed.ts';
import { serverNeeds } from './server-types.ts';

let engine: TestEngine;
let ground: Ground;
const needs = await serverNeeds();

beforeAll(async () => {
  engine = await makeEngine();
  ground = await groundOf(engine, '');
});

afterAll(async () => {
  await dropDatabase(ground.typesDatabase);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

describe('when two values are the same value', () => {
  const icu = "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);";
  type Line = [type: string, backup: string, live: string, setup?: string];
  const different: Line[] = [
    ['numeric', "'1.0'", "'1.00'"],
    ['numeric', "'NaN'", "'0'"],
    ['float8', "'-0'", "'0'"],
    ['float4', "'-0'", "'0'"],
    ['float8', "'0.1'", "'0.10000000000000002'"],
    ['interval', "'1 day'", "'24:00:00'"],
    ['interval', "'1 mon'", "'30 days'"],
    ['json', `'{"a":1}'`, `'{"a": 1}'`],
    ['json', `'{"a":1,"b":2}'`, `'{"b":2,"a":1}'`],
    ['jsonb', `'{"a":1.0}'`, `'{"a":1.00}'`],
    ['jsonb', "'null'", 'NULL'],
    ['xml', "'<a/>'", "'<a></a>'"],
    ['point', "'(1,2)'", "'(1.0000000001,2)'"],
    ['polygon', "'((0,0),(1,0),(1,1))'", "'((1,0),(1,1),(0,0))'"],
    ['polygon', "'((0,0),(1,0))'", 'NULL'],
    ['text', "''", 'NULL'],
    ['text', "'a'", "'a '"],
    ['text', "'NULL'", 'NULL'],
    ['text', "E'\\\\N'", 'NULL'],
    ['text[]', "'{NULL}'", `'{"NULL"}'`],
    ['int[]', "'{1,2}'", "'[0:1]={1,2}'"],
    ['bytea', "'\\x00'", "'\\x'"],
    ['bit varying', "'0'", "'00'"],
    ['inet', "'10.0.0.1'", "'10.0.0.1/8'"],
    ['timestamptz', "'2024-03-31 02:00+00'", "'2024-03-31 02:00+01'"],
    ['citext', "'A'", "'a'", 'CREATE EXTENSION citext;'],
    ['text COLLATE caseless', "'A'", "'a'", icu],
    ['pair', "'(1,)'", `'(1,"")'`, 'CREATE TYPE pair AS (a int, b text);'],
    ['pair', "'(,)'", 'NULL', 'CREATE TYPE pair AS (a int, b text);'],
  ];
  const same: Line[] = [
    ['float8', "'NaN'", "'NaN'"],
    ['numeric', "'NaN'", "'NaN'"],
    ['numeric(8,2)', "'1'", "'1.00'"],
    ['float8', "'-0'", "'-0'"],
    ['interval', "'24 hours'", "'1440 minutes'"],
    ['json', `'{"a": 1}'`, `'{"a": 1}'`],
    ['jsonb', `'{"a":1,"b":2}'`, `'{"b": 2, "a": 1}'`],
    ['xml', "'<a/>'", "'<a/>'"],
    ['point', "'(1,2)'", "'( 1.0 , 2 )'"],
    ['polygon', "'((0,0),(1,1))'", "'(0,0),(1,1)'"],
    ['timestamptz', "'2024-03-31 02:00+02'", "'2024-03-31 00:00+00'"],
    ['char(3)', "'a'", "'a  '"],
    ['text', 'NULL', 'NULL'],
    ['xml', 'NULL', 'NULL'],
    ['uuid', "'A0000000-0000-4000-8000-000000000001'", "'a0000000-0000-4000-8000-000000000001'"],
  ];
  const can = ([type]: Line): boolean =>
    (!type.includes('caseless') || needs.has('icu')) && (type !== 'xml' || needs.has('xml')) && (type !== 'citext' || needs.has('citext'));
  const situation = ([type, backup, live, setup = '']: Line) => {
    const table = (value: string): string => `${setup} CREATE TABLE t (id int PRIMARY KEY, v ${type}); INSERT INTO t VALUES (1, ${value});`;
    return { backup: table(backup), live: table(live) };
  };

  it.each(different.filter(can))('%s: %s is not %s', async (...line) => {
    await look(ground, situation(line), ({ table }) => {
      expect(table()).toMatchObject({ rows: 1, identical: 0, conflicts: 1, conflictsByColumn: { v: 1 } });
    });
  });

  it.each(same.filter(can))('%s: %s is %s', async (...line) => {
    await look(ground, situation(line), ({ table }) => {
      expect(table()).toMatchObject({ rows: 1, identical: 1, conflicts: 0 });
    });
  });

  it('the same holds for whole rows of tables without a key', async () => {
    const table = (values: string): string => `CREATE TABLE t (a numeric, b json, c point); INSERT INTO t VALUES ${values};`;
    await look(
      ground,
      {
        backup: table(`(1.0, '{}', '(0,0)'), (1, '{ }', NULL), ('NaN', NULL, NULL)`),
        live: table(`(1.00, '{}', '(0,0)'), (1, '{ }', NULL), ('NaN', NULL, NULL)`),
      },
      ({ table: found }) => expect(found()).toMatchObject({ rows: 3, identical: 2, new: 1, liveOnly: 1, key: { kind: 'wholeRow' } }),
    );
  });

  it('settings of the databases change nothing', async () => {
    const settings = (zone: string, style: string, digits: number): string =>
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''${zone}''', current_database()); EXECUTE format('ALTER DATABASE %I SET DateStyle = ''${style}''', current_database()); EXECUTE format('ALTER DATABASE %I SET extra_float_digits = ${digits}', current_database()); EXECUTE format('ALTER DATABASE %I SET IntervalStyle = ''iso_8601''', current_database()); EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database()); END $$;`;
    const table = `CREATE TABLE t (id int PRIMARY KEY, a timestamptz, b date, c float8, d interval, e bytea, f timestamptz[]);
      INSERT INTO t VALUES (1, '2024-03-31 01:30+00', '2024-02-03', 0.30000000000000004, '1 day 2 hours', '\\x5c00', '{2024-01-01 00:00+00}')`;
    await look(
      ground,
      { backup: `${settings('Asia/Tokyo', 'German', 0)}${table}`, live: `${settings('America/New_York', 'SQL, DMY', -3)}${table}` },
      ({ table: found }) => expect(found()).toMatchObject({ rows: 1, identical: 1 }),
    );
  });
});

describe('when two rows are the same row', () => {
  const citext = 'CREATE EXTENSION citext;';
  type Line = { name: string; backup: string; live?: string; request?: Partial<PreviewRequest>; expected: Record<string, unknown> };
  const lines: Line[] = [
    {
      name: 'by the primary key before any other',
      backup: 'CREATE TABLE t (a int NOT NULL UNIQUE, id int PRIMARY KEY); INSERT INTO t VALUES (1, 1)',
      live: 'CREATE TABLE t (a int NOT NULL UNIQUE, id int PRIMARY KEY); INSERT INTO t VALUES (2, 1)',
      expected: { key: { kind: 'primary', columns: ['id'] }, conflicts: 1, new: 0 },
    },
    {
      name: 'by the unique index with the fewest columns, then by name, where all are NOT NULL',
      backup: 'CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int NOT NULL, d int)',
      live: `CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int NOT NULL, d int);
        CREATE UNIQUE INDEX a0 ON t (a, b); CREATE UNIQUE INDEX z ON t (b); CREATE UNIQUE INDEX y ON t (c); CREATE UNIQUE INDEX a1 ON t (d); CREATE UNIQUE INDEX a2 ON t ((a + 1)); CREATE UNIQUE INDEX a3 ON t (a) WHERE b > 0`,
      expected: { key: { kind: 'unique', columns: ['c'] } },
    },
    {
      name: 'the key is that of the live table',
      backup: 'CREATE TABLE t (a int, b int PRIMARY KEY); INSERT INTO t VALUES (1, 1)',
      live: 'CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 2)',
      expected: { key: { kind: 'primary', columns: ['a'] }, conflicts: 1, conflictsByColumn: { b: 1 } },
    },
    {
      name: 'a key whose columns are not all in the backup does not count',
      backup: 'CREATE TABLE t (b int NOT NULL); INSERT INTO t VALUES (1)',
      live: 'CREATE TABLE t (id int PRIMARY KEY DEFAULT 0, b int NOT NULL UNIQUE); INSERT INTO t VALUES (9, 1)',
      expected: { key: { kind: 'unique', columns: ['b'] }, identical: 1 },
    },
    {
      name: 'named columns come first',
      backup: "CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'x', 'y')",
      live: "CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (2, 'x', 'y')",
      request: { keys: [{ schema: 'public', table: 't', columns: ['a', 'b'] }] },
      expected: { key: { kind: 'chosen', columns: ['a', 'b'] }, conflicts: 1, conflictsByColumn: { id: 1 } },
    },
    {
      name: 'without a key whole rows are counted: min identical, more in the backup new, more live live-only',
      backup: "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL), (3, 'z')",
      live: "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL), (2, NULL), (4, 'w')",
      expected: { key: { kind: 'wholeRow' }, rows: 5, identical: 2, new: 3, liveOnly: 2, conflicts: 0 },
    },
    {
      name: 'numeric 1.0 and 1.00 are one key, and the row a conflict of the key column',
      backup: 'CREATE TABLE t (id numeric PRIMARY KEY); INSERT INTO t VALUES (1.0), (2)',
      live: 'CREATE TABLE t (id numeric PRIMARY KEY); INSERT INTO t VALUES (1.00), (2)',
      expected: { identical: 1, conflicts: 1, conflictsByColumn: { id: 1 }, new: 0, filled: { rows: 0, fields: 0 } },
    },
    {
      name: 'float8 -0 and 0 are one key, NaN is one key',
      backup: "CREATE TABLE t (id float8 PRIMARY KEY); INSERT INTO t VALUES ('-0'), ('NaN')",
      live: "CREATE TABLE t (id float8 PRIMARY KEY); INSERT INTO t VALUES ('0'), ('NaN')",
      expected: { identical: 1, conflicts: 1, new: 0, liveOnly: 0 },
    },
    {
      name: 'a deferrable primary key is a key',
      backup: 'CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, b int); INSERT INTO t VALUES (1, 1)',
      live: 'CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, b int); INSERT INTO t VALUES (1, 2)',
      expected: { key: { kind: 'primary', columns: ['id'] }, conflicts: 1 },
    },
    ...(needs.has('citext')
      ? [
          {
            name: "'A' and 'a' are one key in citext",
            backup: `${citext} CREATE TABLE t (id citext PRIMARY KEY, b int); INSERT INTO t VALUES ('A', 1)`,
            live: `${citext} CREATE TABLE t (id citext PRIMARY KEY, b int); INSERT INTO t VALUES ('a', 1)`,
            expected: { conflicts: 1, conflictsByColumn: { id: 1 }, new: 0, liveOnly: 0 },
          },
        ]
      : []),
    ...(needs.has('icu')
      ? [
          {
            name: "'A' and 'a' are one key under a collation that says so",
            backup: `CREATE COLLATION c (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (id text COLLATE c PRIMARY KEY); INSERT INTO t VALUES ('A')`,
            live: `CREATE COLLATION c (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (id text COLLATE c PRIMARY KEY); INSERT INTO t VALUES ('a')`,
            expected: { conflicts: 1, conflictsByColumn: { id: 1 }, new: 0 },
          },
        ]
      : []),
  ];

  it.each(lines)('$name', async ({ expected, backup, live, request }) => {
    await look(ground, { backup, ...(live === undefined ? {} : { live }), ...(request === undefined ? {} : { request }) }, ({ table }) => {
      const { conflictsByColumn, key, ...counts } = expected as { conflictsByColumn?: Record<string, number>; key?: object };
      expect(table()).toMatchObject(counts);
      if (key !== undefined) expect(table().key).toMatchObject(key);
      if (conflictsByColumn !== undefined) {
        expect(Object.fromEntries(Object.entries(table().conflictsByColumn).filter(([, n]) => n > 0))).toEqual(conflictsByColumn);
      }
    });
  });

  it('rows of the backup that clash with each other both count, those that clash with live rows too', async () => {
    await look(
      ground,
      {
        backup: "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x'), (2, 'x'), (3, 'y'), (4, 'z')",
        live: "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE); INSERT INTO t VALUES (9, 'y')",
      },
      async ({ table, preview, blockers }) => {
        expect(table()).toMatchObject({ rows: 4, new: 1, uniqueClashes: 3, liveOnly: 1 });
        const { rows } = await engine.client.previews.rows({
          id: preview.id,
          schema: 'public',
          table: 't',
          kind: 'uniqueClash',
          offset: 0,
          limit: 9,
        });
        const clashes = rows.map((row) => [row.key['id'], row.clash?.constraint, row.clash?.with, row.clash?.row['id']].join(' ')).sort();
        expect(clashes).toEqual(['1 t_a_key backup 2', '2 t_a_key backup 1', '3 t_a_key live 9']);
        expect(blockers('replace')).toEqual(['UNIQUE_CLASH']);
        expect(blockers('merge')).toEqual([]);
      },
    );
  });
});

describe('which tables are compared', () => {
  it('a partitioned table is one table, whatever its partitions are on either side', async () => {
    await look(
      ground,
      {
        backup: `CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1, 2); CREATE TABLE t2 PARTITION OF t DEFAULT;
          INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')`,
        live: `CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (3); CREATE TABLE b PARTITION OF t FOR VALUES FROM (3) TO (9);
          INSERT INTO t VALUES (1, 'a'), (3, 'x'), (5, 'e')`,
      },
      async ({ preview, table, carryOut, rows }) => {
        expect(preview.tables.map((one) => one.table)).toEqual(['t']);
        expect(table()).toMatchObject({ rows: 4, identical: 1, conflicts: 1, new: 2, liveOnly: 1 });
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 1, v: 'a' },
          { id: 2, v: 'b' },
          { id: 3, v: 'c' },
          { id: 4, v: 'd' },
        ]);
      },
    );
  });

  it('partitioned in the backup, an ordinary table now; and the other way about', async () => {
    const parted =
      'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE p0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);';
    const ordinary = 'CREATE TABLE t (id int PRIMARY KEY);';
    const counts = { rows: 3, identical: 2, new: 1, liveOnly: 1 };
    const first = 'INSERT INTO t VALUES (1), (2), (3)';
    const second = 'INSERT INTO t VALUES (1), (2), (4)';
    await look(ground, { backup: parted + first, live: ordinary + second }, ({ table }) => expect(table()).toMatchObject(counts));
    await look(ground, { backup: ordinary + first, live: parted + second }, ({ table }) => expect(table()).toMatchObject(counts));
  });

  it('a table that others inherit from is compared without its children', async () => {
    const tables = 'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE child (more int) INHERITS (t);';
    await look(
      ground,
      {
        backup: `${tables} INSERT INTO t VALUES (1, 'a'); INSERT INTO child VALUES (2, 'b', 2)`,
        live: `${tables} INSERT INTO t VALUES (3, 'c'); INSERT INTO child VALUES (1, 'a', 1)`,
        request: { tables: [{ schema: 'public', table: 't' }] },
      },
      async ({ table, carryOut, rows }) => {
        expect(table('t')).toMatchObject({ rows: 1, new: 1, liveOnly: 1, liveRows: 1 });
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows('ONLY t')).toEqual([{ id: 1, v: 'a' }]);
        expect(await rows('child')).toEqual([{ id: 1, v: 'a', more: 1 }]);
      },
    );
  });

  it('generated columns are left out, identity columns keep the values of the backup', async () => {
    const table =
      'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, v int, twice int GENERATED ALWAYS AS (v * 2) STORED);';
    await look(
      ground,
      {
        backup: `${table} INSERT INTO t (id, n, v) OVERRIDING SYSTEM VALUE VALUES (70, 1, 1), (71, 5, 2), (72, 9, 3)`,
        live: `${table.replace('v * 2', 'v * 3')} INSERT INTO t (id, n, v) OVERRIDING SYSTEM VALUE VALUES (70, 1, 1), (71, 6, 2)`,
      },
      async ({ table: found, carryOut, rows }) => {
        expect(found()).toMatchObject({
          identical: 1,
          conflicts: 1,
          new: 1,
          conflictsByColumn: { n: 1 },
          columnsOnlyInBackup: [],
          columnsOnlyLive: [],
        });
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 70, n: 1, v: 1, twice: 3 },
          { id: 71, n: 5, v: 2, twice: 6 },
          { id: 72, n: 9, v: 3, twice: 9 },
        ]);
      },
    );
  });

  it('columns on one side only: left out and reported; kept in rows that exist, the default in rows that are added', async () => {
    await look(
      ground,
      {
        backup: "CREATE TABLE t (id int PRIMARY KEY, v text, lost text); INSERT INTO t VALUES (1, 'a', 'l'), (2, 'b', 'l'), (3, 'c', 'l')",
        live: "CREATE TABLE t (extra text DEFAULT 'standard', v text, id int PRIMARY KEY); INSERT INTO t VALUES ('mine', 'a', 1), (NULL, 'x', 2)",
      },
      async ({ table, preview, carryOut, rows }) => {
        expect(table()).toMatchObject({ identical: 1, conflicts: 1, new: 1, columnsOnlyInBackup: ['lost'], columnsOnlyLive: ['extra'] });
        expect(JSON.stringify([table().warnings, preview.warnings])).toContain('COLUMNS_LEFT_OUT');
        expect(preview.verdicts.skip.reasons.map((one) => one.code)).toContain('SCHEMA_DIFFERS');
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 1, v: 'a', extra: 'mine' },
          { id: 3, v: 'c', extra: 'standard' },
          { id: 2, v: 'b', extra: null },
        ]);
      },
    );
  });

  it('a column of one side is generated on the other', async () => {
    const plain = 'CREATE TABLE t (id int PRIMARY KEY, v int, w int);';
    const computed = 'CREATE TABLE t (id int PRIMARY KEY, v int, w int GENERATED ALWAYS AS (v + 1) STORED);';
    await look(
      ground,
      { backup: `${plain} INSERT INTO t VALUES (1, 1, 99)`, live: `${computed} INSERT INTO t VALUES (1, 1)` },
      ({ table }) => {
        expect(table()).toMatchObject({ identical: 1, conflicts: 0 });
      },
    );
    await look(
      ground,
      { backup: `${computed} INSERT INTO t VALUES (1, 1), (2, 2)`, live: `${plain} INSERT INTO t VALUES (1, 1, 99)` },
      async ({ table, carryOut, rows }) => {
        expect(table()).toMatchObject({ identical: 1, conflicts: 0, new: 1, columnsOnlyLive: ['w'] });
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 1, v: 1, w: 99 },
          { id: 2, v: 2, w: null },
        ]);
      },
    );
  });
});

describe('what blocks', () => {
  type Line = { code: string; name: string; backup: string; live: string; request?: Partial<PreviewRequest>; blocks: Strategy[] };
  const plain = (rows: string): string =>
    `CREATE TABLE t (id int PRIMARY KEY, v text); ${rows === '' ? '' : `INSERT INTO t VALUES ${rows};`}`;
  const all: Strategy[] = ['replace', 'merge', 'skip'];
  const lines: Line[] = [
    { code: 'TABLE_MISSING', name: 'no such table', backup: plain("(1, 'a')"), live: 'CREATE TABLE other (id int)', blocks: all },
    {
      code: 'NOT_A_TABLE',
      name: 'a view there',
      backup: plain("(1, 'a')"),
      live: 'CREATE VIEW t AS SELECT 1 AS id, NULL::text AS v',
      blocks: all,
    },
    {
      code: 'NOT_A_TABLE',
      name: 'a materialized view there',
      backup: plain("(1, 'a')"),
      live: 'CREATE MATERIALIZED VIEW t AS SELECT 1 AS id, NULL::text AS v',
      blocks: all,
    },
    {
      code: 'KEY_NOT_UNIQUE',
      name: 'the named key comes twice in the backup',
      backup: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 2)',
      live: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1)',
      request: { keys: [{ schema: 'public', table: 't', columns: ['a'] }] },
      blocks: all,
    },
    {
      code: 'KEY_NOT_UNIQUE',
      name: 'the named key is NULL in the live table',
      backup: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1)',
      live: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (NULL, 1)',
      request: { keys: [{ schema: 'public', table: 't', columns: ['a'] }] },
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a text longer than the column',
      backup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(9)); INSERT INTO t VALUES (1, '123456789')",
      live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(5))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a number that would be rounded',
      backup: 'CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (1, 1.234)',
      live: 'CREATE TABLE t (id int PRIMARY KEY, v numeric(8,2))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a number that does not fit its type',
      backup: 'CREATE TABLE t (id int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 9007199254740993)',
      live: 'CREATE TABLE t (id int PRIMARY KEY, v int)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a float8 that float4 would change',
      backup: 'CREATE TABLE t (id int PRIMARY KEY, v float8); INSERT INTO t VALUES (1, 0.1234567890123)',
      live: 'CREATE TABLE t (id int PRIMARY KEY, v float4)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a time of day that date would cut',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 10:00:00')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v date)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a text that name would cut',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, repeat('x', 70))`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v name)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a numeric that float8 would round',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (1, 1.00000000000000000001)`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v float8)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a bigint that float8 would round',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 9007199254740993)`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v float8)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'an instant whose zone timestamp would drop',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamptz); INSERT INTO t VALUES (1, '2024-01-01 10:00:00+03')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamp)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a local time that timestamptz would take for one of the session',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 10:00:00')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamptz)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'an interval whose seconds would be rounded',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v interval); INSERT INTO t VALUES (1, '1.5 seconds')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v interval(0))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'bits that are too many',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v bit varying(8)); INSERT INTO t VALUES (1, '10101')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v bit varying(3))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'texts in an array that are too long',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v text[]); INSERT INTO t VALUES (1, '{abcdef}')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(3)[])',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'json whose doubled key jsonb would drop',
      backup: `CREATE TABLE t (id int PRIMARY KEY, v json); INSERT INTO t VALUES (1, '{"a":1,"a":2}')`,
      live: 'CREATE TABLE t (id int PRIMARY KEY, v jsonb)',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'microseconds that timestamp(0) would round',
      backup: "CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 00:00:00.5')",
      live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamp(0))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a text that trailing spaces would be cut from',
      backup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(9)); INSERT INTO t VALUES (1, 'abc      ')",
      live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(3))',
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a label that the enum lacks',
      backup: "CREATE TYPE mood AS ENUM ('fine', 'new'); CREATE TABLE t (id int PRIMARY KEY, v mood); INSERT INTO t VALUES (1, 'new')",
      live: "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE t (id int PRIMARY KEY, v mood)",
      blocks: all,
    },
    {
      code: 'VALUES_DO_NOT_FIT',
      name: 'a value that the domain refuses',
      backup: 'CREATE DOMAIN d AS int; CREATE TABLE t (id int PRIMARY KEY, v d); INSERT INTO t VALUES (1, -1)',
      live: 'CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, v d)',
      blocks: all,
    },
    {
      code: 'NULLS_NOT_ALLOWED',
      name: 'a NULL in a new row',
      backup: plain('(1, NULL)'),
      live: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
      blocks: all,
    },
    {
      code: 'NULLS_NOT_ALLOWED',
      name: 'a NULL over a live value: only replace would write it',
      backup: plain('(1, NULL)'),
      live: "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL); INSERT INTO t VALUES (1, 'a')",
      blocks: ['replace'],
    },
    {
      code: 'NULLS_NOT_ALLOWED',
      name: 'a live column without a default in new rows',
      backup: plain("(1, 'a')"),
      live: 'CREATE TABLE t (id int PRIMARY KEY, v text, extra int NOT NULL)',
      blocks: all,
    },
    {
      code: 'CHECK_FAILS',
      name: 'a new row that breaks a check',
      backup: plain("(1, 'bad')"),
      live: "CREATE TABLE t (id int PRIMARY KEY, v text CHECK (v <> 'bad'))",
      blocks: all,
    },
    {
      code: 'CHECK_FAILS',
      name: 'a check that only the filled row breaks',
      backup: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int, CHECK (a IS NULL OR b IS NULL)); INSERT INTO t VALUES (1, 1, NULL)',
      live: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int, CHECK (a IS NULL OR b IS NULL)); INSERT INTO t VALUES (1, NULL, 2)',
      blocks: ['merge'],
    },
    {
      code: 'NO_PARTITION',
      name: 'no partition takes the row',
      backup:
        'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF t DEFAULT; INSERT INTO t VALUES (1), (2)',
      live: 'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF t FOR VALUES IN (1)',
      blocks: all,
    },
    {
      code: 'MISSING_REFERENCE',
      name: 'new rows that refer to rows that are not there',
      backup:
        'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1)',
      live: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)',
      request: { tables: [{ schema: 'public', table: 't' }] },
      blocks: all,
    },
    {
      code: 'MISSING_REFERENCE',
      name: 'MATCH FULL, half NULL',
      backup:
        'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t VALUES (1, 1, NULL)',
      live: 'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)',
      blocks: all,
    },
    {
      code: 'ROWS_IN_THE_WAY',
      name: 'rows that go, while another table refers to them',
      backup: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t)',
      live: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t); INSERT INTO t VALUES (1); INSERT INTO c VALUES (1)',
      request: { tables: [{ schema: 'public', table: 't' }] },
      blocks: ['replace'],
    },
    {
      code: 'ROWS_IN_THE_WAY',
      name: 'rows that ON DELETE CASCADE would take along',
      backup: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE)',
      live: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1); INSERT INTO c VALUES (1)',
      request: { tables: [{ schema: 'public', table: 't' }] },
      blocks: ['replace'],
    },
    {
      code: 'ROWS_IN_THE_WAY',
      name: 'rows that get another key, while others refer to it',
      backup: "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'new')",
      live: "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); CREATE TABLE c (code text REFERENCES t (code) ON UPDATE CASCADE); INSERT INTO t VALUES (1, 'old'); INSERT INTO c VALUES ('old')",
      blocks: ['replace'],
    },
    {
      code: 'UNIQUE_CLASH',
      name: 'rows of the backup that clash with each other',
      backup: plain("(1, 'x'), (2, 'x')"),
      live: 'CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE)',
      blocks: ['replace'],
    },
    {
      code: 'UNIQUE_SWAP',
      name: 'values exchanged, with an action on delete',
      backup:
        "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1)",
      live: "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, 'b'), (2, 'a'); INSERT INTO c VALUES (1)",
      blocks: ['replace'],
    },
    {
      code: 'RULES',
      name: 'a rule that turns inserts into something else',
      backup: plain("(1, 'a')"),
      live: `${plain('')} CREATE TABLE log (id int); CREATE RULE r AS ON INSERT TO t DO INSTEAD INSERT INTO log VALUES (new.id)`,
      blocks: all,
    },
    {
      code: 'LARGE_OBJECTS',
      name: 'rows that point to large objects',
      backup: "CREATE TABLE t (id int PRIMARY KEY, v oid); INSERT INTO t VALUES (1, lo_from_bytea(4711, 'x'))",
      live: 'CREATE TABLE t (id int PRIMARY KEY, v oid)',
      blocks: all,
    },
  ];

  it.each(lines)('$code: $name', async ({ code, blocks, backup, live, request }) => {
    await look(ground, { backup, live, ...(request === undefined ? {} : { request }) }, async ({ blockers, carryOut, preview }) => {
      const before = await dump(preview.database);
      for (const strategy of all) {
        const found = blockers(strategy);
        expect([strategy, found.includes(code)]).toEqual([strategy, blocks.includes(strategy)]);
        if (!blocks.includes(strategy)) continue;
        expect(preview.verdicts[strategy]).toMatchObject({ safe: false });
        expect(preview.verdicts[strategy].reasons.map((one) => one.code)).toContain(code);
        expect(await carryOut({ strategy })).toBe('RESTORE_BLOCKED');
      }
      expect(await dump(preview.database)).toEqual(before);
    });
  });

  it('a table that is left blocks nothing', async () => {
    const references = 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL);';
    await look(
      ground,
      {
        backup:
          'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, NULL)',
        live: references,
      },
      async ({ carryOut, rows }) => {
        expect(await carryOut({ strategy: 'replace', tableStrategies: [{ schema: 'public', table: 't', strategy: 'leave' }] })).toBeNull();
        expect([await rows('p'), await rows('t')]).toEqual([[{ id: 1 }], []]);
      },
    );
  });

  it('NO_PRIVILEGE and ROW_SECURITY: what the role may not do or see', async () => {
    const role = await createRole();
    const name = `"${role.user}"`;
    const profile = await engine.addProfile({ user: role.user, database: 'postgres' }, role.password);
    const asRole: Ground = { ...ground, profileId: profile.id };
    const create = (more: string): string =>
      `${plain("(1, 'a')")} DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${name}', current_database()); END $$; ${more}`;
    try {
      await look(asRole, { backup: plain("(2, 'b')"), live: create(`GRANT SELECT, INSERT, UPDATE ON t TO ${name}`) }, ({ blockers }) => {
        expect(all.map((strategy) => [strategy, blockers(strategy)])).toEqual([
          ['replace', ['NO_PRIVILEGE']],
          ['merge', []],
          ['skip', []],
        ]);
      });
      await look(
        asRole,
        {
          backup: plain("(2, 'b')"),
          live: create(`GRANT ALL ON t TO ${name}; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id > 1)`),
        },
        ({ blockers }) => {
          for (const strategy of all) expect([strategy, blockers(strategy)]).toEqual([strategy, ['ROW_SECURITY']]);
        },
      );
    } finally {
      await sql('postgres', `DROP ROLE ${name}`).catch(() => undefined);
    }
  });
});

/** Everything that is in the tables of `public`. */
async function dump(database: string): Promise<unknown> {
  return sql(
    database,
    "SELECT table_name, query_to_xml(format('SELECT * FROM public.%I', table_name), true, false, '')::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
  );
}
