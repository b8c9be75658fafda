// A real server for each worker, for the whole run; tests reach it through tests/support/server.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from './cluster.ts';
import { clusterVariables } from './cluster-variables.ts';

/** Processes that run tests at the same time. */
export const workers = Number(process.env['HOWDAH_TEST_WORKERS'] ?? Math.min(4, Math.max(2, availableParallelism())));

/** Each project that needs servers calls this; they share them, and the last to leave stops them. */
const shared = globalThis as { howdahServers?: { users: number; stop: Promise<() => void> } };

export default async function setup(): Promise<() => void> {
  const servers = (shared.howdahServers ??= { users: 0, stop: startServers() });
  servers.users += 1;
  const stop = await servers.stop;
  return () => {
    servers.users -= 1;
    if (servers.users > 0) return;
    delete shared.howdahServers;
    stop();
  };
}

async function startServers(): Promise<() => void> {
  const clusters = await Promise.all(Array.from({ length: workers }, () => startCluster()));
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
