// Where runs stand in a column of a day: pixels from its midnight.
import { placeInColumns, type Block, type Placed } from './columns.ts';
import type { CalendarItem } from './items.ts';
import { dayOfWall, hour, toWall, wallOfDay } from './zone.ts';

export const hourHeight = 52;
export const leastHeight = 21;

/** `rest`: the part after midnight of one that began on the day before. */
export type Spot = Placed & { rest: boolean };

export function boxOf(spot: Placed, above: number): React.CSSProperties {
  const share = 100 / spot.columns;
  return {
    position: 'absolute',
    top: spot.top - above + 1,
    height: spot.height - 2,
    left: `calc(${spot.column * share}% + 2px)`,
    width: `calc(${share * spot.span}% - 4px)`,
  };
}

/** Blocks of one day: what begins on it, and what is left of what began on the day before. */
export function spotsOf(items: readonly CalendarItem[], day: string, zone: string, most: number): Spot[] {
  const midnight = wallOfDay(day);
  const blocks: Block[] = [];
  const rests: Block[] = [];
  for (const item of items) {
    const { begin, length } = drawnSpan(item);
    const wall = toWall(begin, zone);
    const height = Math.max(leastHeight, (length / hour) * hourHeight);
    const top = ((wall - midnight) / hour) * hourHeight;
    const whole = 24 * hourHeight;
    if (dayOfWall(wall) === day) {
      // One just before midnight must not hang out of its column.
      const from = Math.min(top, whole - leastHeight);
      blocks.push({ item, top: from, height: Math.min(height, whole - from) });
    } else if (top < 0 && top + (length / hour) * hourHeight > 4) {
      rests.push({ item, top: 0, height: Math.max(leastHeight, Math.min(top + height, whole)) });
    }
  }
  const restItems = new Set(rests.map(({ item }) => item));
  return placeInColumns([...rests, ...blocks], most, leastHeight).map((placed) => ({
    ...placed,
    rest: placed.kind === 'item' && restItems.has(placed.item),
  }));
}

/** Where it is drawn: where it really ran, and at its slot as long as it has not. */
export function drawnSpan(item: CalendarItem): { begin: number; length: number } {
  const begin = item.kind === 'run' && item.startedAt !== null ? item.startedAt : item.at;
  // A run made up for days later stays at its slot: that is where it is looked for.
  const late = Math.abs(begin - item.at) > 12 * hour;
  return { begin: late ? item.at : begin, length: item.until === null ? 0 : Math.max(0, item.until - begin) };
}
