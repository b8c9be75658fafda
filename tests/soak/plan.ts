// Which step comes when, and what befalls it: by seed, server and number alone, whatever the steps before it came to.
import { drawFrom, type SeededDraw } from './random.ts';

/** How often each comes, of about a hundred. */
const weights = {
  edit: 13,
  backUp: 17,
  verify: 5,
  restoreNew: 9,
  replace: 7,
  undo: 9,
  discard: 4,
  restoreTables: 4,
  preview: 4,
  restoreRows: 15,
  tick: 7,
  retention: 4,
  renew: 2,
} as const;

export type StepKind = keyof typeof weights;
export const stepKinds = Object.keys(weights) as StepKind[];

/** `at`: the share of the time that such a step usually takes. `crash`: the server stops at once and starts again. */
export type Fate = { kind: 'none' } | { kind: 'cancel' | 'kill' | 'crash'; at: number };

export type PlannedStep = { number: number; kind: StepKind; fate: Fate; draw: SeededDraw };

/** Step number n of a server's run, of one of these kinds. `draw` is for whatever else the step has to choose. */
export function stepOf(seed: number, major: number, number: number, kinds: readonly StepKind[] = stepKinds): PlannedStep {
  const draw = drawFrom('soak', seed, major, number);
  return { number, kind: kindOf(draw, kinds), fate: fateOf(draw), draw };
}

function kindOf(draw: SeededDraw, kinds: readonly StepKind[]): StepKind {
  const whole = kinds.reduce((sum, kind) => sum + weights[kind], 0);
  let left = draw.fraction() * whole;
  for (const kind of kinds) {
    left -= weights[kind];
    if (left < 0) return kind;
  }
  return 'edit';
}

function fateOf(draw: SeededDraw): Fate {
  const lot = draw.upTo(99);
  const at = draw.fraction() * 1.05;
  if (lot < 14) return { kind: 'kill', at };
  if (lot < 28) return { kind: 'cancel', at };
  return lot < 33 ? { kind: 'crash', at } : { kind: 'none' };
}
