// docs/preview.md, "Which tables are compared", and with which of their columns; and what a replace leaves in them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Judgement } from '../../../shared/contract/previews.ts';
import { codesOf, groundForFile, previewSituations, type Situation, type Situations } from './situations.ts';

const ground = groundForFile();

const hashed =
  'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE p0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);';
const ordinary = 'CREATE TABLE t (id int PRIMARY KEY);';
const first = 'INSERT INTO t VALUES (1), (2), (3)';
const second = 'INSERT INTO t VALUES (1), (2), (4)';
const parents = 'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE child (more int) INHERITS (t);';
const identities =
  'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, v int, twice int GENERATED ALWAYS AS (v * 2) STORED);';
const plain = 'CREATE TABLE t (id int PRIMARY KEY, v int, w int);';
const computed = 'CREATE TABLE t (id int PRIMARY KEY, v int, w int GENERATED ALWAYS AS (v + 1) STORED);';

const situations = {
  partitioned: {
    backup: `CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1, 2); CREATE TABLE t2 PARTITION OF t DEFAULT;
      INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')`,
    live: `CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (3); CREATE TABLE b PARTITION OF t FOR VALUES FROM (3) TO (9);
      INSERT INTO t VALUES (1, 'a'), (3, 'x'), (5, 'e')`,
  },
  'no longer partitioned': { backup: hashed + first, live: ordinary + second },
  'partitioned since': { backup: ordinary + first, live: hashed + second },
  inherited: {
    backup: `${parents} INSERT INTO t VALUES (1, 'a'); INSERT INTO child VALUES (2, 'b', 2)`,
    live: `${parents} INSERT INTO t VALUES (3, 'c'); INSERT INTO child VALUES (1, 'a', 1)`,
    tables: ['t'],
  },
  identities: {
    backup: `${identities} INSERT INTO t (id, n, v) OVERRIDING SYSTEM VALUE VALUES (70, 1, 1), (71, 5, 2), (72, 9, 3)`,
    live: `${identities.replace('v * 2', 'v * 3')} INSERT INTO t (id, n, v) OVERRIDING SYSTEM VALUE VALUES (70, 1, 1), (71, 6, 2)`,
  },
  'columns of one side': {
    backup: "CREATE TABLE t (id int PRIMARY KEY, v text, lost text); INSERT INTO t VALUES (1, 'a', 'l'), (2, 'b', 'l'), (3, 'c', 'l')",
    live: "CREATE TABLE t (extra text DEFAULT 'standard', v text, id int PRIMARY KEY); INSERT INTO t VALUES ('mine', 'a', 1), (NULL, 'x', 2)",
  },
  'generated since': {
    backup: `${plain} INSERT INTO t VALUES (1, 1, 99)`,
    live: `${computed} INSERT INTO t VALUES (1, 1)`,
  },
  'no longer generated': {
    backup: `${computed} INSERT INTO t VALUES (1, 1), (2, 2)`,
    live: `${plain} INSERT INTO t VALUES (1, 1, 99)`,
  },
} satisfies Record<string, Situation>;
type Name = keyof typeof situations;

let all: Situations;
let skipped: Judgement;
const of = (name: Name) => all.of(name);

beforeAll(async () => {
  all = await previewSituations(ground(), situations);
  skipped = await of('columns of one side').judge('skip');
  const replaced: Name[] = ['partitioned', 'inherited', 'identities', 'columns of one side', 'no longer generated'];
  await all.carryOutTogether(Object.fromEntries(replaced.map((name) => [name, 'replace'])));
}, 240_000);
afterAll(() => all.remove());

it('a partitioned table is one table, whatever its partitions are on either side', async () => {
  const { tables, table, rows } = of('partitioned');
  expect(tables.map((one) => one.table)).toEqual(['t']);
  expect(table()).toMatchObject({ rows: 4, identical: 1, conflicts: 1, new: 2, liveOnly: 1 });
  expect(await rows()).toEqual([
    { id: 1, v: 'a' },
    { id: 2, v: 'b' },
    { id: 3, v: 'c' },
    { id: 4, v: 'd' },
  ]);
});

it('a table that is partitioned in the backup and an ordinary one now is one table; the other way about, too', () => {
  const counts = { rows: 3, identical: 2, new: 1, liveOnly: 1 };
  expect(of('no longer partitioned').table()).toMatchObject(counts);
  expect(of('partitioned since').table()).toMatchObject(counts);
});

it('a table that others inherit from is compared and replaced without its children', async () => {
  const { table, rows } = of('inherited');
  expect(table('t')).toMatchObject({ rows: 1, new: 1, liveOnly: 1, liveRows: 1 });
  expect(await rows('ONLY t')).toEqual([{ id: 1, v: 'a' }]);
  expect(await rows('child')).toEqual([{ id: 1, v: 'a', more: 1 }]);
});

it('generated columns are left out of the comparison, identity columns keep the values of the backup', async () => {
  const { table, rows } = of('identities');
  expect(table()).toMatchObject({
    identical: 1,
    conflicts: 1,
    new: 1,
    conflictsByColumn: { n: 1 },
    columnsOnlyInBackup: [],
    columnsOnlyLive: [],
  });
  expect(await rows()).toEqual([
    { id: 70, n: 1, v: 1, twice: 3 },
    { id: 71, n: 5, v: 2, twice: 6 },
    { id: 72, n: 9, v: 3, twice: 9 },
  ]);
});

it('columns of the backup alone are left out and reported; those of the live table are kept in its rows, and default in added ones', async () => {
  const { table, rows } = of('columns of one side');
  expect(table()).toMatchObject({ identical: 1, conflicts: 1, new: 1, columnsOnlyInBackup: ['lost'], columnsOnlyLive: ['extra'] });
  expect(codesOf(table().warnings)).toEqual(['COLUMNS_LEFT_OUT']);
  expect(codesOf(skipped.verdict.reasons)).toContain('SCHEMA_DIFFERS');
  expect(await rows()).toEqual([
    { id: 1, v: 'a', extra: 'mine' },
    { id: 3, v: 'c', extra: 'standard' },
    { id: 2, v: 'b', extra: null },
  ]);
});

it('a column that is generated in the live table alone is not compared', () => {
  expect(of('generated since').table()).toMatchObject({ identical: 1, conflicts: 0 });
});

it('a column that is generated in the backup alone is not compared, and keeps its live values', async () => {
  const { table, rows } = of('no longer generated');
  expect(table()).toMatchObject({ identical: 1, conflicts: 0, new: 1, columnsOnlyLive: ['w'] });
  expect(await rows()).toEqual([
    { id: 1, v: 1, w: 99 },
    { id: 2, v: 2, w: null },
  ]);
});
