import { expect, test } from 'vitest';
import { fromDateTimeField, parseWallTime, toDateTimeField } from '../../../../renderer/schedules/editor/wall-time.ts';

test.each([
  ['2', '02:00'],
  ['02', '02:00'],
  ['2:30', '02:30'],
  ['0230', '02:30'],
  [' 23:59 ', '23:59'],
  ['24:00', null],
  ['2:60', null],
  ['2:3', null],
  ['2 am', null],
  ['', null],
])('%j is %j', (text, time) => expect(parseWallTime(text)).toBe(time));

test('date-time fields are on the wall clock of the schedule, not of the machine', () => {
  expect(toDateTimeField('2026-07-01T00:00:00.000Z', 'Asia/Kolkata')).toBe('2026-07-01T05:30');
  expect(fromDateTimeField('2026-07-01T05:30', 'Asia/Kolkata')).toBe('2026-07-01T00:00:00.000Z');
  expect(fromDateTimeField('', 'UTC')).toBeNull();
  expect(toDateTimeField(null, 'UTC')).toBe('');
});
