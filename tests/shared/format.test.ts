import { expect, test } from 'vitest';
import { formatAgo, formatBytes, formatDuration, formatNumber } from '../../shared/format.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [123_456, '123 kB'],
  [999_999, '1.00 MB'],
  [1_234_567_890, '1.23 GB'],
])('%d bytes read as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, '0 ms'],
  [4200, '4.2 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
  [100 * 3_600_000, '4 d 4 h'],
])('%d milliseconds read as %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

test('a clock that was set back never makes a time of the future', () => {
  expect(formatAgo(10_000_000, 0)).toBe('just now');
  expect(formatAgo(0, 3 * 3_600_000)).toBe('3 hours ago');
  expect(formatAgo(0, 60_000)).toBe('1 minute ago');
});

test('one is one, and many are many', () => {
  expect([formatNumber(1, 'table'), formatNumber(0, 'table'), formatNumber(1200, 'row'), formatNumber(2, 'index', 'indexes')]).toEqual([
    '1 table',
    '0 tables',
    '1,200 rows',
    '2 indexes',
  ]);
});
