/** Random numbers that a seed repeats (mulberry32). */
export function dice(seed: number) {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    roll,
    between: (low: number, high: number): number => low + Math.floor(roll() * (high - low + 1)),
    one: <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T,
  };
}

export type Dice = ReturnType<typeof dice>;
