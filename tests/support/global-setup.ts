// One real server for the whole run; tests reach it through tests/support/server.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from './cluster.ts';

export default async function setup(): Promise<() => void> {
  const cluster = await startCluster();
  // libpq's own files of the person who runs the tests must not decide how they end.
  const libpqHome = mkdtempSync(join(tmpdir(), 'howdah-libpq-'));
  Object.assign(process.env, {
    HOWDAH_TEST_PGHOST: cluster.host,
    HOWDAH_TEST_PGPORT: String(cluster.port),
    HOWDAH_TEST_PGUSER: cluster.user,
    HOWDAH_TEST_PGPASSWORD: cluster.password,
    HOWDAH_TEST_PGBIN: cluster.binDirectory,
    HOWDAH_TEST_PGDATA: cluster.dataDirectory,
    HOWDAH_TEST_PGSOCKET: cluster.socketDirectory,
    PGPASSFILE: join(libpqHome, 'pgpass'),
    PGSERVICEFILE: join(libpqHome, 'pg_service.conf'),
    PGSYSCONFDIR: libpqHome,
  });
  for (const name of [
    'PGHOST',
    'PGPORT',
    'PGUSER',
    'PGPASSWORD',
    'PGDATABASE',
    'PGSERVICE',
    'PGOPTIONS',
    'PGSSLMODE',
    'DATABASE_URL',
    'HOWDAH_HOME',
  ]) {
    delete process.env[name];
  }
  return () => {
    cluster.remove();
    rmSync(libpqHome, { recursive: true, force: true });
  };
}
