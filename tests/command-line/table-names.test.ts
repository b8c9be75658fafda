import { expect, test } from 'vitest';
import { parseTableList, resolveTables } from '../../electron/command-line/table-names.ts';

test('lists of tables, quoted or not', () => {
  expect(parseTableList('a, public.b,"odd.schema"."odd,name","say ""hi"""')).toEqual([
    { schema: null, table: 'a' },
    { schema: 'public', table: 'b' },
    { schema: 'odd.schema', table: 'odd,name' },
    { schema: null, table: 'say "hi"' },
  ]);
  expect(parseTableList('with space')).toEqual([{ schema: null, table: 'with space' }]);
});

test.each(['', 'a,', ',a', 'a..b', 'a.b.c', '"open'])('%j is not a list', (text) => {
  if (text === '') expect(parseTableList(text)).toEqual([]);
  else expect(() => parseTableList(text)).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }));
});

test('a name without a schema must fit one table; public wins', () => {
  const there = [
    { schema: 'public', table: 'a' },
    { schema: 'other', table: 'a' },
    { schema: 's1', table: 'b' },
    { schema: 's2', table: 'b' },
  ];
  expect(resolveTables([{ schema: null, table: 'a' }], there, 'it')).toEqual([{ schema: 'public', table: 'a' }]);
  expect(() => resolveTables([{ schema: null, table: 'b' }], there, 'it')).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }));
  expect(() => resolveTables([{ schema: null, table: 'z' }], there, 'it')).toThrowError(
    expect.objectContaining({ code: 'TABLE_NOT_IN_DUMP' }),
  );
});
