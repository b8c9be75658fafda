// The server is stopped in the middle of a merge: the target is as before or as promised, the history says which.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { atStatement, type StatementMoment } from '../../support/at-statement.ts';
import { startCluster, type Cluster } from '../../support/cluster.ts';
import { makeEngine } from '../../support/engine.ts';
import {
  breakHeld,
  expectAfterRestart,
  freshLive,
  mergeWell,
  prepareGround,
  startMerge,
  type Expected,
  type Ground,
} from './merge-ground.ts';

let cluster: Cluster;
let ground: Ground;
beforeAll(async () => {
  cluster = await startCluster({ settings: { synchronous_commit: 'off' }, durable: true });
  ground = await prepareGround(cluster, mergeWell);
});
beforeEach(() => freshLive(ground));
afterAll(() => cluster.remove());

const untouched: Expected = { target: 'old', status: ['failed'] };
const commit = ['txid_current', '^commit$'];
const restart = (mode: 'immediate' | 'fast') => (): void => {
  cluster.stop(mode);
  cluster.start();
};

it.each<[string, StatementMoment, 'immediate' | 'fast', Expected]>([
  ['stopped as the rows of the backup are staged', { when: 'answered', statements: ['create unlogged table'] }, 'fast', untouched],
  ['crashing as the rows of the backup are staged', { when: 'answered', statements: ['create unlogged table'] }, 'immediate', untouched],
  [
    'crashing as its COMMIT is on the way',
    { when: 'sent', statements: commit },
    'immediate',
    { target: 'one or the other', status: ['failed', 'succeeded'] },
  ],
  ['crashing once it is committed', { when: 'answered', statements: commit }, 'immediate', { target: 'merged', status: ['succeeded'] }],
])('a merge with the server %s is told as what it is', async (_, moment, mode, expected) => {
  const engine = await makeEngine({ home: ground.home });
  const came = atStatement(moment, restart(mode));
  const { jobId } = await startMerge(engine, ground);
  await engine.ended(jobId);
  expect(came()).toBe(true);
  await engine.close();
  await expectAfterRestart(ground, expected);
});

it.each(['fast', 'immediate'] as const)(
  'a merge whose server stops (%s) while it writes the rows fails and leaves the target as it was',
  async (mode) => {
    await breakHeld(ground, 'writes the rows', restart(mode));
    await expectAfterRestart(ground, untouched);
  },
);
