// Draws that are the same again for the same text, so that any step of a run can be drawn again alone.
import { createHash } from 'node:crypto';
import type { Draw } from '../engine/previews/generate.ts';

export type SeededDraw = Draw & {
  /** From 0 to 1, without 1. */
  fraction: () => number;
};

/** Draws from a seed given as words. */
export function drawFrom(...seed: (string | number)[]): SeededDraw {
  let state = createHash('sha256').update(seed.join(' ')).digest().readUInt32LE(0);
  // mulberry32
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (max: number): number => Math.floor(fraction() * (max + 1));
  return {
    fraction,
    upTo,
    chance: (percent) => fraction() * 100 < percent,
    oneOf: (list) => {
      if (list.length === 0) throw new Error('nothing to choose from');
      return list[upTo(list.length - 1)] as (typeof list)[number];
    },
  };
}
