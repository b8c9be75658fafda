import { patience } from './patience.ts';

type Nothing = false | null | undefined;

/** Waits on a condition instead of on the clock; fails with `what` after the limit. */
export async function until<T>(what: string, condition: () => T | Nothing | Promise<T | Nothing>, limitMs = patience): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
