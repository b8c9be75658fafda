// What `npm run soak -- 30m --seed 7 --servers 15,18` asks for.
import { stepKinds, type StepKind } from './plan.ts';

export type SoakArguments = {
  milliseconds: number;
  /** As it was written, for the last line. */
  duration: string;
  /** Null: one from the clock. */
  seed: number | null;
  /** Null: every major that this machine has server and client programs of. */
  majors: number[] | null;
  /** Null: steps of every kind. */
  kinds: StepKind[] | null;
  /** Tells each step as it ends. */
  verbose: boolean;
};

export const usage =
  'npm run soak -- DURATION [--seed N] [--servers 15,18] [--only backUp,restoreRows] [--verbose]     DURATION: 90s, 3m, 2h';

/** Errors: an Error with what is wrong and the usage. */
export function parseArguments(args: readonly string[]): SoakArguments {
  const found: SoakArguments = { milliseconds: 0, duration: '', seed: null, majors: null, kinds: null, verbose: false };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--seed') found.seed = wholeNumber('--seed', rest.shift());
    else if (word === '--servers') found.majors = (rest.shift() ?? '').split(',').map((part) => wholeNumber('--servers', part));
    else if (word === '--verbose') found.verbose = true;
    else if (word === '--only') found.kinds = (rest.shift() ?? '').split(',').map(kindOf);
    else if (word.startsWith('-') || found.duration !== '') throw wrong(`"${word}" is not known`);
    else Object.assign(found, durationOf(word));
  }
  if (found.duration === '') throw wrong('how long is missing');
  return found;
}

function durationOf(word: string): Pick<SoakArguments, 'milliseconds' | 'duration'> {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(word) ?? [];
  const milliseconds = Number(amount) * ({ s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? Number.NaN);
  if (!(milliseconds > 0)) throw wrong(`"${word}" is no duration`);
  return { milliseconds, duration: word };
}

function kindOf(word: string): StepKind {
  const found = stepKinds.find((kind) => kind === word);
  if (found === undefined) throw wrong(`--only takes kinds of steps, of ${stepKinds.join(', ')}`);
  return found;
}

function wholeNumber(name: string, word: string | undefined): number {
  if (word === undefined || !/^\d{1,9}$/.test(word)) throw wrong(`${name} takes ${name === '--seed' ? 'a number' : 'majors, as 15,18'}`);
  return Number(word);
}

const wrong = (what: string): Error => new Error(`${what}\n${usage}`);
