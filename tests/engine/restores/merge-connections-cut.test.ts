// The connections of a merge are cut: the target is as before or as promised, the history says which, nothing is left.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { atStatement, type StatementMoment } from '../../support/at-statement.ts';
import { makeEngine } from '../../support/engine.ts';
import { testServer } from '../../support/server.ts';
import {
  breakHeld,
  cutConnections,
  dropGround,
  expectAfterRestart,
  freshLive,
  mergeWell,
  prepareGround,
  startMerge,
  type Expected,
  type Ground,
} from './merge-ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround(testServer(), mergeWell);
});
beforeEach(() => freshLive(ground));
afterAll(() => dropGround(ground));

const untouched: Expected = { target: 'old', status: ['failed'] };
const commit = ['txid_current', '^commit$'];

it.each<[string, StatementMoment, Expected]>([
  ['as the rows of the backup are staged', { when: 'answered', statements: ['create unlogged table'] }, untouched],
  ['right before its COMMIT', { when: 'before', statements: commit }, untouched],
  ['as its COMMIT is on the way', { when: 'sent', statements: commit }, { target: 'one or the other', status: ['failed', 'succeeded'] }],
  ['once it is committed', { when: 'answered', statements: commit }, { target: 'merged', status: ['succeeded'] }],
])('a merge whose connections are cut %s is told as what it is', async (_, moment, expected) => {
  const engine = await makeEngine({ home: ground.home });
  const cuts: Promise<unknown>[] = [];
  const came = atStatement(moment, () => {
    const cut = cutConnections(ground);
    cuts.push(cut);
    return cut;
  });
  const { jobId } = await startMerge(engine, ground);
  await engine.ended(jobId);
  expect(came()).toBe(true);
  await Promise.all(cuts);
  await engine.close();
  await expectAfterRestart(ground, expected);
});

it.each(['waits for its locks', 'writes the rows'] as const)(
  'a merge whose connections are cut while it %s fails and leaves the target as it was',
  async (where) => {
    await breakHeld(ground, where, () => cutConnections(ground));
    await expectAfterRestart(ground, untouched);
  },
);
