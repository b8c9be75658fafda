// A home with something on every page: profiles with long names, a backup that went well and one that failed, a restore
// that can be undone, a channel that cannot be reached.
import { createDatabase, dropDatabase } from '../../support/server.ts';
import { startSession } from '../session.ts';

export type UsedHome = Awaited<ReturnType<typeof startUsedHome>>;

export async function startUsedHome() {
  const session = await startSession();
  const database = await createDatabase(`
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id int PRIMARY KEY); INSERT INTO sales.orders SELECT generate_series(1, 50);
    CREATE TABLE access_log (at timestamptz); CREATE TABLE customers (id int PRIMARY KEY)`);
  const profile = await session.addProfile({ name: 'Live', database, environment: 'production', colour: '#e03131' });
  const other = await session.addProfile({
    name: 'A very long profile name that somebody gave it in a hurry on a Friday',
    database,
    environment: 'staging',
  });
  const broken = await session.addProfile({ name: 'Broken', database, port: 1 });
  const backupId = (await session.backUp(profile.id, { label: 'before the release', globals: true })).id;
  const failed = await session.rest<{ jobId: string; backupId: string }>('POST', '/backups', { profileId: broken.id, options: {} });
  await session.ended(failed.jobId);
  const copy = await createDatabase('CREATE TABLE old (a int)');
  const started = await session.rest<{ jobId: string; restoreId: string }>('POST', '/restores', {
    source: { kind: 'backup', id: backupId },
    profileId: other.id,
    database: copy,
    confirm: copy,
  });
  await session.ended(started.jobId);
  await session.rest('POST', '/messages/channels', {
    channel: { name: 'DBAs on call, whose channel somebody gave a very long name', target: { kind: 'webhook' } },
    secret: { url: 'http://127.0.0.1:9/nobody-listens' },
  });
  return {
    session,
    profileId: profile.id,
    backupId,
    failedId: failed.backupId,
    restoreId: started.restoreId,
    close: async (): Promise<void> => {
      await session.close();
      await dropDatabase(copy);
    },
  };
}
