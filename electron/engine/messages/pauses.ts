// When a message is tried again: the rule of docs/schedules.md.
const minute = 60_000;
const pauses = [10_000, 30_000, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute];
const hourly = 60 * minute;
const aDay = 24 * hourly;

/** Milliseconds until the next try after so many; null: that was the last. Counted in tries, not by the clock, so that a
 * computer that slept over the day still tries as often. */
export function pauseAfter(tries: number): number | null {
  const known = pauses[tries - 1];
  if (known !== undefined) return known;
  const soFar = pauses.reduce((sum, pause) => sum + pause, 0) + (tries - 1 - pauses.length) * hourly;
  return soFar + hourly <= aDay ? hourly : null;
}

/** So long a row belongs to the process that took it; every way of sending gives up sooner. */
export const leaseMs = 2 * minute;
/** A row that failed so often holds up no later ones of its channel. */
export const holdsUpUntil = 4;
export const longestMs = aDay;
