// A second reading of docs/preview.md: what a preview must count, in plain TypeScript over lists of rows.
import type { RowEffects } from '../../../shared/contract/previews.ts';
import { clash, keyOf, uniqueRules, withGenerated } from './rules.ts';
import type { Row, TableShape } from './shapes.ts';
import { columnOf } from './shapes.ts';
import { typeOf } from './values.ts';

/** A live row, and what it would be with the backup's values. */
export type Pair = { live: Row; backup: Row; columns: string[] };

/** `clashing`: new rows that merge does not add. */
export type Merge = { filled: Pair[]; fields: number; clashing: Row[] };

export type Compared = {
  /** Null: whole rows are counted. */
  key: string[] | null;
  identical: number;
  conflicts: Pair[];
  /** As they would be added. */
  fresh: Row[];
  uniqueClashes: Row[];
  liveOnly: Row[];
  merge: Merge;
  /** Where empty strings count as empty. */
  mergeEmpty: Merge;
};

/** Compares one table; rows hold all columns of their own side. */
export function compareTable(live: TableShape, backup: TableShape, liveRows: Row[], backupRows: Row[]): Compared {
  const columns = comparedColumns(live, backup);
  const key = keyColumns(live, columns);
  const paired = key === null ? countWholeRows(columns, liveRows, backupRows) : pairByKey(live, key, columns, liveRows, backupRows);
  const candidates = paired.unmatched.map((row) => asAdded(live, columns, row));
  const rules = uniqueRules(live);
  const isClashing = (row: Row): boolean =>
    rules.some(
      (rule) =>
        liveRows.some((other) => clash(live, rule, row, other)) ||
        candidates.some((other) => other !== row && clash(live, rule, row, other)),
    );
  const fresh = candidates.filter((row) => !isClashing(row));
  const conflicts = paired.matched
    .map(({ live: was, backup: values }) => ({
      live: was,
      backup: withGenerated(live, { ...was, ...pick(values, columns) }),
      columns: columns.filter((column) => was[column] !== values[column]),
    }))
    .filter((pair) => pair.columns.length > 0);
  const merged = (empty: boolean): Merge => merge(live, key ?? [], conflicts, liveRows, fresh, empty);
  return {
    key,
    identical: paired.identical + paired.matched.length - conflicts.length,
    conflicts,
    fresh,
    uniqueClashes: candidates.filter(isClashing),
    liveOnly: paired.liveOnly,
    merge: merged(false),
    mergeEmpty: merged(true),
  };
}

/** In both sides, generated on neither. */
function comparedColumns(live: TableShape, backup: TableShape): string[] {
  const inBackup = new Set(backup.columns.filter((one) => one.generated === null).map((one) => one.name));
  return live.columns.filter((one) => one.generated === null && inBackup.has(one.name)).map((one) => one.name);
}

/** The primary key, else the smallest unique index over columns that are all NOT NULL. */
function keyColumns(live: TableShape, compared: string[]): string[] | null {
  const usable = (columns: string[]): boolean => columns.every((column) => compared.includes(column));
  if (live.primaryKey !== null && usable(live.primaryKey.columns)) return live.primaryKey.columns;
  const found = live.uniques
    .filter((rule) => rule.kind !== 'exclusion' && rule.where === null && rule.parts.every((part) => part.how === 'plain'))
    .map((rule) => ({ name: rule.name, columns: rule.parts.map((part) => part.column) }))
    .filter(
      ({ columns }) => usable(columns) && columns.every((name) => columnOf(live, name).notNull || columnOf(live, name).identity !== null),
    )
    .sort((a, b) => a.columns.length - b.columns.length || (a.name < b.name ? -1 : 1));
  return found[0]?.columns ?? null;
}

type Paired = { matched: { live: Row; backup: Row }[]; identical: number; unmatched: Row[]; liveOnly: Row[] };

function pairByKey(live: TableShape, key: string[], columns: string[], liveRows: Row[], backupRows: Row[]): Paired {
  const byKey = new Map(liveRows.map((row) => [keyOf(live, key, row), row]));
  const matched: Paired['matched'] = [];
  const unmatched: Row[] = [];
  for (const row of backupRows) {
    const found = byKey.get(keyOf(live, key, row));
    if (found === undefined) unmatched.push(row);
    else matched.push({ live: found, backup: pick(row, columns) });
  }
  const seen = new Set(matched.map((pair) => pair.live));
  return { matched, identical: 0, unmatched, liveOnly: liveRows.filter((row) => !seen.has(row)) };
}

function countWholeRows(columns: string[], liveRows: Row[], backupRows: Row[]): Paired {
  const whole = (row: Row): string => JSON.stringify(columns.map((column) => row[column] ?? null));
  const liveOnly = [...liveRows];
  const unmatched: Row[] = [];
  for (const row of backupRows) {
    const at = liveOnly.findIndex((other) => whole(other) === whole(row));
    if (at === -1) unmatched.push(row);
    else liveOnly.splice(at, 1);
  }
  return { matched: [], identical: backupRows.length - unmatched.length, unmatched, liveOnly };
}

/** A row of the backup as the live table would hold it. */
function asAdded(live: TableShape, columns: string[], row: Row): Row {
  const added: Row = {};
  for (const column of live.columns) added[column.name] = columns.includes(column.name) ? (row[column.name] ?? null) : column.default;
  return withGenerated(live, added);
}

function merge(live: TableShape, key: string[], conflicts: Pair[], liveRows: Row[], fresh: Row[], empty: boolean): Merge {
  const rules = uniqueRules(live);
  const candidates = conflicts.map((pair) => fill(live, key, pair, empty)).filter((pair) => pair.columns.length > 0);
  const filled = candidates.filter(
    (pair) =>
      !rules.some(
        (rule) =>
          liveRows.some((other) => other !== pair.live && clash(live, rule, pair.backup, other)) ||
          candidates.some((other) => other !== pair && clash(live, rule, pair.backup, other.backup)),
      ),
  );
  return {
    filled,
    fields: filled.reduce((sum, pair) => sum + pair.columns.length, 0),
    clashing: fresh.filter((row) => rules.some((rule) => filled.some((pair) => clash(live, rule, row, pair.backup)))),
  };
}

/** The live row with its empty fields filled; `columns` are those. */
function fill(live: TableShape, key: string[], pair: Pair, empty: boolean): Pair {
  const columns = pair.columns.filter((name) => {
    const column = columnOf(live, name);
    const isEmpty = (value: string | null | undefined): boolean => value === null || (empty && value === '' && typeOf(column.type).text);
    return !key.includes(name) && column.identity === null && isEmpty(pair.live[name]) && !isEmpty(pair.backup[name]);
  });
  return { live: pair.live, backup: withGenerated(live, { ...pair.live, ...pick(pair.backup, columns) }), columns };
}

const pick = (row: Row, columns: string[]): Row => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

/** `filled`, and what each strategy would do. */
export function effectsOf(compared: Compared, empty: boolean): Record<'replace' | 'merge' | 'skip', RowEffects> {
  const fresh = compared.fresh.length;
  const clashing = compared.uniqueClashes.length;
  const conflicts = compared.conflicts.length;
  const rows = compared.identical + conflicts + fresh + clashing;
  const merged = empty ? compared.mergeEmpty : compared.merge;
  const created = fresh - merged.clashing.length;
  return {
    replace: { created: fresh + clashing, updated: conflicts, deleted: compared.liveOnly.length, skipped: compared.identical },
    merge: { created, updated: merged.filled.length, deleted: 0, skipped: rows - created - merged.filled.length },
    skip: { created: fresh, updated: 0, deleted: 0, skipped: rows - fresh },
  };
}

/** The numbers of a table's preview. */
export function countsOf(compared: Compared) {
  const conflictsByColumn: Record<string, number> = {};
  for (const { columns } of compared.conflicts)
    for (const column of columns) conflictsByColumn[column] = (conflictsByColumn[column] ?? 0) + 1;
  return {
    rows: compared.identical + compared.conflicts.length + compared.fresh.length + compared.uniqueClashes.length,
    new: compared.fresh.length,
    identical: compared.identical,
    conflicts: compared.conflicts.length,
    liveOnly: compared.liveOnly.length,
    uniqueClashes: compared.uniqueClashes.length,
    conflictsByColumn,
    filled: { rows: compared.merge.filled.length, fields: compared.merge.fields },
    strategies: effectsOf(compared, false),
  };
}
