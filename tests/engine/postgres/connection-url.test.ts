import { expect, test } from 'vitest';
import { parseConnectionString } from '../../../electron/engine/postgres/connection-url.ts';

test('a URL is read whole, with its percent-encoding', () => {
  const { profile, password, suggestedName } = parseConnectionString(
    'postgresql://ann%40corp:p%3Aa%2Fs%40s@db.example.com:6543/my%20shop?sslmode=verify-full&sslrootcert=/etc/ca.pem',
  );
  expect(profile).toMatchObject({
    user: 'ann@corp',
    host: 'db.example.com',
    port: 6543,
    database: 'my shop',
    sslMode: 'verify-full',
    sslRootCert: '/etc/ca.pem',
  });
  expect(password).toBe('p:a/s@s');
  expect(suggestedName).toBe('my shop on db.example.com');
});

test.each([
  ['postgres://u:p@ec2-1.compute.amazonaws.com:5432/d8f', { host: 'ec2-1.compute.amazonaws.com', database: 'd8f', user: 'u' }],
  ['DATABASE_URL="postgres://u:p@h/d"', { host: 'h', database: 'd' }],
  ['postgresql:///shop?host=/var/run/postgresql', { host: '/var/run/postgresql', database: 'shop' }],
  ['postgresql://%2Fvar%2Frun%2Fpostgresql/shop', { host: '/var/run/postgresql', database: 'shop' }],
  ['postgresql://[2001:db8::1]:5433/x', { host: '2001:db8::1', port: 5433 }],
  ["host=h dbname='it\\'s' user=u sslmode=require", { host: 'h', database: "it's", user: 'u', sslMode: 'require' }],
  ['service=prod', { service: 'prod' }],
])('%s', (text, fields) => expect(parseConnectionString(text).profile).toMatchObject(fields));

test.each([
  '',
  'hello',
  'mysql://u:secret@h/d',
  'postgresql://u:secret@h:port/d',
  'postgresql://u:secret@h:99999/d',
  'postgresql://u:sec%ret@h/d',
  'postgresql://u:secret@h/d?sslmode=maybe',
  'postgresql://a:secret,b/d',
])('what cannot be read is refused without repeating it: %s', (text) => {
  try {
    parseConnectionString(text);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'BAD_INPUT' });
    expect(String(thrown)).not.toContain('secret');
  }
});
