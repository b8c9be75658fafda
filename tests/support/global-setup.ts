// A real server for each worker, for the whole run; tests reach it through tests/support/server.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, type Cluster } from './cluster.ts';
import { clusterVariables } from './cluster-variables.ts';

/** Processes that run tests at the same time. */
export const workers = 2;

export default async function setup(): Promise<() => void> {
  const clusters: Cluster[] = [];
  for (let worker = 0; worker < workers; worker += 1) clusters.push(await startCluster());
  // libpq's own files of the person who runs the tests must not decide how they end.
  const libpqHome = mkdtempSync(join(tmpdir(), 'howdah-libpq-'));
  Object.assign(process.env, {
    HOWDAH_TEST_SERVERS: JSON.stringify(clusters.map(clusterVariables)),
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
    for (const cluster of clusters) cluster.remove();
    rmSync(libpqHome, { recursive: true, force: true });
  };
}
