import { describe, expect, it } from 'vitest';
import { likeStatements, type DatabaseProperties } from '../../../electron/engine/restores/database-properties.ts';
import { withSuffix } from '../../../electron/engine/restores/database-names.ts';
import { judgeStatement } from '../../../electron/engine/restores/judge-statement.ts';

describe('withSuffix', () => {
  it.each(['shop', 'n'.repeat(63), '🐘'.repeat(15), 'ä'.repeat(31)])('keeps %s within 63 bytes and never cuts a character', (name) => {
    const made = withSuffix(name, '_before_20261120_222705');
    expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
    expect(made.endsWith('_before_20261120_222705')).toBe(true);
    expect(name.startsWith(made.replace('_before_20261120_222705', ''))).toBe(true);
    expect(made).not.toContain('\uFFFD');
  });
});

describe('judgeStatement', () => {
  it.each([
    ['create database x;', 'leaveOut'],
    ['-- hm\n/* /* */ */ DROP DATABASE IF EXISTS x', 'leaveOut'],
    ['ALTER DATABASE x SET search_path = a', 'leaveOut'],
    ['GRANT CONNECT ON DATABASE x TO y', 'leaveOut'],
    ['CREATE ROLE r', 'leaveOut'],
    ['GRANT a TO b', 'leaveOut'],
    ['GRANT SELECT ON t TO b', 'run'],
    ['CREATE USER MAPPING FOR x SERVER y', 'run'],
    ["COPY t TO PROGRAM 'sh'", 'refuse'],
    ["copy t (a) from '/etc/passwd'", 'refuse'],
    ["COPY (select ' from stdin') TO '/tmp/x'", 'refuse'],
    ['BEGIN;', 'transaction'],
    ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'transaction'],
    ['COMMIT', 'transaction'],
    ["COMMENT ON TABLE t IS 'begin'", 'run'],
    ["SET client_encoding = 'LATIN1';", 'encoding'],
    ['SET transaction_timeout = 0;', 'parameter'],
    ['DROP TABLE t', 'drop'],
    ['ALTER TABLE ONLY a.t DROP CONSTRAINT c;', 'drop'],
    ['ALTER TABLE "a DROP b" ADD c int', 'run'],
    ['ALTER TABLE t OWNER TO x', 'run'],
  ])('%s: %s', (text, kind) => {
    expect(judgeStatement(text, false).kind).toBe(kind);
  });

  it.each([
    'ALTER TABLE a.t OWNER TO x;',
    'GRANT ALL ON SCHEMA s TO x',
    'REVOKE ALL ON t FROM PUBLIC',
    'SET SESSION AUTHORIZATION x',
    'ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y',
  ])('leaves out ownership where asked: %s', (text) => {
    expect(judgeStatement(text, true)).toEqual({ kind: 'leaveOut', why: null });
  });
});

it('writes settings back as ALTER DATABASE takes them', () => {
  const like: DatabaseProperties = {
    oid: 1,
    owner: 'o',
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
    provider: 'c',
    locale: null,
    icuRules: null,
    tablespace: 'pg_default',
    connectionLimit: -1,
    isTemplate: false,
    allowsConnections: true,
    comment: null,
    grants: null,
    settings: [
      { role: null, setting: 'search_path="$user", "odd, one", public' },
      { role: 'r"x', setting: "app.note=it's, all" },
      { role: null, setting: 'search_path=""' },
    ],
  };
  const statements = likeStatements('d"b', like);
  expect(statements).toContain(`alter database "d""b" set "search_path" to '$user', 'odd, one', 'public'`);
  expect(statements).toContain(`alter role "r""x" in database "d""b" set "app"."note" to 'it''s, all'`);
  expect(statements).toContain(`alter database "d""b" set "search_path" to ''`);
});
