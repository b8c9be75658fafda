// In which hour, day, ISO week, month and year of a zone's wall clock an instant lies. Fast enough for every backup of
// a large catalog: the zone is asked once for a day, not once for an instant.

export type Generation = 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';
export const generations = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const satisfies readonly Generation[];

const dayMs = 86_400_000;

/** `label(at, 'weekly')` is `2026-W47`, of the others a beginning of `2026-11-20T09`. `at`: milliseconds since 1970, UTC. */
export function wallLabels(timeZone: string): (at: number, each: Generation) => string {
  const offsetAt = offsets(timeZone);
  return (at, each) => {
    const wall = new Date(at + offsetAt(at));
    if (each === 'weekly') return isoWeek(wall);
    return wall.toISOString().slice(0, { hourly: 13, daily: 10, monthly: 7, yearly: 4 }[each]);
  };
}

/** The week that holds the day's Thursday, by that Thursday's year (ISO 8601). */
function isoWeek(wall: Date): string {
  const weekday = (wall.getUTCDay() + 6) % 7;
  const thursday = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() - weekday + 3));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - first) / dayMs / 7) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

/** Wall clock minus UTC, in milliseconds. */
function offsets(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const asked = (at: number): number => {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
  const borders = new Map<number, number>();
  const atBorder = (day: number): number => {
    const known = borders.get(day);
    if (known !== undefined) return known;
    const found = asked(day * dayMs);
    borders.set(day, found);
    return found;
  };
  return (at) => {
    const day = Math.floor(at / dayMs);
    const before = atBorder(day);
    return before === atBorder(day + 1) ? before : asked(at);
  };
}
