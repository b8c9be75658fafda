// Times a step, and what this process costs meanwhile.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Cost = { seconds: number; memoryMiB: number; loopDelayMs: number };

/** `memoryMiB`: most resident memory above what was there before. `loopDelayMs`: 99th percentile. */
export async function measured<T>(work: () => Promise<T>): Promise<T & { cost: Cost }> {
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const begun = performance.now();
  const result = await work();
  const seconds = (performance.now() - begun) / 1000;
  loop.disable();
  clearInterval(sampler);
  return { ...result, cost: { seconds, memoryMiB: (most - before) / 1024 / 1024, loopDelayMs: loop.percentile(99) / 1e6 } };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
