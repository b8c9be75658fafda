// docs/preview.md, "Merge": what is filled, what is left as it is, what is not added.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Judgement } from '../../../shared/contract/previews.ts';
import { groundForFile, previewSituations, type Situations } from './situations.ts';

const ground = groundForFile();

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
    name: 'empty strings are values: they are not filled, and fill',
    table: two,
    backup: "(1, 'x', 'y'), (2, '', 'q')",
    live: "(1, '', NULL), (2, NULL, 'q')",
    effects: { created: 0, updated: 2, skipped: 0 },
    after: ['1  y', '2  q'],
  },
  {
    name: 'empty strings are empty by choice',
    table: two,
    empty: true,
    backup: "(1, 'x', 'y'), (2, '', 'q')",
    live: "(1, '', NULL), (2, NULL, 'q')",
    effects: { created: 0, updated: 1, skipped: 1 },
    after: ['1 x y', '2 - q'],
  },
];

describe.each([
  ['merge', false],
  ['merge that fills empty strings', true],
])('%s', (_, fillEmptyStrings) => {
  const members = lines.filter(({ empty = false }) => empty === fillEmptyStrings);
  const judgements: Record<string, Judgement> = {};
  let all: Situations;
  beforeAll(async () => {
    all = await previewSituations(
      ground(),
      Object.fromEntries(
        members.map(({ name, table, backup, live }) => [
          name,
          { backup: `${table} INSERT INTO t VALUES ${backup}`, live: `${table} INSERT INTO t VALUES ${live}` },
        ]),
      ),
    );
    for (const { name } of members) judgements[name] = await all.of(name).judge('merge', fillEmptyStrings);
    await all.carryOutTogether(Object.fromEntries(members.map(({ name }) => [name, 'merge'])), fillEmptyStrings);
  }, 240_000);
  afterAll(() => all.remove());

  it.each(members)('$name', async ({ name, effects, after }) => {
    const { schema, table, rows } = all.of(name);
    const judged = judgements[name];
    if (!fillEmptyStrings) expect(table().strategies.merge).toEqual({ ...effects, deleted: 0 });
    expect(judged?.blockers).toEqual([]);
    expect(judged?.tables.find((one) => one.schema === schema)?.effects).toEqual({ ...effects, deleted: 0 });
    const found = (await rows()) as { id: number; a: string | null; b: string | null }[];
    expect(found.map(({ id, a, b }) => [id, a ?? '-', b ?? '-'].join(' '))).toEqual(after);
  });
});
