// What was chosen and what it would do: added up here from the preview's own numbers, so that a switch answers at once.
import type { TableName } from '../../shared/contract/common.ts';
import type {
  Judgement,
  Preview,
  PreviewBlocker,
  RowEffects,
  Strategy,
  StrategyChoice,
  TablePreview,
  TableStrategy,
  Verdict,
} from '../../shared/contract/previews.ts';
import { tableKey } from '../ui/TablePicker.tsx';

export type Chosen = TableStrategy['strategy'];

/** `does`: one line under the switch. `verb`: goes on after a count of tables or stands alone. */
export const strategyWords: Record<Strategy, { name: string; does: string }> = {
  replace: { name: 'Replace', does: 'The live tables become equal to the backup: rows are added, overwritten and deleted.' },
  merge: { name: 'Merge', does: 'Missing rows are added and empty fields are filled. Nothing is overwritten or deleted.' },
  skip: { name: 'Skip', does: 'Only rows that are not there are added. Rows that exist stay as they are.' },
};

export const chosenWords: Record<Chosen, string> = {
  replace: strategyWords.replace.name,
  merge: strategyWords.merge.name,
  skip: strategyWords.skip.name,
  leave: 'Leave alone',
};

export const noEffects: RowEffects = { created: 0, updated: 0, deleted: 0, skipped: 0 };

/** The strategy that a table gets. Rows that only came along are added where they are missing, whatever was chosen. */
export function strategyOf(table: TablePreview, choice: StrategyChoice): Chosen {
  const own = choice.tableStrategies.find((one) => one.schema === table.schema && one.table === table.table);
  if (own?.strategy === 'leave') return 'leave';
  return table.referencedOnly ? 'skip' : (own?.strategy ?? choice.strategy);
}

/** Gives a table a strategy of its own; null: it goes with the others again. */
export function withTableStrategy(choice: StrategyChoice, table: TableName, strategy: Chosen | null): StrategyChoice {
  const others = choice.tableStrategies.filter((one) => one.schema !== table.schema || one.table !== table.table);
  const own = strategy === null ? [] : [{ schema: table.schema, table: table.table, strategy }];
  return { ...choice, tableStrategies: [...others, ...own] };
}

/** Whether only the engine can tell what the choice would do: tables differ in strategy, or empty strings count as empty. */
export function needsJudging(preview: Preview, choice: StrategyChoice): boolean {
  if (choice.tableStrategies.length > 0) return true;
  return choice.fillEmptyStrings && preview.tables.some((table) => strategyOf(table, choice) === 'merge');
}

export function effectsOf(table: TablePreview, choice: StrategyChoice): RowEffects {
  const strategy = strategyOf(table, choice);
  return strategy === 'leave' ? { ...noEffects, skipped: table.rows } : table.strategies[strategy];
}

export type Outlook = {
  effects: RowEffects;
  /** By `tableKey`. */
  ofTable: (table: TablePreview) => RowEffects;
  blockers: PreviewBlocker[];
  verdict: Verdict;
  /** Live rows that would be overwritten or deleted by replace: what cannot be taken for an addition. */
  lostOrChanged: number;
};

/** What the choice would do. `judgement` null: the whole with one strategy, known from the preview itself. */
export function outlookOf(preview: Preview, choice: StrategyChoice, judgement: Judgement | null): Outlook {
  const judged = new Map((judgement?.tables ?? []).map((table) => [tableKey(table), table.effects]));
  const ofTable = (table: TablePreview) => judged.get(tableKey(table)) ?? effectsOf(table, choice);
  const lostOrChanged = preview.tables
    .filter((table) => strategyOf(table, choice) === 'replace')
    .map(ofTable)
    .reduce((sum, effects) => sum + effects.updated + effects.deleted, 0);
  if (judgement !== null) {
    return { effects: judgement.effects, ofTable, blockers: judgement.blockers, verdict: judgement.verdict, lostOrChanged };
  }
  return {
    effects: preview.tables.map(ofTable).reduce(add, noEffects),
    ofTable,
    blockers: blockersOf(preview, choice),
    verdict: preview.verdicts[choice.strategy],
    lostOrChanged,
  };
}

/** Those of the whole that concern the strategy, then those of each table that concern its own; each told once. */
function blockersOf(preview: Preview, choice: StrategyChoice): PreviewBlocker[] {
  const all = [
    ...preview.blockers.filter((blocker) => blocker.strategies.includes(choice.strategy)),
    ...preview.tables.flatMap((table) => tableBlockers(table, strategyOf(table, choice))),
  ];
  return [...new Map(all.map((blocker) => [`${blocker.code} ${blocker.message}`, blocker])).values()];
}

export function tableBlockers(table: TablePreview, strategy: Chosen): PreviewBlocker[] {
  return strategy === 'leave' ? [] : table.blockers.filter((blocker) => blocker.strategies.includes(strategy));
}

function add(a: RowEffects, b: RowEffects): RowEffects {
  return {
    created: a.created + b.created,
    updated: a.updated + b.updated,
    deleted: a.deleted + b.deleted,
    skipped: a.skipped + b.skipped,
  };
}
