// docs/preview.md, "When two rows are the same": which key pairs them, and what its index calls equal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverNeeds } from './server-types.ts';
import { groundForFile, previewSituations, type Situation, type Situations } from './situations.ts';

const needs = await serverNeeds();
const ground = groundForFile();

type Line = Situation & { name: string; expected: Record<string, unknown> };
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
    keys: { t: ['a', 'b'] },
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
          backup: `CREATE TABLE t (id citext PRIMARY KEY, b int); INSERT INTO t VALUES ('A', 1)`,
          live: `CREATE TABLE t (id citext PRIMARY KEY, b int); INSERT INTO t VALUES ('a', 1)`,
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
const clashing: Situation = {
  backup: "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x'), (2, 'x'), (3, 'y'), (4, 'z')",
  live: "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE); INSERT INTO t VALUES (9, 'y')",
};

describe('when two rows are the same row', () => {
  let rows: Situations;
  beforeAll(async () => {
    const setup = needs.has('citext') ? 'CREATE EXTENSION citext' : '';
    const situations: Record<string, Situation> = { clashing };
    for (const line of lines) situations[line.name] = line;
    rows = await previewSituations(ground(), situations, setup);
  }, 240_000);
  afterAll(() => rows.remove());

  it.each(lines)('$name', ({ name, expected }) => {
    const { conflictsByColumn, key, ...counts } = expected as { conflictsByColumn?: Record<string, number>; key?: object };
    const table = rows.of(name).table();
    expect(table).toMatchObject(counts);
    if (key !== undefined) expect(table.key).toMatchObject(key);
    if (conflictsByColumn !== undefined) {
      expect(Object.fromEntries(Object.entries(table.conflictsByColumn).filter(([, n]) => n > 0))).toEqual(conflictsByColumn);
    }
  });

  it('rows of the backup that clash with each other both count, those that clash with live rows too', async () => {
    const { schema, table, blockers } = rows.of('clashing');
    expect(table()).toMatchObject({ rows: 4, new: 1, uniqueClashes: 3, liveOnly: 1 });
    const found = await ground().engine.client.previews.rows({
      id: rows.preview.id,
      schema,
      table: 't',
      kind: 'uniqueClash',
      offset: 0,
      limit: 9,
    });
    const clashes = found.rows.map((row) => [row.key['id'], row.clash?.constraint, row.clash?.with, row.clash?.row['id']].join(' ')).sort();
    expect(clashes).toEqual(['1 t_a_key backup 2', '2 t_a_key backup 1', '3 t_a_key live 9']);
    expect(blockers('replace')).toEqual(['UNIQUE_CLASH']);
    expect(blockers('merge')).toEqual([]);
  });
});
