import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dateTimeOf,
  dayOf,
  fromWall,
  hour,
  minute,
  oddHours,
  offsetName,
  startOfWeek,
  timeOf,
  toWall,
  wallOfDay,
  weekName,
} from '../../../renderer/schedules/calendar/zone.ts';

const at = (day: string, time: string) => Date.parse(`${day}T${time}:00Z`);
const placed = (day: string, time: string, zone: string) => new Date(fromWall(at(day, time), zone)).toISOString().slice(0, 16);

describe('a wall time on the time line', () => {
  test.each([
    ['an ordinary one', '2026-11-21', '02:00', 'Europe/Berlin', '2026-11-21T01:00'],
    ['one that does not exist: right after the gap', '2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:00'],
    ['one that comes twice: the first', '2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30'],
    ['half an hour of summer time', '2026-10-04', '02:15', 'Australia/Lord_Howe', '2026-10-03T15:30'],
    ['the half hour that comes twice', '2026-04-05', '01:45', 'Australia/Lord_Howe', '2026-04-04T14:45'],
    ['a day that was skipped', '2011-12-30', '12:00', 'Pacific/Apia', '2011-12-30T10:00'],
    ['west of Greenwich', '2026-03-08', '02:30', 'America/New_York', '2026-03-08T07:00'],
    ['a quarter of an hour', '2026-06-01', '00:00', 'Asia/Kathmandu', '2026-05-31T18:15'],
  ])('%s', (_what, day, time, zone, instant) => {
    expect(placed(day, time, zone)).toBe(instant);
  });

  test('is found again from its instant, in every zone and over a whole year', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Chatham', 'UTC']) {
      for (let instant = at('2026-01-01', '00:00'); instant < at('2027-01-01', '00:00'); instant += 7 * hour + 15 * minute) {
        const wall = toWall(instant, zone);
        expect(toWall(fromWall(wall, zone), zone)).toBe(wall);
        expect(fromWall(wall, zone)).toBeLessThanOrEqual(instant);
      }
    }
  });
});

test('days, weeks and months are counted on the calendar', () => {
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(addMonths('2026-01-15', -1)).toBe('2025-12-15');
  expect(startOfWeek('2026-11-22')).toBe('2026-11-16');
  expect(startOfWeek('2026-11-16')).toBe('2026-11-16');
});

test('an instant belongs to the day of the zone', () => {
  const instant = at('2026-11-21', '23:30');
  expect(dayOf(instant, 'UTC')).toBe('2026-11-21');
  expect(dayOf(instant, 'Asia/Kolkata')).toBe('2026-11-22');
  expect(timeOf(instant, 'Asia/Kolkata')).toBe('05:00');
  expect(dateTimeOf(instant, 'America/New_York')).toBe('2026-11-21 18:30');
});

test('the zone says how far it is from UTC', () => {
  expect(offsetName(at('2026-07-01', '00:00'), 'Europe/Berlin')).toBe('UTC+02:00');
  expect(offsetName(at('2026-07-01', '00:00'), 'America/St_Johns')).toBe('UTC−02:30');
  expect(offsetName(at('2026-07-01', '00:00'), 'UTC')).toBe('UTC');
});

test('weeks are named within and across months and years', () => {
  expect(weekName('2026-11-16')).toBe('16 – 22 Nov 2026');
  expect(weekName('2026-11-30')).toBe('30 Nov – 6 Dec 2026');
  expect(weekName('2026-12-28')).toBe('28 Dec 2026 – 3 Jan 2027');
});

test('a day knows which of its hours are odd', () => {
  expect(oddHours('2026-03-29', 'Europe/Berlin')).toEqual({ gap: { from: 2 * hour, to: 3 * hour }, twice: null });
  expect(oddHours('2026-10-25', 'Europe/Berlin')).toEqual({ gap: null, twice: { from: 2 * hour, to: 3 * hour } });
  expect(oddHours('2026-11-21', 'Europe/Berlin')).toEqual({ gap: null, twice: null });
  expect(wallOfDay('2026-11-21')).toBe(at('2026-11-21', '00:00'));
});
