// Rows are counted for as long as it takes, at a server that is there; one that says nothing at all is not waited for.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followDump, type DumpProgress } from '../../../electron/engine/backups/progress.ts';
import { whileAnswering } from '../../../electron/engine/backups/write-dump.ts';
import type { JobRun } from '../../../electron/engine/jobs/jobs.ts';
import { connect, type Session } from '../../../electron/engine/postgres/connection.ts';
import type { Target } from '../../../electron/engine/postgres/target.ts';
import { testServer } from '../../support/server.ts';
import { makeSilentDoor, type SilentDoor } from '../../support/silent-door.ts';
import { until } from '../../support/wait.ts';

let door: SilentDoor;
let target: Target;
let session: Session;
let progress: DumpProgress;
const over = new AbortController();
beforeEach(async () => {
  door = await makeSilentDoor();
  const { user, password } = testServer();
  const files = { sslRootCert: '', sslCert: '', sslKey: '' };
  target = { host: door.host, port: door.port, user, password, database: 'postgres', sslMode: 'disable', ...files };
  session = await connect(target);
  const job: Pick<JobRun, 'applicationName' | 'signal' | 'log' | 'progress'> = {
    applicationName: 'howdah job_silent',
    signal: over.signal,
    log: () => undefined,
    progress: () => undefined,
  };
  progress = followDump(job as JobRun, target, 15, []);
});
afterEach(async () => {
  over.abort();
  await progress.stop();
  await session.end();
  await door.close();
});

test('a long count goes on while the server answers others, and ends when it falls silent', async () => {
  const long = await whileAnswering(session.query('select 5 as n, pg_sleep(4)'), progress, 2, target);
  expect(long.rows).toMatchObject([{ n: 5 }]);
  await until('it is followed', () => progress.answers() > 0);
  const counting = session.query('select pg_sleep(600)');
  counting.catch(() => undefined);
  door.fallSilent();
  await expect(whileAnswering(counting, progress, 2, target)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});
