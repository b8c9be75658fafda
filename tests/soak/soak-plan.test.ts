// The parts of the soak that need no server: what it was asked for, and that a seed gives the same run again.
import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { freshContent, laterContent, sameContent } from './content.ts';
import { ledgerCounts, ledgerOutcome, type Ledger } from './ledger.ts';
import { stepKinds, stepOf } from './plan.ts';
import { drawFrom } from './random.ts';

describe('what the soak is asked for', () => {
  it('takes a duration, a seed and servers in any order', () => {
    expect(parseArguments(['30m'])).toEqual({
      milliseconds: 1_800_000,
      duration: '30m',
      seed: null,
      majors: null,
      kinds: null,
      verbose: false,
    });
    expect(parseArguments(['--servers', '15,18', '90s', '--seed', '7'])).toMatchObject({ milliseconds: 90_000, seed: 7, majors: [15, 18] });
    expect(parseArguments(['1h', '--only', 'backUp,tick'])).toMatchObject({ milliseconds: 3_600_000, kinds: ['backUp', 'tick'] });
  });

  it.each([
    [[]],
    [['3']],
    [['0m']],
    [['3m', '4m']],
    [['3m', '--seed']],
    [['3m', '--seed', 'x']],
    [['3m', '--servers', '15;18']],
    [['3m', '--sed', '1']],
    [['3m', '--only', 'sleep']],
  ])('refuses %j, and says how it is used', (args) => expect(() => parseArguments(args)).toThrow(/npm run soak -- DURATION/));
});

describe('a seed', () => {
  const told = (seed: number, major: number): string[] =>
    Array.from({ length: 200 }, (_, at) => {
      const { kind, fate, draw } = stepOf(seed, major, at + 1);
      return JSON.stringify([kind, fate, draw.upTo(1000)]);
    });

  it('gives the same steps, fates and draws again; another seed or server gives others', () => {
    expect(told(42, 15)).toEqual(told(42, 15));
    expect(told(42, 15)).not.toEqual(told(43, 15));
    expect(told(42, 15)).not.toEqual(told(42, 18));
  });

  it('reaches every kind of step and fate', () => {
    const steps = Array.from({ length: 400 }, (_, at) => stepOf(1, 15, at));
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(stepKinds));
    expect(new Set(steps.map(({ fate }) => fate.kind))).toEqual(new Set(['none', 'cancel', 'kill', 'crash']));
  });

  it('gives the same contents again', () => {
    const make = (seed: number) => {
      const first = freshContent(drawFrom('content', seed), new Set(), 1);
      return [first, laterContent(drawFrom('later', seed), first)] as const;
    };
    const [first, later] = make(5);
    expect(sameContent(first, make(5)[0])).toBe(true);
    expect(sameContent(later, make(5)[1])).toBe(true);
    expect(sameContent(first, later)).toBe(false);
  });
});

describe("the ledger's model", () => {
  const backup: Ledger = new Map([
    [1, { label: 'same', note: null }],
    [2, { label: 'theirs', note: 'kept' }],
    [3, { label: 'only in the backup', note: null }],
  ]);
  const live: Ledger = new Map([
    [1, { label: 'same', note: null }],
    [2, { label: '', note: null }],
    [4, { label: 'only live', note: 'x' }],
  ]);

  it('counts what a preview counts', () => {
    expect(ledgerCounts(backup, live)).toMatchObject({
      rows: 3,
      new: 1,
      identical: 1,
      conflicts: 1,
      liveOnly: 1,
      conflictsByColumn: { label: 1, note: 1 },
      filled: { rows: 1, fields: 1 },
    });
  });

  it('knows what each strategy leaves', () => {
    const left = (strategy: 'replace' | 'merge' | 'skip' | 'leave', empty = false) => [
      ...ledgerOutcome(backup, live, strategy, empty).ledger,
    ];
    const [one, two, three] = [...backup];
    const [, liveTwo, four] = [...live];
    expect(left('replace')).toEqual([one, two, three]);
    expect(left('skip')).toEqual([one, liveTwo, four, three]);
    expect(left('merge')).toEqual([one, [2, { label: '', note: 'kept' }], four, three]);
    expect(left('merge', true)).toEqual([one, two, four, three]);
    expect(left('leave')).toEqual([one, liveTwo, four]);
    expect(ledgerOutcome(backup, live, 'merge', false).effects).toEqual({ created: 1, updated: 1, deleted: 0, skipped: 1 });
  });
});
