import { describe, expect, it } from 'vitest';
import { clockChanges, instantOf, wallOf } from '../../../../electron/engine/schedules/when/zones.ts';

const wall = (text: string): number => Date.parse(`${text}Z`);
const at = (text: string): number => Date.parse(text);

describe('wallOf', () => {
  it.each([
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T05:45:00'],
    ['America/St_Johns', '2026-07-01T00:00:00Z', '2026-06-30T21:30:00'],
    ['Australia/Lord_Howe', '2026-10-03T15:29:59Z', '2026-10-04T01:59:59'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04T02:30:00'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T23:59:59'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T00:00:00'],
    ['UTC', '2026-02-28T23:59:59Z', '2026-02-28T23:59:59'],
  ])('%s at %s', (zone, instant, expected) => {
    expect(wallOf(at(instant), zone)).toBe(wall(expected));
  });

  it('agrees with what Intl prints, each hour of a year of odd zones', () => {
    const wrong: string[] = [];
    for (const zone of ['Africa/Casablanca', 'America/Havana', 'Antarctica/Troll', 'Asia/Gaza', 'Pacific/Chatham', 'Europe/Dublin']) {
      const print = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      const start = at('2023-01-01T00:00:00Z');
      for (let hour = 0; hour < 366 * 24; hour++) {
        const instant = start + hour * 3_600_000;
        const expected = print.format(instant).replace(' ', 'T');
        if (new Date(wallOf(instant, zone)).toISOString().slice(0, 19) !== expected) wrong.push(`${zone} ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => wallOf(0, 'Mars/Olympus')).toThrow(RangeError);
  });
});

describe('instantOf', () => {
  it('is the way back wherever a wall time comes once', () => {
    for (const zone of ['Europe/Berlin', 'Asia/Kolkata', 'Pacific/Kiritimati', 'America/Adak']) {
      for (let instant = at('2024-01-01T00:00:00Z'); instant < at('2026-01-01T00:00:00Z'); instant += 5 * 3_600_000) {
        const back = instantOf(wallOf(instant, zone), zone);
        expect(back).toBeLessThanOrEqual(instant);
        expect(wallOf(back, zone)).toBe(wallOf(instant, zone));
      }
    }
  });
});

it('tells of each change of the clock', () => {
  const changes = clockChanges(at('2023-01-01T00:00:00Z'), at('2024-01-01T00:00:00Z'), 'Africa/Casablanca');
  expect(changes.map((change) => [new Date(change.at).toISOString(), (change.after - change.before) / 3_600_000])).toEqual([
    ['2023-03-19T02:00:00.000Z', -1],
    ['2023-04-23T02:00:00.000Z', 1],
  ]);
});
