// Cases that the property test found, made small; and those next to them that are easy to get wrong.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Strategy } from '../../../shared/contract/previews.ts';
import { codesOf, groundForFile, previewSituations, type Situation, type Situations } from './situations.ts';

const ground = groundForFile();

const composite = 'CREATE TYPE pair AS (a int, b text); CREATE TABLE t (id int PRIMARY KEY, v pair NOT NULL, w pair);';
const hashed = `CREATE TYPE mood AS ENUM ('fine', 'bad'); CREATE TABLE t (m mood PRIMARY KEY, n int) PARTITION BY HASH (m);
  CREATE TABLE h0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE h1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
const referred = 'CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); CREATE TABLE r (id int PRIMARY KEY, t int REFERENCES t);';
const secondCopy = (unique: string, value: string): Situation => ({
  backup: `CREATE TABLE t (b int, c point); INSERT INTO t VALUES (${value}, NULL), (${value}, NULL)`,
  live: `CREATE TABLE t (b int ${unique}, c point); INSERT INTO t VALUES (${value}, NULL)`,
});
const situations = {
  'a row of NULLs': {
    backup: `${composite} INSERT INTO t VALUES (1, '(,)', '(,)'), (2, '(,)', '(1,a)'), (3, '(,)', '(,)')`,
    live: `${composite} INSERT INTO t VALUES (2, '(,)', '(,)'), (3, '(,)', NULL)`,
  },
  'partitions by hash': {
    backup: `${hashed} INSERT INTO t VALUES ('fine', 1), ('bad', 2)`,
    live: `${hashed} INSERT INTO t VALUES ('bad', 3)`,
  },
  UNIQUE: secondCopy('UNIQUE', '1'),
  'UNIQUE NULLS NOT DISTINCT': secondCopy('UNIQUE NULLS NOT DISTINCT', 'NULL'),
  exchanged: {
    backup: "CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    live: "CREATE TABLE t (id int PRIMARY KEY, c text UNIQUE, note text DEFAULT 'standard'); INSERT INTO t VALUES (1, 'b', 'mine'), (2, 'c', NULL), (3, 'a', 'theirs')",
  },
  'another identity': {
    backup:
      'CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY); INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1, 10), (2, 20)',
    live: "CREATE TABLE t (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, note text DEFAULT 'standard', m int GENERATED ALWAYS AS (id * 2) STORED); INSERT INTO t (id, n, note) OVERRIDING SYSTEM VALUE VALUES (1, 11, 'mine'), (2, 20, NULL)",
  },
  'referred to': {
    backup: `${referred} INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO r VALUES (1, 1), (2, 2)`,
    live: `${referred} INSERT INTO t VALUES (1, 'b'), (2, 'a'); INSERT INTO r VALUES (1, 1), (2, 2)`,
  },
} satisfies Record<string, Situation>;

const lines = [
  {
    name: 'a key that is only spelled otherwise, ON UPDATE CASCADE',
    tables: 'CREATE TABLE t (id citext PRIMARY KEY); CREATE TABLE r (id int PRIMARY KEY, t citext REFERENCES t ON UPDATE CASCADE);',
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

/** What became of a replace of one line. */
type Replaced = { judged: string[]; before: unknown; code: string | null };

let all: Situations;
const replaced: Record<string, Replaced> = {};

beforeAll(async () => {
  const ofActions = Object.fromEntries(
    lines.map((line) => [line.name, { backup: line.tables + line.backup, live: line.tables + line.live }]),
  );
  all = await previewSituations(ground(), { ...situations, ...ofActions }, 'CREATE EXTENSION citext');
  const free: Record<string, Strategy> = {
    'a row of NULLs': 'merge',
    exchanged: 'replace',
    'another identity': 'replace',
    'referred to': 'replace',
  };
  for (const name of ['UNIQUE', 'UNIQUE NULLS NOT DISTINCT', ...lines.map((line) => line.name)]) {
    const { judge, carryOut, contents } = all.of(name);
    const judged = codesOf((await judge('replace')).blockers);
    // A restore that succeeds closes the preview: those that are free are carried out in one, after all that are refused.
    replaced[name] = { judged, before: await contents(), code: judged.length === 0 ? null : await carryOut('replace') };
    if (judged.length === 0) free[name] = 'replace';
  }
  await all.carryOutTogether(free);
}, 240_000);
afterAll(() => all.remove());

it('a row of NULLs is a value: NOT NULL takes it, merge does not fill it', async () => {
  const { table, blockers, rows } = all.of('a row of NULLs');
  expect(blockers()).toEqual([]);
  expect(table()).toMatchObject({ new: 1, conflicts: 2, filled: { rows: 1, fields: 1 } });
  expect(await rows()).toEqual([
    { id: 1, v: { a: null, b: null }, w: { a: null, b: null } },
    { id: 2, v: { a: null, b: null }, w: { a: null, b: null } },
    { id: 3, v: { a: null, b: null }, w: { a: null, b: null } },
  ]);
});

it('rows of partitions that pg_dump loads through the table on top are compared', () => {
  expect(all.of('partitions by hash').table()).toMatchObject({ rows: 2, new: 1, conflicts: 1 });
});

it.each(['UNIQUE', 'UNIQUE NULLS NOT DISTINCT'])('a second copy of a row that stays clashes with it (%s)', async (unique) => {
  const { table, blockers, contents } = all.of(unique);
  expect(table()).toMatchObject({ identical: 1, uniqueClashes: 1 });
  expect(blockers('replace')).toEqual(['UNIQUE_CLASH']);
  expect(blockers('merge')).toEqual([]);
  expect(replaced[unique]).toMatchObject({ judged: ['UNIQUE_CLASH'], code: 'RESTORE_BLOCKED' });
  expect(await contents()).toEqual(replaced[unique]?.before);
});

it('rows that are deleted and inserted anew keep what only the live table has, where unique values are exchanged', async () => {
  expect(await all.of('exchanged').rows()).toEqual([
    { id: 1, c: 'a', note: 'mine' },
    { id: 2, c: 'b', note: null },
    { id: 3, c: 'c', note: 'theirs' },
  ]);
});

it('rows that are deleted and inserted anew keep what only the live table has, where an identity changes', async () => {
  expect(await all.of('another identity').rows()).toEqual([
    { id: 1, n: 10, note: 'mine', m: 2 },
    { id: 2, n: 20, note: null, m: 4 },
  ]);
});

it('rows that are deleted and inserted anew are still referred to, by a foreign key without an action', async () => {
  const { blockers, rows } = all.of('referred to');
  expect(blockers()).toEqual([]);
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
});

describe('actions of foreign keys never do what was not said', () => {
  it.each(lines)('$name', async (line) => {
    const { blockers, contents, rows } = all.of(line.name);
    const blocked = blockers('replace');
    const { judged, before, code } = replaced[line.name] ?? {};
    expect(judged).toEqual(blocked);
    if ('free' in line && line.free === true) expect(blocked).toEqual([]);
    expect(code).toBe(blocked.length > 0 ? 'RESTORE_BLOCKED' : null);
    if (blocked.length > 0) expect(await contents()).toEqual(before);
    else expect([await rows('t'), await rows('r')]).toEqual([line.after.t, line.after.r]);
  });
});
