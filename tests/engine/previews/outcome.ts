// What the tables are after a restore by strategy, and whether it must be refused: the model's other half.
import type { RowEffects, TableStrategy } from '../../../shared/contract/previews.ts';
import { compareTable, countsOf, effectsOf, type Compared } from './model.ts';
import { clash, faultsOf, faultsOfRow, keyOf, referenceOf, uniqueRules } from './rules.ts';
import type { ForeignKeyShape, Row, State, TableShape } from './shapes.ts';
import { rowsOf, tableOf } from './shapes.ts';

export type Choice = { byTable: Record<string, TableStrategy['strategy']>; fillEmptyStrings: boolean };

/** The blockers that mean the same to the model: which of two tables gets the blame is the program's choice. */
export const blockerKinds = {
  nulls: ['NULLS_NOT_ALLOWED'],
  check: ['CHECK_FAILS'],
  unique: ['UNIQUE_CLASH'],
  reference: ['MISSING_REFERENCE', 'ROWS_IN_THE_WAY'],
  partition: ['NO_PARTITION'],
} as const;

export type Outcome = {
  state: State;
  effects: Record<string, RowEffects>;
  /** It must be refused, for each of these. */
  blocked: Set<keyof typeof blockerKinds>;
  /** It may be refused, with these codes: the result is sound, but cannot be had in one statement. */
  mayBlock: Set<string>;
};

type Change = { deleted: Row[]; updated: { was: Row; is: Row }[] };

/** Compares every table that both sides have, by name. */
export function compareAll(backup: State, live: State): Record<string, Compared> {
  return Object.fromEntries(
    live.tables.map((table) => [
      table.name,
      compareTable(table, tableOf(backup, table.name), rowsOf(live, table.name), rowsOf(backup, table.name)),
    ]),
  );
}

/** Carries a choice out. Where it is blocked, `state` is what would have been. */
export function outcomeOf(live: State, compared: Record<string, Compared>, choice: Choice): Outcome {
  const state: State = { tables: live.tables, rows: {} };
  const outcome: Outcome = { state, effects: {}, blocked: new Set(), mayBlock: new Set() };
  const changes: Record<string, Change> = {};
  for (const table of live.tables) {
    const found = compared[table.name];
    const strategy = choice.byTable[table.name] ?? 'leave';
    if (found === undefined) throw new Error(`${table.name} was not compared`);
    const done = apply(rowsOf(live, table.name), found, strategy, choice.fillEmptyStrings);
    state.rows[table.name] = done.rows;
    changes[table.name] = done.change;
    outcome.effects[table.name] =
      strategy === 'leave'
        ? { created: 0, updated: 0, deleted: 0, skipped: countsOf(found).rows }
        : effectsOf(found, choice.fillEmptyStrings)[strategy];
    for (const row of done.written) for (const fault of faultsOfRow(table, row)) outcome.blocked.add(fault);
  }
  for (const fault of faultsOf(state)) if (fault.kind === 'unique' || fault.kind === 'reference') outcome.blocked.add(fault.kind);
  for (const table of live.tables) for (const code of hardToCarryOut(state, table, changes)) outcome.mayBlock.add(code);
  return outcome;
}

function apply(liveRows: Row[], found: Compared, strategy: TableStrategy['strategy'], empty: boolean) {
  const change: Change = { deleted: [], updated: [] };
  let added: Row[] = [];
  if (strategy === 'skip') added = found.fresh;
  if (strategy === 'merge') {
    const merged = empty ? found.mergeEmpty : found.merge;
    added = found.fresh.filter((row) => !merged.clashing.includes(row));
    change.updated = merged.filled.map((pair) => ({ was: pair.live, is: pair.backup }));
  }
  if (strategy === 'replace') {
    added = [...found.fresh, ...found.uniqueClashes];
    change.updated = found.conflicts.map((pair) => ({ was: pair.live, is: pair.backup }));
    change.deleted = found.liveOnly;
  }
  const now = new Map(change.updated.map(({ was, is }) => [was, is]));
  const kept = liveRows.filter((row) => !change.deleted.includes(row)).map((row) => now.get(row) ?? row);
  return { rows: [...kept, ...added], written: [...now.values(), ...added], change };
}

/** Where actions of foreign keys, or checks between the rows of one statement, may stand in the way of a sound result. */
function hardToCarryOut(state: State, table: TableShape, changes: Record<string, Change>): string[] {
  const codes: string[] = [];
  const change = changes[table.name] ?? { deleted: [], updated: [] };
  const references = state.tables.flatMap((child) =>
    child.foreignKeys.filter((foreignKey) => foreignKey.parent === table.name).map((foreignKey) => ({ child, foreignKey })),
  );
  if (references.some(({ foreignKey }) => foreignKey.onDelete !== 'noAction') && isRewritten(table, change)) codes.push('UNIQUE_SWAP');
  for (const { child, foreignKey } of references) {
    const referred = new Set(rowsOf(state, child.name).map((row) => referenceOf(state, child, foreignKey, row)));
    const gone = (row: Row): boolean =>
      referred.has(keyOf(table, foreignKey.parentColumns, row)) && keyOf(table, foreignKey.parentColumns, row) !== null;
    if (foreignKey.onDelete !== 'noAction' && change.deleted.some(gone)) codes.push('ROWS_IN_THE_WAY');
    if (foreignKey.onUpdate !== 'noAction' && change.updated.some(({ was, is }) => isRekeyed(foreignKey, was, is) && gone(was))) {
      codes.push('ROWS_IN_THE_WAY');
    }
  }
  return codes;
}

/** Also when the new key is only printed otherwise: ON UPDATE CASCADE hands that on. */
const isRekeyed = (foreignKey: ForeignKeyShape, was: Row, is: Row): boolean =>
  foreignKey.parentColumns.some((column) => was[column] !== is[column]);

/** Values move from row to row, or an identity changes that an UPDATE cannot set. */
function isRewritten(table: TableShape, { updated }: Change): boolean {
  const always = table.columns.filter((column) => column.identity === 'always').map((column) => column.name);
  if (updated.some(({ was, is }) => always.some((column) => was[column] !== is[column]))) return true;
  return uniqueRules(table)
    .filter((rule) => !rule.deferrable)
    .some((rule) => updated.some((one) => updated.some((other) => other !== one && clash(table, rule, one.is, other.was))));
}
