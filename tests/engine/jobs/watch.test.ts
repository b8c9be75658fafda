import { expect, test } from 'vitest';
import type { JobEvent } from '../../../shared/contract/jobs.ts';
import { makeEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase } from '../../support/server.ts';

test('a watcher sees every line once, in order, and the end; a second one begins where it is told', async () => {
  const engine = await makeEngine();
  const database = await createDatabase('create table t (a int)');
  const profile = await engine.addProfile({ database });
  const { jobId } = await engine.client.backups.start({
    profileId: profile.id,
    options: {
      compression: 'auto',
      quick: false,
      excludeTableData: [],
      schemas: [],
      tables: [],
      globals: false,
      label: '',
      deepVerify: false,
    },
  });
  const seen: JobEvent[] = [];
  for await (const event of await engine.client.jobs.watch({ id: jobId })) seen.push(event);
  const lines = seen.flatMap((event) => (event.kind === 'log' ? [event.line.sequence] : []));
  expect(lines.length).toBeGreaterThan(5);
  expect(lines).toEqual(lines.map((_, index) => index + 1));
  expect(seen.at(-1)).toMatchObject({ kind: 'job', job: { status: 'succeeded' } });
  const later: number[] = [];
  for await (const event of await engine.client.jobs.watch({ id: jobId, afterSequence: 3 }))
    if (event.kind === 'log') later.push(event.line.sequence);
  expect(later).toEqual(lines.slice(3));
  await engine.close();
  await dropDatabase(database);
});

test('what another process does is seen through the catalog', async () => {
  const one = await makeEngine();
  const two = await makeEngine({ home: one.home });
  const database = await createDatabase('create table t (a int)');
  const profile = await one.addProfile({ database });
  const leaving = new AbortController();
  const titles = new Set<string>();
  const watching = (async () => {
    for await (const job of await two.client.jobs.watchAll(undefined, { signal: leaving.signal })) {
      titles.add(job.title);
      if (job.status === 'succeeded') leaving.abort();
    }
  })();
  await one.backUpWell(profile.id);
  await watching.catch((thrown: unknown) => {
    if (!leaving.signal.aborted) throw thrown;
  });
  expect([...titles]).toEqual([`Backup of ${database} on ${profile.name}`]);
  await two.close();
  await one.close();
  await dropDatabase(database);
});
