import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { databaseArgument, libpqEnvironment, resolveTarget } from '../../../electron/engine/postgres/target.ts';
import { temporaryDirectory } from '../../support/home.ts';

const fields = (given: object) => profileFields.parse({ name: 'x', ...given });

test('fields win over the service, the service over PG* variables, these over defaults', () => {
  const file = join(temporaryDirectory('service'), 'pg_service.conf');
  writeFileSync(
    file,
    '# comment\n[other]\nhost=no\n\n[prod]\nhost = service-host\nport=6000\ndbname=service-db\npassword=service-password\nsslmode=require\n[after]\nuser=no\n',
  );
  const env = { PGSERVICEFILE: file, PGHOST: 'env-host', PGUSER: 'env-user', PGDATABASE: 'env-db' };
  expect(resolveTarget(fields({ service: 'prod', database: 'own-db' }), null, env)).toMatchObject({
    host: 'service-host',
    port: 6000,
    user: 'env-user',
    database: 'own-db',
    password: 'service-password',
    sslMode: 'require',
  });
  expect(resolveTarget(fields({}), 'pw', env)).toMatchObject({ host: 'env-host', port: 5432, database: 'env-db', password: 'pw' });
  expect(resolveTarget(fields({ host: 'h' }), null, {})).toMatchObject({ user: userInfo().username, database: userInfo().username });
  expect(resolveTarget(fields({}), null, { PGSERVICE: 'prod', PGSERVICEFILE: file }).host).toBe('service-host');
});

test('a service that no file defines is told by name', () => {
  expect(() =>
    resolveTarget(fields({ service: 'nowhere' }), null, { PGSERVICEFILE: '/nonexistent', PGSYSCONFDIR: '/nonexistent' }),
  ).toThrowError(expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringContaining('nowhere') }));
});

test('a database name is never read as a connection string', () => {
  expect(databaseArgument("host=evil dbname=x'\\")).toBe("dbname='host=evil dbname=x\\'\\\\'");
});

test('children inherit no other way to a server', () => {
  const env = libpqEnvironment(resolveTarget(fields({ host: 'h', database: 'd', user: 'u' }), 'secret', {}), 'howdah job_x');
  expect(env).toMatchObject({ PGHOST: 'h', PGDATABASE: 'd', PGPASSWORD: 'secret', PGAPPNAME: 'howdah job_x' });
  for (const name of ['PGSERVICE', 'PGHOSTADDR', 'PGOPTIONS']) expect(env).toHaveProperty(name, undefined);
});
