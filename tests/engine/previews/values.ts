// The types of generated columns, each with values as PostgreSQL prints them (TimeZone UTC, ISO, postgres intervals).
// Pools are small, so that keys meet; and hold what is equal to an index and yet printed otherwise.
import type { Equality } from './shapes.ts';

export type TypeShape = {
  /** As written in CREATE TABLE. */
  sql: string;
  /** How its default btree operator class calls values equal; null: it has none, or the generator stays away from it. */
  equality: Equality | null;
  /** Merge may treat '' as empty. */
  text: boolean;
  values: string[];
  needs?: 'xml' | 'icu' | 'hstore' | 'citext';
};

const ints = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

/** Types of their own are in the schema `odd`, made by `typesSql`. */
export const types: Record<string, TypeShape> = {
  int: { sql: 'integer', equality: 'text', text: false, values: ints },
  bigint: { sql: 'bigint', equality: 'text', text: false, values: ['1', '2', '3', '4', '5', '9007199254740993', '-9223372036854775808'] },
  text: { sql: 'text', equality: 'text', text: true, values: ['a', 'A', 'b', 'c', 'd', '', ' a', '\\N', 'x\ty', 'n\nl', 'ü', 'q\'"\\'] },
  varchar: { sql: 'character varying(9)', equality: 'text', text: true, values: ['a', 'A', 'b', '', 'a  ', 'NULL', '\\.'] },
  char: { sql: 'character(3)', equality: 'text', text: true, values: ['a  ', 'b  ', 'abc', 'd  '] },
  uuid: {
    sql: 'uuid',
    equality: 'text',
    text: false,
    values: ['1', '2', '3', '4', '5'].map((digit) => `${digit}0000000-0000-4000-8000-00000000000${digit}`),
  },
  numeric: {
    sql: 'numeric',
    equality: 'number',
    text: false,
    values: ['1', '1.0', '1.00', '2', '2.50', '2.5', '3', 'NaN', 'Infinity', '0', '0.00'],
  },
  money2: { sql: 'numeric(8,2)', equality: 'number', text: false, values: ['1.00', '2.00', '2.50', '-0.01', '0.00'] },
  citext: { sql: 'public.citext', equality: 'caseless', text: true, values: ['a', 'A', 'b', 'B', 'c', 'd', 'Ab', 'aB'], needs: 'citext' },
  caseless: {
    sql: 'text COLLATE odd.caseless',
    equality: 'caseless',
    text: true,
    values: ['a', 'A', 'b', 'B', 'c', 'd', 'Ab', 'aB'],
    needs: 'icu',
  },
  timestamptz: {
    sql: 'timestamp with time zone',
    equality: 'text',
    text: false,
    values: ['2024-03-31 01:30:00+00', '2024-03-31 00:30:00+00', '2024-10-27 00:30:00.123456+00', 'infinity', '1999-12-31 23:59:59+00'],
  },
  date: { sql: 'date', equality: 'text', text: false, values: ['2024-02-29', '2024-03-01', '0044-03-15 BC', 'infinity', '1999-12-31'] },
  interval: {
    sql: 'interval',
    equality: 'interval',
    text: false,
    values: ['1 day', '24:00:00', '1 mon', '30 days', '00:00:01', '720:00:00', '-00:30:00'],
  },
  float8: {
    sql: 'double precision',
    equality: 'number',
    text: false,
    values: ['0', '-0', 'NaN', 'Infinity', '1.5', '0.1', '1e-300', '-Infinity'],
  },
  bool: { sql: 'boolean', equality: 'text', text: false, values: ['t', 'f'] },
  enum: { sql: 'odd.mood', equality: 'text', text: false, values: ['fine', 'so so', 'Bad', "it's"] },
  domain: { sql: 'odd.short', equality: 'text', text: true, values: ['a', 'bb', 'ccc', '', 'dddd'] },
  bytea: { sql: 'bytea', equality: 'text', text: false, values: ['\\x', '\\x00', '\\x5c4e', '\\xff'] },
  inet: { sql: 'inet', equality: 'text', text: false, values: ['10.0.0.1', '10.0.0.0/8', '10.0.0.1/8', '::1'] },
  bits: { sql: 'bit varying(8)', equality: 'text', text: false, values: ['', '0', '1', '0101'] },
  range: { sql: 'int4range', equality: 'text', text: false, values: ['[1,3)', '[2,5)', '[5,8)', '[8,9)', '[10,20)', 'empty', '[15,)'] },
  ints: { sql: 'integer[]', equality: null, text: false, values: ['{}', '{1,2}', '{1,NULL}', '{{1},{2}}', '[0:1]={1,2}', '{2,1}'] },
  texts: { sql: 'text[]', equality: null, text: false, values: ['{}', '{a,NULL}', '{a,"NULL"}', '{""}', '{"a b","c\\"d"}'] },
  composite: { sql: 'odd.pair', equality: null, text: false, values: ['(1,a)', '(1,)', '(,)', '(1,"")', '(2,"x y")'] },
  json: { sql: 'json', equality: null, text: false, values: ['{"a":1}', '{"a": 1}', '{"a":1,"a":2}', 'null', '""', '[1.0]', '[1.00]'] },
  jsonb: { sql: 'jsonb', equality: null, text: false, values: ['{"a": 1}', '{"a": 1.0}', 'null', '""', '[1, 2]', '{}'] },
  xml: { sql: 'xml', equality: null, text: false, values: ['<a/>', '<a></a>', '<a b="1"/>', 'x'], needs: 'xml' },
  point: { sql: 'point', equality: null, text: false, values: ['(1,2)', '(1.0000000001,2)', '(0,0)', '(-0,0)'] },
  polygon: { sql: 'polygon', equality: null, text: false, values: ['((0,0),(1,0),(1,1))', '((1,0),(1,1),(0,0))', '((0,0),(2,0),(1,1))'] },
  hstore: {
    sql: 'public.hstore',
    equality: null,
    text: false,
    values: ['', '"a"=>"1"', '"a"=>NULL', '"a"=>"1", "b"=>"2"'],
    needs: 'hstore',
  },
  tsvector: { sql: 'tsvector', equality: null, text: false, values: ["'a'", "'a' 'b'", "'a':1"] },
};

/** Sets up what the types need; for each database. */
export const typesSql = (has: ReadonlySet<string>): string => `
  CREATE SCHEMA odd;
  CREATE TYPE odd.mood AS ENUM ('fine', 'so so', 'Bad', 'it''s');
  CREATE DOMAIN odd.short AS text CHECK (length(VALUE) < 5);
  CREATE TYPE odd.pair AS (a integer, b text);
  ${has.has('icu') ? "CREATE COLLATION odd.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);" : ''}
  ${has.has('citext') ? 'CREATE EXTENSION citext SCHEMA public;' : ''}
  ${has.has('hstore') ? 'CREATE EXTENSION hstore SCHEMA public;' : ''}`;

export function typeOf(name: string): TypeShape {
  const type = types[name];
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

/** One text for all values that the index calls equal. */
export function canonical(equality: Equality, text: string): string {
  switch (equality) {
    case 'text':
      return text;
    case 'caseless':
      return text.toLowerCase();
    case 'number':
      return String(Number(text) + 0);
    case 'interval':
      return String(secondsOf(text));
  }
}

/** As PostgreSQL compares intervals: a month is 30 days, a day 24 hours. */
function secondsOf(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(-?\d+) (mon|day)s?/g)) seconds += Number(amount) * (unit === 'mon' ? 30 : 1) * 86_400;
  const clock = /(-?)(\d+):(\d+):(\d+)/.exec(text);
  if (clock === null) return seconds;
  const ofDay = Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4]);
  return seconds + (clock[1] === '-' ? -ofDay : ofDay);
}

/** Whether two int4ranges have a number in common. */
export function overlap(one: string, other: string): boolean {
  if (one === 'empty' || other === 'empty') return false;
  const [from1, to1] = bounds(one);
  const [from2, to2] = bounds(other);
  return from1 < to2 && from2 < to1;
}

function bounds(range: string): [number, number] {
  const [from, to] = range.slice(1, -1).split(',');
  return [from === '' ? -Infinity : Number(from), to === '' || to === undefined ? Infinity : Number(to)];
}
