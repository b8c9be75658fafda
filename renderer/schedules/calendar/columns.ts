// Where runs that overlap stand beside each other in week and day. Works on what is drawn, in pixels from the top, since a
// run of a second is drawn as tall as its name.
import { severity, type CalendarItem } from './items.ts';

export type Block = { item: CalendarItem; top: number; height: number };
/** `span`: how many of the `columns` it may fill, from `column` on. */
type Place = { top: number; height: number; column: number; columns: number; span: number };
export type Placed = ({ kind: 'item'; item: CalendarItem } & Place) | ({ kind: 'more'; key: string; items: CalendarItem[] } & Place);

/** At most `most` columns: where more overlap, the worst stay in sight and the rest is one box in the last column. */
export function placeInColumns(blocks: readonly Block[], most: number, moreHeight: number): Placed[] {
  const placed: Placed[] = [];
  for (const cluster of clustersOf(blocks)) {
    const { columns, at } = fill(cluster);
    if (columns <= most) {
      for (const block of cluster) placed.push({ kind: 'item', ...block, ...room(block, at, columns), columns });
      continue;
    }
    const kept: Block[] = [];
    const hidden: Block[] = [];
    for (const block of cluster.toSorted((a, b) => severity[a.item.state] - severity[b.item.state] || a.top - b.top)) {
      if (fill([...kept, block].toSorted(byTop)).columns <= most - 1) kept.push(block);
      else hidden.push(block);
    }
    const inner = fill(kept.toSorted(byTop));
    for (const block of kept) placed.push({ kind: 'item', ...block, ...room(block, inner.at, most - 1), columns: most });
    // Those left out that lie close together share a box.
    for (const group of clustersOf(hidden.map((block) => ({ ...block, height: moreHeight })))) {
      const first = group[0];
      if (first === undefined) continue;
      placed.push({
        kind: 'more',
        key: `more ${first.item.key}`,
        items: group.map(({ item }) => item),
        top: first.top,
        height: moreHeight,
        column: most - 1,
        columns: most,
        span: 1,
      });
    }
  }
  return placed;
}

function byTop(a: Block, b: Block): number {
  return a.top - b.top || b.height - a.height;
}

/** Blocks that touch each other, directly or over others. */
function clustersOf(blocks: readonly Block[]): Block[][] {
  const clusters: Block[][] = [];
  let bottom = -Infinity;
  for (const block of blocks.toSorted(byTop)) {
    const current = clusters.at(-1);
    if (current === undefined || block.top >= bottom) clusters.push([block]);
    else current.push(block);
    bottom = Math.max(bottom, block.top + block.height);
  }
  return clusters;
}

/** Its column, and those to the right of it that nobody else needs while it lasts. */
function room(block: Block, at: ReadonlyMap<Block, number>, columns: number): { column: number; span: number } {
  const column = at.get(block) ?? 0;
  let end = columns;
  for (const [other, itsColumn] of at) {
    const meets = other.top < block.top + block.height && block.top < other.top + other.height;
    if (itsColumn > column && meets) end = Math.min(end, itsColumn);
  }
  return { column, span: end - column };
}

/** Each goes into the first column that is free at its top. */
function fill(blocks: readonly Block[]): { columns: number; at: Map<Block, number> } {
  const bottoms: number[] = [];
  const at = new Map<Block, number>();
  for (const block of blocks) {
    const free = bottoms.findIndex((bottom) => bottom <= block.top);
    const column = free === -1 ? bottoms.length : free;
    bottoms[column] = block.top + block.height;
    at.set(block, column);
  }
  return { columns: bottoms.length, at };
}
