import { describe, expect, it } from 'vitest';
import type { When } from '../../../../shared/contract/schedules.ts';
import { parseWhen } from '../../../../shared/schedules/text.ts';
import { nextSlot, requireGoodWhen, slotsBetween, type Recurrence } from '../../../../electron/engine/schedules/when/slots.ts';

type Bounds = Partial<Pick<Recurrence, 'startsAt' | 'endsAt'>>;

const rule = (text: string | When, timeZone: string, bounds: Bounds = {}): Recurrence => ({
  when: typeof text === 'string' ? parseWhen(text) : text,
  timeZone,
  startsAt: null,
  endsAt: null,
  ...bounds,
});

/** Written as `2026-03-28T01:30Z`. */
const slots = (recurrence: Recurrence, after: string, upTo: string): string[] => {
  const found = slotsBetween(recurrence, Date.parse(after), Date.parse(upTo));
  return found.map((at) => new Date(at).toISOString().replace(/:00\.000Z$/, 'Z'));
};

describe('clock changes', () => {
  it.each([
    [
      'a time that does not exist is at the end of the gap',
      'daily 02:30',
      'Europe/Berlin',
      '2026-03-28T00:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'a time that comes twice is at the first',
      'daily 02:30',
      'Europe/Berlin',
      '2026-10-24T00:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'every hour: the one that comes twice runs once',
      'hourly',
      'Europe/Berlin',
      '2026-10-24T22:30Z',
      '2026-10-25T03:00Z',
      ['2026-10-24T23:00Z', '2026-10-25T00:00Z', '2026-10-25T02:00Z', '2026-10-25T03:00Z'],
    ],
    [
      'every hour: two that meet after the gap are one',
      'hourly',
      'Europe/Berlin',
      '2026-03-28T23:30Z',
      '2026-03-29T03:00Z',
      ['2026-03-29T00:00Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z', '2026-03-29T03:00Z'],
    ],
    [
      'Lord Howe goes forward by half an hour',
      'daily 02:15',
      'Australia/Lord_Howe',
      '2026-10-02T18:00Z',
      '2026-10-05T00:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      'and back by half an hour',
      'daily 01:45',
      'Australia/Lord_Howe',
      '2026-04-03T18:00Z',
      '2026-04-06T00:00Z',
      ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
    [
      'Casablanca goes back for Ramadan',
      'daily 02:30',
      'Africa/Casablanca',
      '2026-02-14T12:00Z',
      '2026-02-16T12:00Z',
      ['2026-02-15T01:30Z', '2026-02-16T02:30Z'],
    ],
    [
      'and forward after it',
      'daily 02:30',
      'Africa/Casablanca',
      '2026-03-21T00:00Z',
      '2026-03-23T12:00Z',
      ['2026-03-21T02:30Z', '2026-03-22T02:00Z', '2026-03-23T01:30Z'],
    ],
    [
      'a day that Samoa skipped is a gap',
      'daily 12:00',
      'Pacific/Apia',
      '2011-12-29T00:00Z',
      '2011-12-31T12:00Z',
      ['2011-12-29T22:00Z', '2011-12-30T10:00Z', '2011-12-30T22:00Z'],
    ],
    [
      'its midnight meets the next one',
      'daily 00:00',
      'Pacific/Apia',
      '2011-12-29T00:00Z',
      '2011-12-31T12:00Z',
      ['2011-12-29T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
    ],
    [
      'a midnight that Sao Paulo lacks',
      'daily 00:00',
      'America/Sao_Paulo',
      '2018-11-03T12:00Z',
      '2018-11-05T12:00Z',
      ['2018-11-04T03:00Z', '2018-11-05T02:00Z'],
    ],
    [
      'a midnight that Beirut lacks',
      'daily 00:00',
      'Asia/Beirut',
      '2025-03-29T12:00Z',
      '2025-03-31T12:00Z',
      ['2025-03-29T22:00Z', '2025-03-30T21:00Z'],
    ],
    [
      'cron with minutes: what the gap holds is one slot at its end',
      'cron */20 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
      ['2026-03-29T01:00Z'],
    ],
    [
      'cron with minutes: an hour that comes twice is gone through once',
      'cron */30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      '2026-10-25T12:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z'],
    ],
  ])('%s', (_what, text, zone, after, upTo, expected) => {
    expect(slots(rule(text, zone), after, upTo)).toEqual(expected);
  });

  it('begins in the second of two hours without going back to the first', () => {
    const recurrence = rule('hourly 0-23 :30', 'Europe/Berlin');
    expect(slots(recurrence, '2026-10-25T01:10:00Z', '2026-10-25T02:45:00Z')).toEqual(['2026-10-25T02:30Z']);
    expect(nextSlot(recurrence, Date.parse('2026-10-25T01:10:00Z'))).toBe(Date.parse('2026-10-25T02:30Z'));
  });

  it('ends between two hours of one name without losing what the first showed', () => {
    expect(slots(rule('hourly 0-23 :45', 'Europe/Berlin'), '2026-10-25T00:30:00Z', '2026-10-25T01:10:00Z')).toEqual(['2026-10-25T00:45Z']);
  });
});

describe('rules', () => {
  it.each([
    [
      'weekly on several days',
      'weekly mon,thu,sun 02:00',
      '2026-11-21T00:00Z',
      '2026-11-30T12:00Z',
      ['2026-11-22T02:00Z', '2026-11-23T02:00Z', '2026-11-26T02:00Z', '2026-11-29T02:00Z', '2026-11-30T02:00Z'],
    ],
    [
      'hourly past midnight, the day being the slot’s own',
      'hourly 22-1 fri',
      '2026-11-19T12:00Z',
      '2026-11-21T12:00Z',
      ['2026-11-20T00:00Z', '2026-11-20T01:00Z', '2026-11-20T22:00Z', '2026-11-20T23:00Z'],
    ],
    ['hourly in one hour', 'hourly 9-9 :05 sat', '2026-11-20T12:00Z', '2026-11-28T12:00Z', ['2026-11-21T09:05Z', '2026-11-28T09:05Z']],
    [
      'monthly on a day that months lack',
      'monthly 31 02:00',
      '2028-01-15T00:00Z',
      '2028-05-15T00:00Z',
      ['2028-01-31T02:00Z', '2028-02-29T02:00Z', '2028-03-31T02:00Z', '2028-04-30T02:00Z'],
    ],
    ['monthly on the last day', 'monthly last 23:59', '2026-01-31T23:59Z', '2026-03-31T23:59Z', ['2026-02-28T23:59Z', '2026-03-31T23:59Z']],
    [
      'monthly on the 29th in no leap year',
      'monthly 29 00:00',
      '2026-02-01T00:00Z',
      '2026-03-30T00:00Z',
      ['2026-02-28T00:00Z', '2026-03-29T00:00Z'],
    ],
    [
      'cron with names',
      'cron 30 2 * jan-feb mon,wed',
      '2026-01-01T00:00Z',
      '2026-01-10T00:00Z',
      ['2026-01-05T02:30Z', '2026-01-07T02:30Z'],
    ],
    ['cron with L', 'cron 0 3 L * *', '2028-01-01T00:00Z', '2028-03-15T00:00Z', ['2028-01-31T03:00Z', '2028-02-29T03:00Z']],
    ['cron with #', 'cron 0 3 * * fri#2', '2026-01-01T00:00Z', '2026-03-01T00:00Z', ['2026-01-09T03:00Z', '2026-02-13T03:00Z']],
    [
      'cron: day of month or day of week',
      'cron 0 0 13 * 5',
      '2026-02-01T00:00Z',
      '2026-02-21T00:00Z',
      ['2026-02-06T00:00Z', '2026-02-13T00:00Z', '2026-02-20T00:00Z'],
    ],
    ['cron: both Sundays', 'cron 0 0 * * 0,7', '2026-02-01T00:00Z', '2026-02-16T00:00Z', ['2026-02-08T00:00Z', '2026-02-15T00:00Z']],
    [
      'cron on a leap day',
      'cron 0 0 29 2 *',
      '2095-01-01T00:00Z',
      '2108-12-31T00:00Z',
      ['2096-02-29T00:00Z', '2104-02-29T00:00Z', '2108-02-29T00:00Z'],
    ],
    ['@weekly', 'cron @weekly', '2026-11-21T00:00Z', '2026-11-30T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z']],
  ])('%s', (_what, text, after, upTo, expected) => {
    expect(slots(rule(text, 'UTC'), after, upTo)).toEqual(expected);
  });

  it('has slots from startsAt on and none from endsAt on', () => {
    const bounds = { startsAt: '2026-11-22T02:00:00.000Z', endsAt: '2026-11-24T02:00:00.000Z' };
    const recurrence = rule('daily 02:00', 'UTC', bounds);
    expect(slots(recurrence, '2026-01-01T00:00Z', '2027-01-01T00:00Z')).toEqual(['2026-11-22T02:00Z', '2026-11-23T02:00Z']);
    expect(nextSlot(recurrence, 0)).toBe(Date.parse('2026-11-22T02:00Z'));
    expect(nextSlot(recurrence, Date.parse('2026-11-23T02:00Z'))).toBeNull();
  });

  it('leaves out the beginning and takes in the end', () => {
    expect(slots(rule('daily 02:00', 'UTC'), '2026-11-21T02:00Z', '2026-11-22T02:00Z')).toEqual(['2026-11-22T02:00Z']);
    expect(slots(rule('daily 02:00', 'UTC'), '2026-11-22T02:00Z', '2026-11-22T02:00Z')).toEqual([]);
  });
});

describe('the next slot is the first of all slots', () => {
  const rules = ['hourly 22-3 :30 sat,sun', 'daily 02:30', 'weekly sun 01:30', 'monthly last 00:00', 'cron */25 1-3 * * sun', 'hourly'];
  const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York', 'Africa/Casablanca', 'America/Santiago', 'Asia/Kathmandu'];
  it.each(rules.flatMap((text) => zones.map((zone) => [text, zone] as const)))('%s in %s', (text, zone) => {
    const recurrence = rule(text, zone);
    const [from, to] = [Date.parse('2026-01-01T00:00Z'), Date.parse('2027-01-31T23:00Z')];
    const all = slotsBetween(recurrence, from, to);
    expect(all.length).toBeGreaterThan(10);
    expect(new Set(all).size).toBe(all.length);
    const walked: number[] = [];
    for (let at = nextSlot(recurrence, from); at !== null && at <= to; at = nextSlot(recurrence, at)) walked.push(at);
    expect(walked).toEqual(all);
    // In pieces that cut days and clock changes anyhow, none is lost and none comes twice.
    const pieces: number[] = [];
    for (let at = from; at < to; at += 7_777_777) pieces.push(...slotsBetween(recurrence, at, Math.min(to, at + 7_777_777)));
    expect(pieces).toEqual(all);
  });
});

describe('requireGoodWhen', () => {
  it.each(['61 * * * *', '* * * *', '0 0 2 * * *', 'every day', '0 0 30 2 *', '0 0 31 4,6,9,11 *', '@reboot', '5-1 * * * *'])(
    'refuses %s',
    (expression) => {
      const refused = (() => {
        try {
          requireGoodWhen({ kind: 'cron', expression });
        } catch (thrown) {
          return thrown;
        }
        return null;
      })();
      expect(refused).toMatchObject({ code: 'BAD_INPUT' });
      expect(refused).toHaveProperty('hint', expect.stringContaining('30 2 * * *'));
    },
  );

  it.each(['0 2 * * *', '@hourly', '*/5 9-17 * * MON-FRI', '0 0 29 2 *', '0 0 15W * *', '0 0 29 2 +MON'])('takes %s', (expression) => {
    expect(() => requireGoodWhen({ kind: 'cron', expression })).not.toThrow();
  });
});
