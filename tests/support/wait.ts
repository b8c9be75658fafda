type Nothing = false | null | undefined;

/** Far more than any of it takes on a machine that is busy with much else: whoever waits so long waits for nothing. */
const patienceMs = 120_000;

/** Waits on a condition instead of on the clock; fails with `what` after the limit. */
export async function until<T>(what: string, condition: () => T | Nothing | Promise<T | Nothing>, limitMs = patienceMs): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
