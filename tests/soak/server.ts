// One PostgreSQL server of the soak, and statements on it.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { needsThat } from '../engine/previews/server-types.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { until } from '../support/wait.ts';

export type SoakServer = {
  major: number;
  cluster: Cluster;
  /** What of the types' needs it has. */
  needs: ReadonlySet<string>;
  /** For the profile; empty: Howdah chooses. */
  clientDirectory: string;
  session: <T>(database: string, work: (client: pg.Client) => Promise<T>) => Promise<T>;
  rows: <Row extends pg.QueryResultRow>(database: string, text: string, values?: unknown[]) => Promise<Row[]>;
  /** Stops it as a crash does, and starts it again. */
  crash: () => void;
};

export async function startServer(major: number, clientDirectory: string): Promise<SoakServer> {
  // What was committed is on record after a crash of the server: the soak remembers it, too.
  const cluster = await startCluster({ major, settings: { synchronous_commit: 'on', full_page_writes: 'on' } });
  const session = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await connected(cluster, database);
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const rows: SoakServer['rows'] = (database, text, values) =>
    session(database, async (client) => {
      const result = await client.query(text, values);
      return result.rows as never[];
    });
  return {
    major,
    cluster,
    needs: await needsOf(session),
    clientDirectory,
    session,
    rows,
    crash() {
      cluster.stop('immediate');
      cluster.start();
    },
  };
}

/** A database whose names are being swapped, or a server that just came back, lets nobody in for a moment. */
async function connected(cluster: Cluster, database: string): Promise<pg.Client> {
  let problem: unknown;
  return await until(`the server of port ${cluster.port} lets the soak into ${database}`, async () => {
    const { host, port, user, password } = cluster;
    const client = new pg.Client({ host, port, user, password, database, application_name: 'soak' });
    // A session that the server ends tells so twice; the failed statement is enough.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      problem = thrown;
      await client.end().catch(() => undefined);
      // No such database: waiting does not help.
      if ((thrown as { code?: unknown }).code === '3D000') throw thrown;
      return null;
    }
  }).catch((thrown: unknown) => {
    throw new Error(`cannot connect to ${database}`, { cause: problem ?? thrown });
  });
}

async function needsOf(session: SoakServer['session']): Promise<ReadonlySet<string>> {
  const probe = `probe_${randomBytes(4).toString('hex')}`;
  await session('postgres', (client) => client.query(`CREATE DATABASE ${probe}`));
  try {
    return await session(probe, (client) => needsThat((statement) => client.query(statement)));
  } finally {
    await session('postgres', (client) => client.query(`DROP DATABASE ${probe}`));
  }
}
