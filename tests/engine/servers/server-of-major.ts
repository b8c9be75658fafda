// A server of one major with its fitting client programs, an engine that drives it, and stock tools beside.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster, type Cluster } from '../../support/cluster.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { clientsFor, type Major, type OldMajor } from '../../support/majors.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { profileFields, type Profile, type ProfileFields } from '../../../shared/contract/profiles.ts';

export type ServerOfMajor<Of extends Major | OldMajor = Major> = {
  major: Of;
  cluster: Cluster;
  engine: TestEngine;
  /** Of the client programs. */
  client: { major: number; bin: string };
  sql: <Row extends pg.QueryResultRow = pg.QueryResultRow>(database: string, text: string, values?: unknown[]) => Promise<Row[]>;
  profileOf: (database: string, change?: Partial<ProfileFields>) => Promise<Profile>;
  /** Runs a stock program there; gives its standard output. */
  run: (program: string, args: string[], bin?: string) => string;
  /** Writes a dump by the stock pg_dump; gives its path. */
  dump: (database: string, args: string[], bin?: string) => string;
  /** What the stock pg_dump writes of a database, without what is another each time. */
  dumpText: (database: string) => string;
  close: () => Promise<void>;
};

export async function serverOfMajor<Of extends Major | OldMajor>(major: Of): Promise<ServerOfMajor<Of>> {
  const client = clientsFor(major);
  if (client === null) throw new Error(`no client programs for a server of version ${major}`);
  const cluster = await startCluster({ major, settings: { autovacuum: 'off' } });
  const engine = await makeEngine();
  const { host, port, user, password } = cluster;
  const run = (program: string, args: string[], bin = client.bin): string =>
    execFileSync(join(bin, program), args, {
      env: { ...process.env, LC_ALL: 'C', PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  return {
    major,
    cluster,
    engine,
    client,
    async sql<Row extends pg.QueryResultRow>(database: string, text: string, values?: unknown[]): Promise<Row[]> {
      const session = new pg.Client({ host, port, user, password, database });
      await session.connect();
      try {
        const result = (await session.query<Row>(text, values)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
        return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
      } finally {
        await session.end();
      }
    },
    profileOf: (database, change = {}) =>
      engine.client.profiles.create({
        profile: profileFields.parse({
          name: `p${randomBytes(4).toString('hex')}`,
          host,
          port,
          user,
          database,
          sslMode: 'disable',
          clientDirectory: client.bin,
          ...change,
        }),
        password,
      }),
    run,
    dump(database, args, bin) {
      const path = join(temporaryDirectory('dump'), 'dump');
      run('pg_dump', ['-f', path, ...args, '-d', database], bin);
      return path;
    },
    dumpText: (database) => run('pg_dump', ['-d', database]).replaceAll(/^\\(un)?restrict .*$/gm, ''),
    async close() {
      await engine.close();
      cluster.remove();
    },
  };
}
