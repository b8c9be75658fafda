// Times and instants as people type them.
import { dateTimeOf, fromWall } from '../calendar/zone.ts';

/** `2`, `02`, `2:30`, `0230`, `02:30` → `02:30`; null where it is no time of a day. */
export function parseWallTime(text: string): string | null {
  const found = /^(\d{1,2})(?::?(\d{2}))?$/.exec(text.trim());
  if (found === null) return null;
  const hour = Number(found[1]);
  const minute = Number(found[2] ?? '0');
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** For a date-time field: `2026-11-21T02:00` on the wall clock of `zone`; empty for null. */
export function toDateTimeField(timestamp: string | null, zone: string): string {
  return timestamp === null ? '' : dateTimeOf(Date.parse(timestamp), zone).replace(' ', 'T');
}

/** The instant that a date-time field means in `zone`; null where it is empty or half filled in. */
export function fromDateTimeField(text: string, zone: string): string | null {
  const wall = Date.parse(`${text}Z`);
  return text === '' || Number.isNaN(wall) ? null : new Date(fromWall(wall, zone)).toISOString();
}
