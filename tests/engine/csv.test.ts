import { expect, test } from 'vitest';
import { csvField, csvText } from '../../electron/engine/csv.ts';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['@cmd', "'@cmd"],
  ['-x,y', '"\'-x,y"'],
  [-5, '-5'],
] as const)('%s', (value, field) => {
  expect(csvField(value)).toBe(field);
});

test('a header and a line a row', () => {
  expect(
    csvText(
      [
        ['n', (row: { n: number }) => row.n],
        ['text', () => 'a,b'],
      ],
      [{ n: 1 }],
    ),
  ).toBe('n,text\r\n1,"a,b"\r\n');
});
