// docs/preview.md, "Merge": what is filled, what is left as it is, what is not added.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { dropDatabase } from '../../support/server.ts';
import { groundOf } from './drive.ts';
import { look } from './fixed.ts';
import type { Ground } from './playing.ts';

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

type Line = {
  name: string;
  table: string;
  backup: string;
  live: string;
  empty?: boolean;
  effects: { created: number; updated: number; skipped: number };
  after: string[];
};

const two = 'CREATE TABLE t (id int PRIMARY KEY, a text, b text, UNIQUE (a, b));';
const lines: Line[] = [
  {
    name: 'fills NULLs, overwrites nothing, deletes nothing',
    table: two,
    backup: "(1, 'x', 'y'), (2, 'p', 'q'), (3, 'n', NULL)",
    live: "(1, NULL, 'z'), (2, 'p', 'other'), (9, NULL, NULL)",
    effects: { created: 1, updated: 1, skipped: 1 },
    after: ['1 x z', '2 p other', '3 n -', '9 - -'],
  },
  {
    name: 'a row whose filled version would clash with a live row is left whole, other fields too',
    table: 'CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, b text);',
    backup: "(1, 'x', 'b')",
    live: "(1, NULL, NULL), (2, 'x', NULL)",
    effects: { created: 0, updated: 0, skipped: 1 },
    after: ['1 - -', '2 x -'],
  },
  {
    name: 'rows whose filled versions clash with each other are left, both',
    table: two,
    backup: "(1, 'x', 'y'), (2, 'x', 'w')",
    live: "(1, NULL, 'w'), (2, NULL, 'w')",
    effects: { created: 0, updated: 0, skipped: 2 },
    after: ['1 - w', '2 - w'],
  },
  {
    name: 'a new row that clashes with a filled row is not added',
    table: two,
    backup: "(1, 'x', 'y'), (2, 'x', 'w'), (3, 'x', 'v')",
    live: "(1, NULL, 'w')",
    effects: { created: 1, updated: 1, skipped: 1 },
    after: ['1 x w', '3 x v'],
  },
  {
    name: 'a new row that clashes with a row that is left as it is, is added',
    table: two,
    backup: "(1, 'x', 'y'), (4, 'x', 'z'), (3, 'x', 'v')",
    live: "(1, NULL, 'w'), (4, NULL, 'w')",
    effects: { created: 1, updated: 0, skipped: 2 },
    after: ['1 - w', '3 x v', '4 - w'],
  },
  {
    name: 'a unique index over lower(…) counts, too',
    table: 'CREATE TABLE t (id int PRIMARY KEY, a text, b text); CREATE UNIQUE INDEX i ON t (lower(a));',
    backup: "(1, 'x', 'y'), (2, 'B', NULL)",
    live: "(1, NULL, NULL), (3, 'X', NULL), (4, 'b', NULL)",
    effects: { created: 0, updated: 0, skipped: 2 },
    after: ['1 - -', '3 X -', '4 b -'],
  },
  {
    name: 'empty strings are values',
    table: two,
    backup: "(1, 'x', 'y'), (2, '', 'q')",
    live: "(1, '', NULL), (2, NULL, 'q')",
    effects: { created: 0, updated: 2, skipped: 0 },
    after: ['1  y', '2  q'],
  },
  {
    name: 'by choice empty strings are empty',
    table: two,
    empty: true,
    backup: "(1, 'x', 'y'), (2, '', 'q')",
    live: "(1, '', NULL), (2, NULL, 'q')",
    effects: { created: 0, updated: 1, skipped: 1 },
    after: ['1 x y', '2 - q'],
  },
];

it.each(lines)('$name', async ({ table, backup, live, empty = false, effects, after }) => {
  const sides = { backup: `${table} INSERT INTO t VALUES ${backup}`, live: `${table} INSERT INTO t VALUES ${live}` };
  await look(ground, sides, async ({ preview, judged, carryOut, rows }) => {
    const choice = { strategy: 'merge' as const, fillEmptyStrings: empty };
    if (!empty) expect(preview.strategies.merge).toEqual({ ...effects, deleted: 0 });
    expect(await judged(choice)).toEqual([]);
    expect(await carryOut(choice)).toBeNull();
    const found = (await rows()) as { id: number; a: string | null; b: string | null }[];
    expect(found.map(({ id, a, b }) => [id, a ?? '-', b ?? '-'].join(' '))).toEqual(after);
  });
});
