// What is told of changes to routines, triggers, policies, rules, views, sequences, schemas and what belongs to the database, and that the mends which are given leave no difference.
import { testMends } from './mending.ts';
import type { Change } from './rounds.ts';

const things = 'odd.things';

const changes: Change[] = [
  // Routines.
  {
    change: `create or replace function app.touch() returns trigger language plpgsql as 'begin return null; end'`,
    differences: ['different FUNCTION app.touch()'],
  },
  {
    change: `drop function app.twice; create function app.twice(y int) returns bigint language sql as 'select 1::bigint'`,
    differences: ['different FUNCTION app.twice(integer)'],
  },
  {
    change: `drop function app.twice; create function app.twice(x bigint) returns int language sql as 'select 1'`,
    differences: ['missing FUNCTION app.twice(integer)', 'extra FUNCTION app.twice(bigint)'],
  },
  { change: `drop function app.count_customers`, differences: ['missing FUNCTION app.count_customers()'] },
  {
    change: `drop function odd.f(timestamptz, varchar, odd."Level"[]); drop function odd.f(int, text, double precision[])`,
    differences: [
      'missing FUNCTION odd.f(integer, text, VARIADIC double precision[])',
      'missing FUNCTION odd.f(timestamp with time zone, character varying, odd."Level"[])',
    ],
  },
  {
    change: `create function odd.g("a, b" int default 5, out x text, inout "time" time with time zone = now(), double double precision = 1) language sql as 'select null::text, now()::timetz'; create procedure odd.g() language sql as ''`,
    differences: ['extra FUNCTION odd.g(integer, time with time zone, double precision)', 'extra PROCEDURE odd.g()'],
  },
  {
    change: `drop procedure odd.p; create procedure odd.p(inout x int) language plpgsql as 'begin x := 2; end'`,
    differences: ['different PROCEDURE odd.p(integer)'],
  },
  {
    change: `drop aggregate odd.total(numeric); drop aggregate odd.middle(order by anyelement)`,
    differences: ['missing AGGREGATE odd.total(numeric)', 'missing AGGREGATE odd.middle(ORDER BY anyelement)'],
  },
  {
    change: `drop aggregate odd.total(numeric); create aggregate odd.total(numeric) (sfunc = numeric_add, stype = numeric, initcond = '5'); create aggregate odd.n(*) (sfunc = int8inc, stype = int8, initcond = '0')`,
    differences: ['different AGGREGATE odd.total(numeric)', 'extra AGGREGATE odd.n(*)'],
  },
  {
    change: `drop operator odd.=== (odd."Level", odd."Level") cascade`,
    differences: ['missing OPERATOR odd.=== (odd . "Level", odd . "Level")', 'missing OPERATOR CLASS odd.ops USING hash'],
  },
  {
    change: `drop operator class odd.ops using hash; drop operator family odd.fam using btree`,
    differences: ['missing OPERATOR FAMILY odd.fam USING btree', 'missing OPERATOR CLASS odd.ops USING hash'],
  },
  {
    change: `create operator public.### (function = int4pl, leftarg = int, rightarg = int); create operator family odd.more using hash`,
    differences: ['extra OPERATOR public.### (integer, integer)', 'extra OPERATOR FAMILY odd.more USING hash'],
  },
  {
    change: `drop cast (odd."Level" as citext); create cast (citext as odd."Level") with inout`,
    differences: ['missing CAST odd . "Level" as public . citext', 'extra CAST public . citext as odd . "Level"'],
  },
  { change: `drop conversion odd.conv`, differences: ['missing CONVERSION odd.conv'] },
  {
    change: `alter text search configuration odd.conf drop mapping for asciiword`,
    differences: ['different TEXT SEARCH CONFIGURATION odd.conf'],
  },
  {
    change: `drop text search configuration odd.conf; drop text search dictionary odd.dict; create text search dictionary odd.other (template = simple)`,
    differences: [
      'missing TEXT SEARCH DICTIONARY odd.dict',
      'missing TEXT SEARCH CONFIGURATION odd.conf',
      'extra TEXT SEARCH DICTIONARY odd.other',
    ],
  },
  // Triggers, policies, rules.
  { change: `drop trigger customers_touch on app.customers`, differences: ['missing TRIGGER app.customers customers_touch'] },
  {
    change: `create or replace trigger customers_touch after update on app.customers for each row execute function app.touch()`,
    differences: ['different TRIGGER app.customers customers_touch'],
  },
  {
    change: `alter table ${things} enable trigger "odd trigger"; alter table ${things} enable trigger late`,
    differences: ['different TRIGGER odd.things late', 'different TRIGGER odd.things odd trigger'],
  },
  {
    change: `create trigger t before insert on app.customers for each row execute function app.touch(); create trigger tl after insert on odd.log for each row execute function odd.trigger()`,
    differences: ['extra TRIGGER app.customers t', 'extra TRIGGER odd.log tl'],
  },
  {
    change: `drop policy own on app.customers; create policy own on app.customers using (false); create policy "mo re" on app.customers; drop policy "po l" on ${things}`,
    differences: ['different POLICY app.customers own', 'extra POLICY app.customers mo re', 'missing POLICY odd.things po l'],
  },
  {
    change: `alter table app.customers disable row level security; alter table ${things} no force row level security; alter table app.a enable row level security`,
    differences: ['missing ROW SECURITY app.customers', 'missing FORCE ROW SECURITY odd.things', 'extra ROW SECURITY app.a'],
  },
  {
    change: `drop rule no_del on app.lookup; create rule "r 2" as on insert to app.lookup do also nothing`,
    differences: ['missing RULE app.lookup no_del', 'extra RULE app.lookup r 2'],
  },
  { change: `alter event trigger odd_event enable`, differences: ['different EVENT TRIGGER odd_event'] },
  {
    change: `drop event trigger odd_event; create event trigger "ev 2" on ddl_command_end execute function odd.event()`,
    differences: ['missing EVENT TRIGGER odd_event', 'extra EVENT TRIGGER ev 2'],
  },
  {
    change: `alter table ${things} set without cluster; alter table ${things} replica identity default; alter table app.a replica identity nothing`,
    differences: ['missing CLUSTER odd.things', 'missing REPLICA IDENTITY odd.things', 'extra REPLICA IDENTITY app.a'],
  },
  // Views and sequences.
  { change: `create or replace view app.v as select id, email from app.customers where id > 1`, differences: ['different VIEW app.v'] },
  { change: `drop view app.v; create view app.v as select email, id, note from app.customers`, differences: ['different VIEW app.v'] },
  { change: `drop view odd.vb, odd.va`, differences: ['missing DEFAULT odd.va note', 'missing VIEW odd.va', 'missing VIEW odd.vb'] },
  {
    change: `drop materialized view odd.mv; create materialized view odd.mv as select 1 as id`,
    differences: ['different MATERIALIZED VIEW odd.mv', 'missing INDEX odd.mv_id'],
  },
  {
    change: `create materialized view odd.mw as select 1 as id; create index on odd.mw (id); create view odd.vw as select * from odd.mw`,
    differences: ['extra MATERIALIZED VIEW odd.mw', 'extra VIEW odd.vw'],
  },
  { change: `drop view odd.circle; create materialized view odd.circle as select 1 as x`, differences: ['different VIEW odd.circle'] },
  {
    change: `drop sequence odd.counter; create sequence odd.more`,
    differences: ['missing SEQUENCE odd.counter', 'extra SEQUENCE odd.more'],
  },
  { change: `drop sequence odd.counter; create sequence odd.counter start 5 cache 2`, differences: ['different SEQUENCE odd.counter'] },
  {
    change: `alter sequence app.customers_id_seq owned by none; alter sequence odd.counter owned by odd.base.id`,
    differences: ['missing SEQUENCE OWNED BY app.customers_id_seq', 'extra SEQUENCE OWNED BY odd.counter'],
  },
  // Schemas and the rest.
  {
    change: `drop schema "Sch ema 🐘" cascade`,
    differences: [
      'missing SCHEMA Sch ema 🐘',
      'missing TABLE Sch ema 🐘.tab le 🐘',
      'missing CONSTRAINT Sch ema 🐘.tab le 🐘 tab le 🐘_pkey',
    ],
    unfit: 'Sch ema 🐘.tab le 🐘',
  },
  {
    change: `create schema "x y"; create table "x y".t (id int primary key)`,
    differences: ['extra SCHEMA x y', 'extra TABLE x y.t'],
    fitting: true,
  },
  { change: `create extension hstore`, differences: ['extra EXTENSION hstore'], fitting: true },
  { change: `drop collation odd.caseless`, differences: ['missing COLLATION odd.caseless'] },
  {
    change: `drop publication odd_pub`,
    differences: [
      'missing PUBLICATION odd_pub',
      'missing PUBLICATION TABLE odd_pub table odd . base',
      'missing PUBLICATION TABLE odd_pub table odd . derived',
      'missing PUBLICATION TABLE odd_pub table odd . things ( id , name ) where ( ( id > 5 ) )',
    ],
  },
  {
    change: `alter publication odd_pub drop table odd.base; alter publication odd_pub add table app.a; create publication p2 for all tables`,
    differences: [
      'missing PUBLICATION TABLE odd_pub table odd . base',
      'missing PUBLICATION TABLE odd_pub table odd . derived',
      'extra PUBLICATION TABLE odd_pub table app . a',
      'extra PUBLICATION p2',
    ],
  },
  { change: `drop server "odd server" cascade`, differences: ['missing SERVER odd server', 'missing FOREIGN TABLE odd.far'] },
];

testMends(changes);
