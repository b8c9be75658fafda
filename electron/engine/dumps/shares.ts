// Deals an archive's entries out to several readers.
import type { Toc } from './toc.ts';

/** Below this, starting a second reader costs more than it wins. */
const leastToShareBytes = 16 * 1024 * 1024;

/** Dump ids of about equal data, every entry in one of them. One share where there is little to win. */
export function sharesOf(toc: Pick<Toc, 'entries'>, sizes: Map<number, number>, count: number): number[][] {
  const shares = Array.from({ length: count }, () => ({ bytes: 0, ids: [] as number[] }));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (total < leastToShareBytes) return [toc.entries.map((entry) => entry.dumpId)];
  for (const entry of toc.entries.toSorted((a, b) => (sizes.get(b.dumpId) ?? 0) - (sizes.get(a.dumpId) ?? 0))) {
    const least = shares.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.bytes += sizes.get(entry.dumpId) ?? 0;
    least.ids.push(entry.dumpId);
  }
  return shares.filter((share) => share.ids.length > 0).map((share) => share.ids.toSorted((a, b) => a - b));
}
