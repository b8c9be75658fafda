import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { profileFields, type ProfileFields } from '../../../shared/contract/profiles.ts';
import { connect, withSession } from '../../../electron/engine/postgres/connection.ts';
import { resolveTarget } from '../../../electron/engine/postgres/target.ts';
import { startCluster, type Cluster } from '../../support/cluster.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';

describe('TLS', () => {
  const folder = temporaryDirectory('tls');
  let cluster: Cluster;
  beforeAll(async () => {
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    for (const name of ['ca', 'other']) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.crt`,
      );
    }
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
    writeFileSync(join(folder, 'ext'), 'subjectAltName=DNS:localhost\n');
    openssl(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'ext',
      '-out',
      'server.crt',
    );
    cluster = await startCluster();
    const owner = statSync(cluster.dataDirectory);
    for (const name of ['server.key', 'server.crt']) {
      const there = join(cluster.dataDirectory, name);
      writeFileSync(there, readFileSync(join(folder, name)));
      chmodSync(there, 0o600);
      chownSync(there, owner.uid, owner.gid);
    }
    writeFileSync(join(cluster.dataDirectory, 'postgresql.auto.conf'), 'ssl = on\n', { flag: 'a' });
    cluster.stop();
    cluster.start();
  });
  afterAll(() => cluster.remove());

  const isEncrypted = async (fields: Partial<ProfileFields>): Promise<boolean | undefined> => {
    const target = resolveTarget(
      profileFields.parse({ name: 'x', host: '127.0.0.1', port: cluster.port, user: cluster.user, database: 'postgres', ...fields }),
      cluster.password,
      {},
    );
    return withSession(
      target,
      async (session) => (await session.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows[0]?.ssl,
    );
  };

  test.each([
    ['disable', '127.0.0.1', '', false],
    ['allow', '127.0.0.1', '', false],
    ['prefer', '127.0.0.1', '', true],
    ['require', '127.0.0.1', '', true],
    ['verify-ca', '127.0.0.1', 'ca.crt', true],
    ['verify-full', 'localhost', 'ca.crt', true],
  ] as const)('sslmode %s to %s', async (sslMode, host, root, encrypted) => {
    expect(await isEncrypted({ sslMode, host, sslRootCert: root === '' ? '' : join(folder, root) })).toBe(encrypted);
  });

  test.each([
    ['verify-ca', 'localhost', 'other.crt', 'a certificate of somebody else'],
    ['verify-full', '127.0.0.1', 'ca.crt', 'a certificate for another name'],
    ['require', 'localhost', 'other.crt', 'a root certificate that is given is used'],
  ] as const)('sslmode %s to %s with %s is refused: %s', async (sslMode, host, root, _why) => {
    await expect(isEncrypted({ sslMode, host, sslRootCert: join(folder, root) })).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });
});

test('a password in a pgpass file is found', async () => {
  const server = testServer();
  const file = join(temporaryDirectory('pgpass'), 'pgpass');
  writeFileSync(file, `${server.host}:${server.port}:*:${server.user}:${server.password}\n`, { mode: 0o600 });
  const before = process.env['PGPASSFILE'];
  process.env['PGPASSFILE'] = file;
  try {
    const target = resolveTarget(
      profileFields.parse({ name: 'x', host: server.host, port: server.port, user: server.user, database: 'postgres' }),
      null,
      {},
    );
    expect(target.password).toBeNull();
    expect(await withSession(target, async (session) => (await session.query('select 1 as one')).rows)).toEqual([{ one: 1 }]);
  } finally {
    if (before === undefined) delete process.env['PGPASSFILE'];
    else process.env['PGPASSFILE'] = before;
  }
});

test('a server that goes away is told as a lost connection, and does not end the program', async () => {
  const cluster = await startCluster();
  try {
    const target = resolveTarget(
      profileFields.parse({ name: 'x', host: '127.0.0.1', port: cluster.port, user: cluster.user, database: 'postgres' }),
      cluster.password,
      {},
    );
    const watcher = await connect(target);
    const lost = withSession(target, (session) => session.query('select pg_sleep(60)'), 'howdah sleeper');
    const outcome = lost.then(
      () => 'no error',
      (thrown: unknown) => thrown,
    );
    await until(
      'the session to sleep',
      async () =>
        ((await watcher.query("select from pg_stat_activity where application_name = 'howdah sleeper' and wait_event = 'PgSleep'"))
          .rowCount ?? 0) > 0,
    );
    await watcher.end();
    cluster.stop('immediate');
    expect(await outcome).toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(connect(target)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  } finally {
    cluster.remove();
  }
});
