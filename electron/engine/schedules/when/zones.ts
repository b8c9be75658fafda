// Offsets of IANA zones, asked of Intl once for each stretch of time and kept: Intl answers in microseconds, slots need nanoseconds.
// A wall time is written as the milliseconds that the same digits have in UTC.

/** From `from` until the next segment begins, the wall clock is the instant + `offset`. Milliseconds. */
type Segment = { from: number; offset: number };

const day = 86_400_000;
/** Whole minutes and days, so that both line up; about a year. */
const stretch = 384 * day;
/** No zone has gone back on a change within so short a time since 1970. */
const probe = 3 * day;
/** More than any offset from UTC, and than any leap of a wall clock. */
const reach = 26 * 3_600_000;

class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, Segment[]>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The segment that holds `instant` and those after it that begin by `until`. */
  segments(instant: number, until: number): Segment[] {
    const first = Math.floor(instant / stretch);
    const last = Math.floor(until / stretch);
    let found: Segment[] = this.#stretch(first);
    for (let index = first + 1; index <= last; index++) found = found.concat(this.#stretch(index));
    if (found.length === 1) return found;
    let start = 0;
    while (start + 1 < found.length && (found[start + 1] as Segment).from <= instant) start += 1;
    let end = found.length;
    while (end > start + 1 && (found[end - 1] as Segment).from > until) end -= 1;
    return start === 0 && end === found.length ? found : found.slice(start, end);
  }

  offset(instant: number): number {
    const segments = this.#stretch(Math.floor(instant / stretch));
    let index = segments.length - 1;
    while (index > 0 && (segments[index] as Segment).from > instant) index -= 1;
    return (segments[index] as Segment).offset;
  }

  #stretch(index: number): Segment[] {
    const known = this.#stretches.get(index);
    if (known !== undefined) return known;
    const start = index * stretch;
    const segments: Segment[] = [{ from: start, offset: this.#ask(start) }];
    let at = start;
    let offset = (segments[0] as Segment).offset;
    while (at < start + stretch) {
      const next = at + probe;
      const there = this.#ask(next);
      while (there !== offset) {
        const change = this.#changeAfter(at, next, offset);
        if (change >= start + stretch) break;
        offset = this.#ask(change);
        segments.push({ from: change, offset });
        at = change;
      }
      at = next;
      offset = there;
    }
    this.#stretches.set(index, segments);
    return segments;
  }

  /** The first instant after `low` whose offset is not `offset`; at `high` it is not. To the second, as the zone rules are. */
  #changeAfter(low: number, high: number, offset: number): number {
    let before = low;
    let after = high;
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (this.#ask(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }

  #ask(instant: number): number {
    const [month, dayOfMonth, year, era, hour, minute, second] = this.#format.format(instant).split(/[^0-9A-Z]+/);
    const years = era === 'B' || era === 'BC' ? 1 - Number(year) : Number(year);
    const wall = new Date(0);
    wall.setUTCFullYear(years, Number(month) - 1, Number(dayOfMonth));
    wall.setUTCHours(Number(hour), Number(minute), Number(second));
    return wall.getTime() - Math.floor(instant / 1000) * 1000;
  }
}

const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** What the wall clock of `zone` shows at `instant`. Milliseconds both. Errors: RangeError (no such zone). */
export const wallOf = (instant: number, zone: string): number => instant + zoneOf(zone).offset(instant);

/** When the wall clock of `zone` first shows `wall` or later: the time itself; the first of two; the first instant after a gap. */
export function instantOf(wall: number, zone: string): number {
  const segments = zoneOf(zone).segments(wall - reach, wall + reach);
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] as Segment;
    const next = segments[index + 1];
    if (next !== undefined && next.from + segment.offset <= wall) continue;
    const instant = wall - segment.offset;
    // Only where the clock leapt over it: then the leap itself.
    return index > 0 && instant < segment.from ? segment.from : instant;
  }
  throw new Error('a zone without an end');
}

/** The latest that the wall clock has shown by `instant`; where it went back, that is more than it shows now. */
export function highestWall(instant: number, zone: string): number {
  const segments = zoneOf(zone).segments(instant - reach, instant);
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < segments.length; index++) {
    const next = segments[index + 1];
    highest = Math.max(highest, (next === undefined ? instant : next.from - 1) + (segments[index] as Segment).offset);
  }
  return highest;
}

/** The offset where it is the same in all of that time and a day around it; null where it changes. */
export function steadyOffset(from: number, to: number, zone: string): number | null {
  const segments = zoneOf(zone).segments(from - reach, to + reach);
  const offset = (segments[0] as Segment).offset;
  return segments.every((segment) => segment.offset === offset) ? offset : null;
}

/** Where the clock of `zone` was put forward or back in that time: the instant, and the wall clock just before and from then on. */
export function clockChanges(from: number, to: number, zone: string): { at: number; before: number; after: number }[] {
  const segments = zoneOf(zone).segments(from, to);
  const changes: { at: number; before: number; after: number }[] = [];
  for (let index = 1; index < segments.length; index++) {
    const { from: at, offset } = segments[index] as Segment;
    const earlier = (segments[index - 1] as Segment).offset;
    if (offset !== earlier) changes.push({ at, before: at + earlier, after: at + offset });
  }
  return changes;
}
