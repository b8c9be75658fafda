import { describe, expect, it } from 'vitest';
import { argumentTypes } from '../../../electron/engine/schema/routine-names.ts';
import { comparable, splitTopLevel, statementsOf, tokensOf } from '../../../electron/engine/schema/sql-tokens.ts';
import { typeName } from '../../../electron/engine/schema/table-columns.ts';

const texts = (sql: string): string[] => tokensOf(sql).map((token) => token.text);

describe('tokens', () => {
  it.each([
    [`a -- b ' "\n c`, ['a', 'c']],
    [`a /* x /* y */ ' */ b`, ['a', 'b']],
    [`'it''s' E'a\\'b' U&'x' "q""u" $$a;'b$$ $t$ $$ $t$`, [`'it''s'`, `E'a\\'b'`, `U&'x'`, `"q""u"`, `$$a;'b$$`, `$t$ $$ $t$`]],
    [`a::int[]=-1 x->>'y' a<@b !~~*`, ['a', '::', 'int', '[', ']', '=', '-', '1', 'x', '->>', `'y'`, 'a', '<@', 'b', '!~~*']],
    [`a=--c\nb`, ['a', '=', 'b']],
    [`1.5e3 .5 $1 été 🐘x`, ['1.5e3', '.5', '$', '1', 'été', '🐘x']],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('names that need no quotes are the same with and without them; others are not', () => {
    expect(comparable(tokensOf('SELECT "abc", ABC'))).toBe(comparable(tokensOf('select abc,"abc"')));
    expect(comparable(tokensOf('"Abc"'))).not.toBe(comparable(tokensOf('Abc')));
    expect(comparable(tokensOf(`'Abc'`))).not.toBe(comparable(tokensOf(`'abc'`)));
  });

  it('commas in parentheses, quotes and brackets part nothing', () => {
    expect(splitTopLevel(tokensOf(`a(b, c), "d,e", 'f,g', h[1, 2], $$i,j$$`)).map(comparable)).toEqual([
      'a ( b , c )',
      '"d,e"',
      `'f,g'`,
      'h [ 1 , 2 ]',
      '$$i,j$$',
    ]);
    expect(splitTopLevel([])).toEqual([]);
  });

  it('statements end where they end, also with bodies, rules and strings that hold semicolons', () => {
    const sql = `create function f() returns int begin atomic select 1; select case when a then 2 end; end; create rule r as on delete to t do (select 1; select 2);
      create function g() returns int as 'a;b' language sql; begin; commit`;
    expect(statementsOf(sql).map(({ text }) => text.split(/\s+/).slice(0, 3).join(' '))).toEqual([
      'create function f()',
      'create rule r',
      'create function g()',
      'begin',
      'commit',
    ]);
  });
});

describe('arguments by their types', () => {
  it.each([
    ['', ''],
    ['integer', 'integer'],
    ['a integer, "b c" text DEFAULT \'x, y\'', 'integer, text'],
    ['timestamp with time zone, timestamp timestamp with time zone', 'timestamp with time zone, timestamp with time zone'],
    ['double precision, double double precision', 'double precision, double precision'],
    ['OUT a integer, INOUT b app."T"[], VARIADIC c text[]', 'app."T"[], VARIADIC text[]'],
    ["a character varying = 'x', character varying", 'character varying, character varying'],
    ['app.t, x app.t', 'app.t, app.t'],
  ])('%s', (written, expected) => {
    expect(argumentTypes(tokensOf(written), false)).toBe(expected);
  });

  it('of aggregates', () => {
    expect(argumentTypes(tokensOf('*'), true)).toBe('*');
    expect(argumentTypes(tokensOf('double precision ORDER BY anyelement'), true)).toBe('double precision ORDER BY anyelement');
    expect(argumentTypes(tokensOf('ORDER BY a anyelement'), true)).toBe('ORDER BY anyelement');
  });
});

it.each([
  ['int4', 'integer'],
  ['timestamptz(3)', 'timestamp ( 3 ) with time zone'],
  ['timestamp without time zone', 'timestamp'],
  ['varchar(5)', 'character varying ( 5 )'],
  ['pg_catalog.int8', 'bigint'],
  ['"int4"', 'int4'],
  ['app.int', 'app . int'],
  ['decimal(1,2)', 'numeric ( 1 , 2 )'],
  ['time(2) without time zone', 'time ( 2 )'],
])('the type %s', (written, expected) => {
  expect(typeName(tokensOf(written))).toBe(expected);
});
