// Cases that the property test found, made small; and those next to them that are easy to get wrong.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { dropDatabase } from '../../support/server.ts';
import { groundOf } from './drive.ts';
import type { Ground } from './playing.ts';
import { look } from './fixed.ts';

let engine: TestEngine;
let ground: Ground;

beforeAll(async () => {
  engine = await makeEngine();
  ground = await groundOf(engine, '');
});

afterAll(async () => {
  await dropDatabase(ground.typesDatabase);
  expect(engine.faults).toEqual([]);
  await engine.close();
});

it('a row of NULLs is a value: NOT NULL takes it, merge does not fill it', async () => {
  const table = 'CREATE TYPE pair AS (a int, b text); CREATE TABLE t (id int PRIMARY KEY, v pair NOT NULL, w pair);';
  await look(
    ground,
    {
      backup: `${table} INSERT INTO t VALUES (1, '(,)', '(,)'), (2, '(,)', '(1,a)'), (3, '(,)', '(,)')`,
      live: `${table} INSERT INTO t VALUES (2, '(,)', '(,)'), (3, '(,)', NULL)`,
    },
    async ({ table: found, blockers, carryOut, rows }) => {
      expect(blockers()).toEqual([]);
      expect(found()).toMatchObject({ new: 1, conflicts: 2, filled: { rows: 1, fields: 1 } });
      expect(await carryOut({ strategy: 'merge' })).toBeNull();
      expect(await rows()).toEqual([
        { id: 1, v: { a: null, b: null }, w: { a: null, b: null } },
        { id: 2, v: { a: null, b: null }, w: { a: null, b: null } },
        { id: 3, v: { a: null, b: null }, w: { a: null, b: null } },
      ]);
    },
  );
});

it('partitions that pg_dump loads through the table on top', async () => {
  const table = `CREATE TYPE mood AS ENUM ('fine', 'bad'); CREATE TABLE t (m mood PRIMARY KEY, n int) PARTITION BY HASH (m);
    CREATE TABLE h0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE h1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
  await look(
    ground,
    { backup: `${table} INSERT INTO t VALUES ('fine', 1), ('bad', 2)`, live: `${table} INSERT INTO t VALUES ('bad', 3)` },
    ({ table: found }) => {
      expect(found()).toMatchObject({ rows: 2, new: 1, conflicts: 1 });
    },
  );
});

it.each(['UNIQUE', 'UNIQUE NULLS NOT DISTINCT'])('a second copy of a row that stays clashes with it (%s)', async (unique) => {
  const value = unique === 'UNIQUE' ? '1' : 'NULL';
  await look(
    ground,
    {
      backup: `CREATE TABLE t (b int, c point); INSERT INTO t VALUES (${value}, NULL), (${value}, NULL)`,
      live: `CREATE TABLE t (b int ${unique}, c point); INSERT INTO t VALUES (${value}, NULL)`,
    },
    async ({ table, blockers, carryOut }) => {
      expect(table()).toMatchObject({ identical: 1, uniqueClashes: 1 });
      expect(blockers('replace')).toEqual(['UNIQUE_CLASH']);
      expect(blockers('merge')).toEqual([]);
      expect(await carryOut({ strategy: 'replace' })).toBe('RESTORE_BLOCKED');
    },
  );
});

describe('rows that are deleted and inserted anew', () => {
  it('keep what only the live table has, where unique values are exchanged', async () => {
    await look(
      ground,
      {
        backup: "CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        live: "CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE, note text DEFAULT 'standard'); INSERT INTO t VALUES (1, 'b', 'mine'), (2, 'c', NULL), (3, 'a', 'theirs')",
      },
      async ({ carryOut, rows }) => {
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 1, c: 'a', note: 'mine' },
          { id: 2, c: 'b', note: null },
          { id: 3, c: 'c', note: 'theirs' },
        ]);
      },
    );
  });

  it('keep it where an identity changes, too', async () => {
    await look(
      ground,
      {
        backup:
          'CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY); INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1, 10), (2, 20)',
        live: "CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, note text DEFAULT 'standard', m int GENERATED ALWAYS AS (id * 2) STORED); INSERT INTO t (id, n, note) OVERRIDING SYSTEM VALUE VALUES (1, 11, 'mine'), (2, 20, NULL)",
      },
      async ({ carryOut, rows }) => {
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect(await rows()).toEqual([
          { id: 1, n: 10, note: 'mine', m: 2 },
          { id: 2, n: 20, note: null, m: 4 },
        ]);
      },
    );
  });

  it('are still referred to, without an action', async () => {
    const tables = 'CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); CREATE TABLE r (id int PRIMARY KEY, t int REFERENCES t);';
    await look(
      ground,
      {
        backup: `${tables} INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO r VALUES (1, 1), (2, 2)`,
        live: `${tables} INSERT INTO t VALUES (1, 'b'), (2, 'a'); INSERT INTO r VALUES (1, 1), (2, 2)`,
      },
      async ({ blockers, carryOut, rows }) => {
        expect(blockers()).toEqual([]);
        expect(await carryOut({ strategy: 'replace' })).toBeNull();
        expect([await rows('t'), await rows('r')]).toEqual([
          [
            { id: 1, c: 'a' },
            { id: 2, c: 'b' },
          ],
          [
            { id: 1, t: 1 },
            { id: 2, t: 2 },
          ],
        ]);
      },
    );
  });
});

describe('actions of foreign keys never do what was not said', () => {
  const lines = [
    {
      name: 'a key that is only spelled otherwise, ON UPDATE CASCADE',
      tables:
        'CREATE EXTENSION citext; CREATE TABLE t (id citext PRIMARY KEY); CREATE TABLE r (id int PRIMARY KEY, t citext REFERENCES t ON UPDATE CASCADE);',
      backup: "INSERT INTO t VALUES ('A'); INSERT INTO r VALUES (1, 'a')",
      live: "INSERT INTO t VALUES ('a'); INSERT INTO r VALUES (1, 'a')",
      after: { t: [{ id: 'A' }], r: [{ id: 1, t: 'a' }] },
    },
    ...['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION'].map((action) => ({
      name: `a referenced value that another row takes over, ON DELETE ${action}`,
      tables: `CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); CREATE TABLE r (id int PRIMARY KEY, c text REFERENCES t (c) ON DELETE ${action});`,
      backup: "INSERT INTO t VALUES (2, 'x'); INSERT INTO r VALUES (1, 'x')",
      live: "INSERT INTO t VALUES (1, 'x'); INSERT INTO r VALUES (1, 'x')",
      after: { t: [{ id: 2, c: 'x' }], r: [{ id: 1, c: 'x' }] },
      free: action === 'NO ACTION',
    })),
    {
      name: 'referenced values exchanged, ON UPDATE CASCADE',
      tables:
        'CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); CREATE TABLE r (id int PRIMARY KEY, c text REFERENCES t (c) ON UPDATE CASCADE);',
      backup: "INSERT INTO t VALUES (1, 'x'), (2, 'y'); INSERT INTO r VALUES (1, 'x')",
      live: "INSERT INTO t VALUES (1, 'y'), (2, 'x'); INSERT INTO r VALUES (1, 'x')",
      after: {
        t: [
          { id: 1, c: 'x' },
          { id: 2, c: 'y' },
        ],
        r: [{ id: 1, c: 'x' }],
      },
    },
    {
      name: 'a parent without a key, whose row changes, ON DELETE CASCADE',
      tables: 'CREATE TABLE t (c text UNIQUE, v int); CREATE TABLE r (id int PRIMARY KEY, c text REFERENCES t (c) ON DELETE CASCADE);',
      backup: "INSERT INTO t VALUES ('x', 1); INSERT INTO r VALUES (1, 'x')",
      live: "INSERT INTO t VALUES ('x', 2); INSERT INTO r VALUES (1, 'x')",
      after: { t: [{ c: 'x', v: 1 }], r: [{ id: 1, c: 'x' }] },
    },
    {
      name: 'a child that moves to another parent while the old one goes, ON DELETE CASCADE',
      tables: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE r (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE);',
      backup: 'INSERT INTO t VALUES (2); INSERT INTO r VALUES (1, 2)',
      live: 'INSERT INTO t VALUES (1); INSERT INTO r VALUES (1, 1)',
      after: { t: [{ id: 2 }], r: [{ id: 1, t: 2 }] },
      free: true,
    },
  ];

  it.each(lines)('$name', async (line) => {
    await look(
      ground,
      { backup: line.tables + line.backup, live: line.tables + line.live },
      async ({ blockers, judged, carryOut, rows }) => {
        const before = [await rows('t'), await rows('r')];
        const blocked = blockers('replace');
        expect(await judged({ strategy: 'replace' })).toEqual(blocked);
        if ('free' in line && line.free === true) expect(blocked).toEqual([]);
        expect(await carryOut({ strategy: 'replace' })).toBe(blocked.length > 0 ? 'RESTORE_BLOCKED' : null);
        expect([await rows('t'), await rows('r')]).toEqual(blocked.length > 0 ? before : [line.after.t, line.after.r]);
      },
    );
  });
});
