// docs/preview.md, "When two values are the same": line by line.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverNeeds } from './server-types.ts';
import { groundForFile, previewSituations, type Situation, type Situations } from './situations.ts';

const needs = await serverNeeds();
const ground = groundForFile();

const icu = "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);";
type Line = [type: string, backup: string, live: string, setup?: string];
const different: Line[] = [
  ['numeric', "'1.0'", "'1.00'"],
  ['numeric', "'NaN'", "'0'"],
  ['float8', "'-0'", "'0'"],
  ['float4', "'-0'", "'0'"],
  ['float8', "'0.1'", "'0.10000000000000002'"],
  ['interval', "'1 day'", "'24:00:00'"],
  ['interval', "'1 mon'", "'30 days'"],
  ['json', `'{"a":1}'`, `'{"a": 1}'`],
  ['json', `'{"a":1,"b":2}'`, `'{"b":2,"a":1}'`],
  ['jsonb', `'{"a":1.0}'`, `'{"a":1.00}'`],
  ['jsonb', "'null'", 'NULL'],
  ['xml', "'<a/>'", "'<a></a>'"],
  ['point', "'(1,2)'", "'(1.0000000001,2)'"],
  ['polygon', "'((0,0),(1,0),(1,1))'", "'((1,0),(1,1),(0,0))'"],
  ['polygon', "'((0,0),(1,0))'", 'NULL'],
  ['text', "''", 'NULL'],
  ['text', "'a'", "'a '"],
  ['text', "'NULL'", 'NULL'],
  ['text', "E'\\\\N'", 'NULL'],
  ['text[]', "'{NULL}'", `'{"NULL"}'`],
  ['int[]', "'{1,2}'", "'[0:1]={1,2}'"],
  ['bytea', "'\\x00'", "'\\x'"],
  ['bit varying', "'0'", "'00'"],
  ['inet', "'10.0.0.1'", "'10.0.0.1/8'"],
  ['timestamptz', "'2024-03-31 02:00+00'", "'2024-03-31 02:00+01'"],
  ['citext', "'A'", "'a'"],
  ['text COLLATE caseless', "'A'", "'a'", icu],
  ['pair', "'(1,)'", `'(1,"")'`, 'CREATE TYPE pair AS (a int, b text);'],
  ['pair', "'(,)'", 'NULL', 'CREATE TYPE pair AS (a int, b text);'],
];
const same: Line[] = [
  ['float8', "'NaN'", "'NaN'"],
  ['numeric', "'NaN'", "'NaN'"],
  ['numeric(8,2)', "'1'", "'1.00'"],
  ['float8', "'-0'", "'-0'"],
  ['interval', "'24 hours'", "'1440 minutes'"],
  ['json', `'{"a": 1}'`, `'{"a": 1}'`],
  ['jsonb', `'{"a":1,"b":2}'`, `'{"b": 2, "a": 1}'`],
  ['xml', "'<a/>'", "'<a/>'"],
  ['point', "'(1,2)'", "'( 1.0 , 2 )'"],
  ['polygon', "'((0,0),(1,1))'", "'(0,0),(1,1)'"],
  ['timestamptz', "'2024-03-31 02:00+02'", "'2024-03-31 00:00+00'"],
  ['char(3)', "'a'", "'a  '"],
  ['text', 'NULL', 'NULL'],
  ['xml', 'NULL', 'NULL'],
  ['uuid', "'A0000000-0000-4000-8000-000000000001'", "'a0000000-0000-4000-8000-000000000001'"],
];
const can = ([type]: Line): boolean =>
  (!type.includes('caseless') || needs.has('icu')) && (type !== 'xml' || needs.has('xml')) && (type !== 'citext' || needs.has('citext'));
const table = (type: string, value: string, setup = ''): string =>
  `${setup} CREATE TABLE t (id int PRIMARY KEY, v ${type}); INSERT INTO t VALUES (1, ${value});`;
const named = (lines: Line[], verb: string): Record<string, Situation> =>
  Object.fromEntries(
    lines
      .filter(can)
      .map(([type, backup, live, setup]) => [
        `${type}: ${backup} ${verb} ${live}`,
        { backup: table(type, backup, setup), live: table(type, live, setup) },
      ]),
  );
const differing = named(different, 'is not');
const equal = named(same, 'is');
const wholeRows = (values: string): string => `CREATE TABLE t (a numeric, b json, c point); INSERT INTO t VALUES ${values};`;
const withoutKey = {
  backup: wholeRows(`(1.0, '{}', '(0,0)'), (1, '{ }', NULL), ('NaN', NULL, NULL)`),
  live: wholeRows(`(1.00, '{}', '(0,0)'), (1, '{ }', NULL), ('NaN', NULL, NULL)`),
};

describe('when two values are the same value', () => {
  let values: Situations;
  beforeAll(async () => {
    const setup = needs.has('citext') ? 'CREATE EXTENSION citext' : '';
    values = await previewSituations(ground(), { ...differing, ...equal, 'without a key': withoutKey }, setup);
  }, 240_000);
  afterAll(() => values.remove());

  it.each(Object.keys(differing))('%s', (name) => {
    expect(values.of(name).table()).toMatchObject({ rows: 1, identical: 0, conflicts: 1, conflictsByColumn: { v: 1 } });
  });

  it.each(Object.keys(equal))('%s', (name) => {
    expect(values.of(name).table()).toMatchObject({ rows: 1, identical: 1, conflicts: 0 });
  });

  it('whole rows of tables without a key are the same where their values are', () => {
    expect(values.of('without a key').table()).toMatchObject({ rows: 3, identical: 2, new: 1, liveOnly: 1, key: { kind: 'wholeRow' } });
  });
});

it('settings of the two databases make no value another', async () => {
  const settings = (zone: string, style: string, digits: number): string =>
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''${zone}''', current_database()); EXECUTE format('ALTER DATABASE %I SET DateStyle = ''${style}''', current_database()); EXECUTE format('ALTER DATABASE %I SET extra_float_digits = ${digits}', current_database()); EXECUTE format('ALTER DATABASE %I SET IntervalStyle = ''iso_8601''', current_database()); EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database()); END $$;`;
  const table = `CREATE TABLE t (id int PRIMARY KEY, a timestamptz, b date, c float8, d interval, e bytea, f timestamptz[]);
    INSERT INTO t VALUES (1, '2024-03-31 01:30+00', '2024-02-03', 0.30000000000000004, '1 day 2 hours', '\\x5c00', '{2024-01-01 00:00+00}')`;
  const both = await previewSituations(ground(), {
    settings: {
      backup: `${settings('Asia/Tokyo', 'German', 0)}${table}`,
      live: `${settings('America/New_York', 'SQL, DMY', -3)}${table}`,
    },
  });
  try {
    expect(both.of('settings').table()).toMatchObject({ rows: 1, identical: 1 });
  } finally {
    await both.remove();
  }
});
