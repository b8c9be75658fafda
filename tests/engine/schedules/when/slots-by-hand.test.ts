// Slots that somebody worked out by hand: changes of clocks, days that never were, cron in all its forms.
import { expect, it } from 'vitest';
import type { When } from '../../../../shared/contract/schedules.ts';
import { nextSlot, requireGoodWhen } from '../../../../electron/engine/schedules/when/slots.ts';
import { fixedRules } from '../proof/rules.ts';
import { of } from '../proof/zones.ts';

const next = (when: When, zone: string, after: string, count: number): string[] => {
  const found: string[] = [];
  let at: number | null = Date.parse(after);
  while (found.length < count) {
    at = nextSlot(of(when, zone), at);
    if (at === null) break;
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
};
const cron = (expression: string): When => ({ kind: 'cron', expression });

it('a 02:30 that does not exist runs once, right after the gap', () => {
  expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-03-27T12:00Z', 3)).toEqual([
    '2026-03-28T01:30Z',
    '2026-03-29T01:00Z',
    '2026-03-30T00:30Z',
  ]);
});
it('a 02:30 that comes twice runs once, the first time', () => {
  expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-10-23T12:00Z', 3)).toEqual([
    '2026-10-24T00:30Z',
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ]);
});
it('asked in the second of the two hours, the first is over', () => {
  expect(next({ kind: 'daily', time: '02:30' }, 'Europe/Berlin', '2026-10-25T00:45Z', 1)).toEqual(['2026-10-26T01:30Z']);
});
it('Lord Howe goes forward by half an hour', () => {
  expect(next({ kind: 'daily', time: '02:15' }, 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2)).toEqual([
    '2026-10-03T15:30Z',
    '2026-10-04T15:15Z',
  ]);
});
it('a day that never was has its slots at the first instant after it, once', () => {
  expect(next({ kind: 'daily', time: '12:00' }, 'Pacific/Apia', '2011-12-29T00:00Z', 3)).toEqual([
    '2011-12-29T22:00Z',
    '2011-12-30T10:00Z',
    '2011-12-30T22:00Z',
  ]);
  expect(next({ kind: 'hourly', fromHour: 0, toHour: 23, minute: 0, days: [] }, 'Pacific/Apia', '2011-12-30T08:30Z', 3)).toEqual([
    '2011-12-30T09:00Z',
    '2011-12-30T10:00Z',
    '2011-12-30T11:00Z',
  ]);
});
it('hourly past midnight: the day is that of the slot', () => {
  expect(next({ kind: 'hourly', fromHour: 22, toHour: 1, minute: 0, days: ['sat'] }, 'UTC', '2026-11-20T12:00Z', 5)).toEqual([
    '2026-11-21T00:00Z',
    '2026-11-21T01:00Z',
    '2026-11-21T22:00Z',
    '2026-11-21T23:00Z',
    '2026-11-28T00:00Z',
  ]);
});
it('the 31st of a shorter month is its last day', () => {
  expect(next({ kind: 'monthly', day: 31, time: '02:00' }, 'UTC', '2028-01-31T12:00Z', 3)).toEqual([
    '2028-02-29T02:00Z',
    '2028-03-31T02:00Z',
    '2028-04-30T02:00Z',
  ]);
});
it.each<[string, string, string[]]>([
  [
    '0 2 13 * FRI',
    '2026-11-07T00:00Z',
    ['2026-11-13T02:00Z', '2026-11-20T02:00Z', '2026-11-27T02:00Z', '2026-12-04T02:00Z', '2026-12-11T02:00Z', '2026-12-13T02:00Z'],
  ],
  ['0 2 L * *', '2027-01-31T03:00Z', ['2027-02-28T02:00Z', '2027-03-31T02:00Z']],
  ['0 2 * * MON#1', '2026-11-21T00:00Z', ['2026-12-07T02:00Z', '2027-01-04T02:00Z']],
  ['0 2 * * 1#5', '2026-11-21T00:00Z', ['2026-11-30T02:00Z', '2027-03-29T02:00Z']],
  [
    '*/20 8-9 * * *',
    '2026-11-21T08:30Z',
    ['2026-11-21T08:40Z', '2026-11-21T09:00Z', '2026-11-21T09:20Z', '2026-11-21T09:40Z', '2026-11-22T08:00Z'],
  ],
  ['5-59/25 0 1 jan,jul *', '2026-11-21T00:00Z', ['2027-01-01T00:05Z', '2027-01-01T00:30Z', '2027-01-01T00:55Z', '2027-07-01T00:05Z']],
  ['0 0 29 2 *', '2026-11-21T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
  ['0 0 * * 7', '2026-11-21T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
  ['0 0 * * Mon-Wed', '2026-11-21T00:00Z', ['2026-11-23T00:00Z', '2026-11-24T00:00Z', '2026-11-25T00:00Z', '2026-11-30T00:00Z']],
  ['@weekly', '2026-11-21T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
  ['@monthly', '2026-11-21T00:00Z', ['2026-12-01T00:00Z']],
  ['@yearly', '2026-11-21T00:00Z', ['2027-01-01T00:00Z']],
])('cron %s has the slots that cron gives it', (expression, after, expected) => {
  expect(next(cron(expression), 'UTC', after, expected.length)).toEqual(expected);
});
it('a 29 February across a century that has none', () => {
  expect(next(cron('0 0 29 2 *'), 'UTC', '2096-03-01T00:00Z', 1)).toEqual(['2104-02-29T00:00Z']);
});
it.each([
  '',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '0 0 32 * *',
  '0 0 0 * *',
  '0 0 * 13 *',
  '0 0 * * 8',
  '0 0 * * MON#6',
  '0 0 30 2 *',
  '0 0 31 4,6 *',
  '*/0 * * * *',
  'x * * * *',
  '@never',
  '* * * * * *',
  '* * * * * * *',
])('refuses cron %j', (expression) => {
  expect(() => requireGoodWhen(cron(expression))).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
});
it('takes the good rules', () => {
  for (const when of fixedRules) expect(() => requireGoodWhen(when)).not.toThrow();
});
