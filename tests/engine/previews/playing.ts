// What the parts of the harness share: the cases of a run, the choices they are carried out with, and what is reported.
import { strategyChoice, type Judgement, type Strategy } from '../../../shared/contract/previews.ts';
import type { RestoreRequest } from '../../../shared/contract/restores.ts';
import type { TestEngine } from '../../support/engine.ts';
import type { Case } from './generate.ts';
import { countsOf, type Compared } from './model.ts';
import type { Choice } from './outcome.ts';

export type Ground = { engine: TestEngine; profileId: string; typesDatabase: string };

/** `at`: which of the cases; null: the run of all of them failed. */
export type Failure = { at: number | null; what: string; expected: unknown; found: unknown };

export type Tally = Record<string, number>;

export type Playing = { at: number; schema: string; it: Case; compared: Record<string, Compared> };

/** The choices that a case is judged with. */
export const choiceNames = ['replace', 'merge', 'mixed', 'skip', 'mergeEmpty', 'mixedEmpty'] as const;
export type ChoiceName = (typeof choiceNames)[number];

export function choiceOf(it: Case, name: ChoiceName): Choice {
  const all = (strategy: Strategy): Choice['byTable'] => Object.fromEntries(it.live.tables.map((table) => [table.name, strategy]));
  switch (name) {
    case 'replace':
    case 'merge':
    case 'skip':
      return { byTable: all(name), fillEmptyStrings: false };
    case 'mergeEmpty':
      return { byTable: all('merge'), fillEmptyStrings: true };
    case 'mixed':
      return { byTable: it.mixed.byTable, fillEmptyStrings: false };
    case 'mixedEmpty':
      return { byTable: it.mixed.byTable, fillEmptyStrings: true };
  }
}

export type Request = Pick<RestoreRequest, 'source' | 'profileId' | 'tables'> & { database?: string };

/** Of tables that are left all rows change nothing. */
export const leftAlone = (playing: Playing[]): Judgement['effects'][] =>
  playing.flatMap((one) => Object.values(one.compared).map((table) => ({ ...none, skipped: countsOf(table).rows })));

const none = { created: 0, updated: 0, deleted: 0, skipped: 0 };
export const sum = (effects: Judgement['effects'][]): Judgement['effects'] =>
  effects.reduce(
    (total, one) => ({
      created: total.created + one.created,
      updated: total.updated + one.updated,
      deleted: total.deleted + one.deleted,
      skipped: total.skipped + one.skipped,
    }),
    none,
  );

/** A strategy for every table; `leave` for cases without a choice. */
export function choiceFor(playing: Playing[], choose: (one: Playing) => Choice | null, fillEmptyStrings: boolean) {
  const tableStrategies = playing.flatMap((one) => {
    const choice = choose(one);
    return one.it.live.tables.map((table) => ({
      schema: one.schema,
      table: table.name,
      strategy: choice === null ? ('leave' as const) : (choice.byTable[table.name] ?? ('leave' as const)),
    }));
  });
  return strategyChoice.parse({ strategy: 'skip', tableStrategies, fillEmptyStrings });
}

export function differs(failures: Failure[], at: number | null, what: string, expected: unknown, found: unknown): void {
  if (stable(expected) !== stable(found)) failures.push({ at, what, expected, found });
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
