// docs/preview.md, "What blocks": values of the backup that the live column would refuse, cut, round or read otherwise.
import { strategies } from '../../../shared/contract/previews.ts';
import { testBlockers } from './blocking.ts';
import type { Situation } from './situations.ts';

const lines: (Situation & { name: string })[] = [
  {
    name: 'a text longer than the column',
    backup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(9)); INSERT INTO t VALUES (1, '123456789')",
    live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(5))',
  },
  {
    name: 'a number that would be rounded',
    backup: 'CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (1, 1.234)',
    live: 'CREATE TABLE t (id int PRIMARY KEY, v numeric(8,2))',
  },
  {
    name: 'a number that does not fit its type',
    backup: 'CREATE TABLE t (id int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 9007199254740993)',
    live: 'CREATE TABLE t (id int PRIMARY KEY, v int)',
  },
  {
    name: 'a float8 that float4 would change',
    backup: 'CREATE TABLE t (id int PRIMARY KEY, v float8); INSERT INTO t VALUES (1, 0.1234567890123)',
    live: 'CREATE TABLE t (id int PRIMARY KEY, v float4)',
  },
  {
    name: 'a time of day that date would cut',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 10:00:00')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v date)',
  },
  {
    name: 'a text that name would cut',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, repeat('x', 70))`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v name)',
  },
  {
    name: 'a numeric that float8 would round',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v numeric); INSERT INTO t VALUES (1, 1.00000000000000000001)`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v float8)',
  },
  {
    name: 'a bigint that float8 would round',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 9007199254740993)`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v float8)',
  },
  {
    name: 'an instant whose zone timestamp would drop',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamptz); INSERT INTO t VALUES (1, '2024-01-01 10:00:00+03')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamp)',
  },
  {
    name: 'a local time that timestamptz would take for one of the session',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 10:00:00')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamptz)',
  },
  {
    name: 'an interval whose seconds would be rounded',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v interval); INSERT INTO t VALUES (1, '1.5 seconds')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v interval(0))',
  },
  {
    name: 'bits that are too many',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v bit varying(8)); INSERT INTO t VALUES (1, '10101')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v bit varying(3))',
  },
  {
    name: 'texts in an array that are too long',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v text[]); INSERT INTO t VALUES (1, '{abcdef}')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(3)[])',
  },
  {
    name: 'json whose doubled key jsonb would drop',
    backup: `CREATE TABLE t (id int PRIMARY KEY, v json); INSERT INTO t VALUES (1, '{"a":1,"a":2}')`,
    live: 'CREATE TABLE t (id int PRIMARY KEY, v jsonb)',
  },
  {
    name: 'microseconds that timestamp(0) would round',
    backup: "CREATE TABLE t (id int PRIMARY KEY, v timestamp); INSERT INTO t VALUES (1, '2024-01-01 00:00:00.5')",
    live: 'CREATE TABLE t (id int PRIMARY KEY, v timestamp(0))',
  },
  {
    name: 'a text that trailing spaces would be cut from',
    backup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(9)); INSERT INTO t VALUES (1, 'abc      ')",
    live: 'CREATE TABLE t (id int PRIMARY KEY, v varchar(3))',
  },
  {
    name: 'a label that the enum lacks',
    backup: "CREATE TYPE mood AS ENUM ('fine', 'new'); CREATE TABLE t (id int PRIMARY KEY, v mood); INSERT INTO t VALUES (1, 'new')",
    live: "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE t (id int PRIMARY KEY, v mood)",
  },
  {
    name: 'a value that the domain refuses',
    backup: 'CREATE DOMAIN d AS int; CREATE TABLE t (id int PRIMARY KEY, v d); INSERT INTO t VALUES (1, -1)',
    live: 'CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, v d)',
  },
];

testBlockers(lines.map((line) => ({ ...line, code: 'VALUES_DO_NOT_FIT', blocks: strategies })));
