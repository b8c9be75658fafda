// How many rows a strategy creates, updates, deletes and passes by: from the counts of a comparison alone.
import type { EffectsByStrategy, RowEffects, StrategyChoice, TableStrategy } from '../../../shared/contract/previews.ts';
import { assertNever } from '../../../shared/errors.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { ComparedTable } from './compared.ts';

export type OneStrategy = TableStrategy['strategy'];
export const noEffects: RowEffects = { created: 0, updated: 0, deleted: 0, skipped: 0 };

export function effectsOf(
  table: Pick<ComparedTable, 'counts' | 'merge' | 'mergeEmpty'>,
  strategy: OneStrategy,
  fillEmptyStrings = false,
): RowEffects {
  const { rows, new: fresh, conflicts, liveOnly, uniqueClashes, identical } = table.counts;
  switch (strategy) {
    case 'replace':
      return { created: fresh + uniqueClashes, updated: conflicts, deleted: liveOnly, skipped: identical };
    case 'skip':
      return { created: fresh, updated: 0, deleted: 0, skipped: rows - fresh };
    case 'merge': {
      const fills = fillEmptyStrings ? table.mergeEmpty : table.merge;
      const created = fresh - fills.clashing;
      return { created, updated: fills.rows, deleted: 0, skipped: rows - created - fills.rows };
    }
    case 'leave':
      return { ...noEffects, skipped: rows };
    default:
      return assertNever(strategy);
  }
}

export const addEffects = (a: RowEffects, b: RowEffects): RowEffects => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  deleted: a.deleted + b.deleted,
  skipped: a.skipped + b.skipped,
});

/** Each strategy for a table; rows that came along only because others refer to them are only ever added. */
export function effectsByStrategy(table: ComparedTable): EffectsByStrategy {
  const one = (strategy: OneStrategy): RowEffects => effectsOf(table, table.referencedOnly ? 'skip' : strategy);
  return { replace: one('replace'), merge: one('merge'), skip: one('skip') };
}

/** What a choice means for a table. Of one without differences everything is left as it is. */
export function strategyFor(table: ComparedTable, choice: StrategyChoice): OneStrategy {
  const own = choice.tableStrategies.find((one) => tableKey(one) === tableKey(table.live))?.strategy;
  if (table.referencedOnly) return own === 'leave' ? 'leave' : 'skip';
  return own ?? choice.strategy;
}
