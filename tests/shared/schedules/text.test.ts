import { describe, expect, it } from 'vitest';
import type { When } from '../../../shared/contract/schedules.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { parseSpan, parseWhen, whenText, whenWords } from '../../../shared/schedules/text.ts';

const cases: [string, When, string][] = [
  ['hourly 9-17', { kind: 'hourly', fromHour: 9, toHour: 17, minute: 0, days: [] }, 'every hour from 09:00 to 17:00'],
  [
    'hourly 9-17 mon-fri',
    { kind: 'hourly', fromHour: 9, toHour: 17, minute: 0, days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
    'every hour from 09:00 to 17:00, Monday to Friday',
  ],
  [
    'hourly 22-5 :30 sat,sun',
    { kind: 'hourly', fromHour: 22, toHour: 5, minute: 30, days: ['sat', 'sun'] },
    'every hour from 22:30 to 05:30, Saturday and Sunday',
  ],
  ['hourly 0-23', { kind: 'hourly', fromHour: 0, toHour: 23, minute: 0, days: [] }, 'every hour'],
  ['daily 02:00', { kind: 'daily', time: '02:00' }, 'every day at 02:00'],
  ['weekly mon,thu 02:00', { kind: 'weekly', days: ['mon', 'thu'], time: '02:00' }, 'every Monday and Thursday at 02:00'],
  ['monthly 1 02:00', { kind: 'monthly', day: 1, time: '02:00' }, 'on the 1st of every month at 02:00'],
  [
    'monthly 31 02:00',
    { kind: 'monthly', day: 31, time: '02:00' },
    'on the 31st of every month (the last day where the month is shorter) at 02:00',
  ],
  ['monthly last 02:00', { kind: 'monthly', day: 'last', time: '02:00' }, 'on the last day of every month at 02:00'],
  ['cron 0 2 * * mon', { kind: 'cron', expression: '0 2 * * mon' }, 'cron 0 2 * * mon'],
];

describe('a rule as text', () => {
  it.each(cases)('%s', (text, when, words) => {
    expect(parseWhen(text)).toEqual(when);
    expect(whenText(when)).toBe(text);
    expect(whenWords(when)).toBe(words);
    expect(whenWords(when, 'Europe/Berlin')).toBe(`${words} (Europe/Berlin)`);
  });

  it.each([
    ['  Daily   2:05 ', 'daily 02:05'],
    ['WEEKLY Thursday,MON 02:00', 'weekly mon,thu 02:00'],
    ['weekly sat-mon 02:00', 'weekly mon,sat,sun 02:00'],
    ['hourly', 'hourly 0-23'],
    ['hourly mon', 'hourly 0-23 mon'],
  ])('%s is read as %s', (typed, text) => {
    expect(whenText(parseWhen(typed))).toBe(text);
  });

  it.each([
    '',
    'daily',
    'daily 24:00',
    'daily 2',
    'daily 02:00 03:00',
    'weekly 02:00',
    'weekly mon',
    'weekly mon,fritag 02:00',
    'monthly 0 02:00',
    'monthly 32 02:00',
    'monthly 1',
    'hourly 9-24',
    'hourly 9',
    'hourly 9-17 :60',
    'hourly 9-17 mon tue',
    'yearly',
    'cron',
    '*/5 * * * *',
  ])('"%s" is refused with examples', (text) => {
    const refused = caught(() => parseWhen(text));
    expect(refused).toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('weekly mon,thu 02:00') as string });
    expect(refused.message).toContain(`"${text}"`);
  });
});

describe('a length of time', () => {
  it.each([
    ['90m', 5400],
    ['2h', 7200],
    ['1d', 86_400],
    ['45s', 45],
    ['1h30m', 5400],
    ['1w', 604_800],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseSpan(text)).toBe(seconds);
  });
  it.each(['', '90', 'm', '1.5h', '-1h', '2 hours'])('"%s" is refused', (text) => {
    expect(caught(() => parseSpan(text))).toMatchObject({ code: 'BAD_INPUT' });
  });
});

function caught(run: () => unknown): HowdahError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof HowdahError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
