import type { Cluster } from './cluster.ts';

/** How tests/support/server.ts finds a cluster: in the environment. */
export const clusterVariables = (cluster: Cluster): Record<string, string> => ({
  HOWDAH_TEST_PGHOST: cluster.host,
  HOWDAH_TEST_PGPORT: String(cluster.port),
  HOWDAH_TEST_PGUSER: cluster.user,
  HOWDAH_TEST_PGPASSWORD: cluster.password,
  HOWDAH_TEST_PGBIN: cluster.binDirectory,
  HOWDAH_TEST_PGDATA: cluster.dataDirectory,
  HOWDAH_TEST_PGSOCKET: cluster.socketDirectory,
});
