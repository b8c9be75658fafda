// Whole jobs and runs at a real server that falls silent: a cancel ends them, and so does the program's end.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { backupOptions } from '../../../shared/contract/backups.ts';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, dropDatabase } from '../../support/server.ts';
import { makeSilentDoor, type SilentDoor } from '../../support/silent-door.ts';
import { until } from '../../support/wait.ts';

let database: string;
let door: SilentDoor;
let one: TestEngine;
beforeAll(async () => {
  database = await createDatabase('create table held (a int); insert into held select generate_series(1, 1000)');
});
afterAll(() => dropDatabase(database));
beforeEach(async () => {
  door = await makeSilentDoor();
  one = await makeEngine();
});
afterEach(async () => {
  await one.close().catch(() => undefined); // one of them is closed by its test
  await door.close();
});

const profile = () => one.addProfile({ host: door.host, port: door.port, database });

test('a backup at a server that lets in and then says nothing is cancelled at once', async () => {
  const { id } = await profile();
  door.fallSilentWhenAsked();
  const { jobId, backupId } = await one.client.backups.start({ profileId: id, options: backupOptions.parse({}) });
  await until('it was asked', door.isSilent);
  await one.client.jobs.cancel({ id: jobId });
  expect(await one.ended(jobId)).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
  expect(await one.client.backups.get({ id: backupId })).toMatchObject({ status: 'cancelled' });
});

test('the program ends although its backup waits for a silent server', async () => {
  const { id } = await profile();
  door.fallSilentWhenAsked();
  const { jobId } = await one.client.backups.start({ profileId: id, options: backupOptions.parse({}) });
  await until('it was asked', door.isSilent);
  await one.engine.close();
  const next = await makeEngine({ home: one.home });
  const { status } = await next.client.jobs.get({ id: jobId });
  await next.close();
  expect(['cancelled', 'interrupted']).toContain(status);
});

test('a scheduled run that asks a silent server for its databases is cancelled', async () => {
  const { id } = await profile();
  const schedule = await one.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'all of them',
      task: { kind: 'backup', profileId: id, databases: { kind: 'all', except: [] } },
      when: { kind: 'daily', time: '02:00' },
      timeZone: 'UTC',
    }),
  });
  door.fallSilentWhenAsked();
  const run = await one.client.schedules.run({ id: schedule.id });
  await until('it was asked', door.isSilent);
  await one.client.schedules.cancelRun({ id: run.id });
  const ended = await until('the run ends', async () => {
    const now = await one.client.schedules.getRun({ id: run.id });
    return now.state === 'running' ? null : now;
  });
  expect(ended).toMatchObject({ state: 'cancelled', reason: 'by-user' });
});

test('a server that falls silent in the middle of a dump does not keep a cancelled backup', async () => {
  const { id } = await profile();
  const holder = await connect(database);
  holder.on('error', () => undefined);
  await holder.query('begin; lock table held in access exclusive mode');
  try {
    const { jobId } = await one.client.backups.start({ profileId: id, options: backupOptions.parse({}) });
    await until('pg_dump waits for the lock', async () => {
      const job = await one.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.length > 0;
    });
    door.fallSilent();
    await one.client.jobs.cancel({ id: jobId });
    expect(await one.ended(jobId)).toMatchObject({ status: 'cancelled' });
    const left = readdirSync(one.home, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.partial'))).toEqual([]);
  } finally {
    await holder.query('rollback');
    await holder.end();
  }
});
