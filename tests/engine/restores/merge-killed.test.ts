// kill -9 in the middle of a merge: the target is as before or as promised, the history says which, nothing is left.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StatementMoment } from '../../support/at-statement.ts';
import { testServer } from '../../support/server.ts';
import { thorough } from '../../support/thorough.ts';
import { killRestore } from './kill-restore.ts';
import { dropGround, expectAfterRestart, freshLive, holdUp, prepareGround, type Expected, type Ground } from './merge-ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround(testServer(), async ({ home, request }) => (await killRestore({ home, request, at: null })).statements);
});
beforeEach(() => freshLive(ground));
afterAll(() => dropGround(ground));

const untouched: Expected = { target: 'old', status: ['interrupted'] };
const carriedOut: Expected = { target: 'merged', status: ['interrupted'] };
const commit = ['txid_current', '^commit$'];

it.each<[string, StatementMoment, Expected]>([
  ['as the rows of the backup are staged', { when: 'before', statements: ['create unlogged table', '^copy '] }, untouched],
  ['right before its COMMIT', { when: 'before', statements: commit }, untouched],
  ['as its COMMIT is on the way', { when: 'sent', statements: commit }, { ...untouched, target: 'one or the other' }],
  ['once it is committed, before that is on record', { when: 'answered', statements: commit }, carriedOut],
])('a merge killed %s leaves nothing half-done', async (_, at, expected) => {
  expect(await killRestore({ ...ground, at })).toMatchObject({ killed: true });
  await expectAfterRestart(ground, expected);
});

it.each(['waits for its locks', 'writes the rows'] as const)('a merge killed while it %s leaves nothing half-done', async (where) => {
  const held = await holdUp(ground, where);
  expect(await killRestore({ ...ground, at: null }, held.reached)).toMatchObject({ killed: true });
  await held.letGo();
  await expectAfterRestart(ground, untouched);
});

describe.runIf(thorough)('at any statement', () => {
  it.each(Array.from({ length: 20 }, (_, n) => n))('a merge killed in its %i. twentieth leaves nothing half-done', async (n) => {
    const at = 1 + Math.floor((ground.statements * (n + Math.random())) / 20);
    const { killed } = await killRestore({ ...ground, at });
    await expectAfterRestart(ground, { target: 'one or the other', status: killed ? ['interrupted', 'succeeded'] : ['succeeded'] });
  });
});
