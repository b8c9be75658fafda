// Makes a failing case small: takes tables, rules and rows away for as long as both states hold and it still fails.
import type { Case } from './generate.ts';
import { faultsOf } from './rules.ts';
import type { State, TableShape } from './shapes.ts';
import { rowsOf } from './shapes.ts';

/** The smallest case found before the deadline (milliseconds, `performance.now()`) for which `fails` holds. */
export async function shrink(found: Case, fails: (it: Case) => Promise<boolean>, deadline: number): Promise<Case> {
  let smallest = found;
  for (let progress = true; progress;) {
    progress = false;
    for (const candidate of smaller(smallest)) {
      if (performance.now() > deadline) return smallest;
      if (!isSound(candidate) || !(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

const isSound = ({ backup, live }: Case): boolean => {
  try {
    return live.tables.length > 0 && faultsOf(backup).length === 0 && faultsOf(live).length === 0;
  } catch {
    // A rule that names a column which was taken away.
    return false;
  }
};

function* smaller(it: Case): Generator<Case> {
  const names = it.live.tables.map((table) => table.name);
  for (const name of names) yield both(it, (state) => withoutTable(state, name));
  for (const name of names) {
    const most = Math.max(rowsOf(it.backup, name).length, rowsOf(it.live, name).length);
    if (most > 2) {
      yield both(it, (state) => withRows(state, name, (_, at) => at < most / 2));
      yield both(it, (state) => withRows(state, name, (_, at) => at >= most / 2));
    }
  }
  for (const name of names) {
    for (const list of ['foreignKeys', 'uniques', 'checks'] as const) {
      const rules = it.live.tables
        .concat(it.backup.tables)
        .filter((table) => table.name === name)
        .flatMap((table) => table[list].map((rule) => rule.name));
      for (const rule of new Set(rules)) {
        yield both(it, (state) =>
          withTable(state, name, (table) => ({ ...table, [list]: table[list].filter((one) => one.name !== rule) })),
        );
      }
    }
    yield both(it, (state) => withTable(state, name, (table) => ({ ...table, partitioned: null })));
    yield both(it, (state) => withTable(state, name, (table) => ({ ...table, droppedBefore: null })));
    const columns = it.live.tables
      .concat(it.backup.tables)
      .filter((table) => table.name === name)
      .flatMap((table) => table.columns.map((column) => column.name));
    for (const column of new Set(columns)) if (!isUsed(it, name, column)) yield both(it, (state) => withoutColumn(state, name, column));
  }
  for (const name of names) {
    for (const side of ['backup', 'live'] as const) {
      for (let at = rowsOf(it[side], name).length - 1; at >= 0; at -= 1) {
        yield { ...it, [side]: withRows(it[side], name, (_, other) => other !== at) };
      }
    }
  }
}

const both = (it: Case, change: (state: State) => State): Case => ({ ...it, backup: change(it.backup), live: change(it.live) });

const withTable = (state: State, name: string, change: (table: TableShape) => TableShape): State => ({
  ...state,
  tables: state.tables.map((table) => (table.name === name ? change(table) : table)),
});

const withRows = (state: State, name: string, keep: (row: unknown, at: number) => boolean): State => ({
  ...state,
  rows: { ...state.rows, [name]: rowsOf(state, name).filter(keep) },
});

function withoutTable(state: State, name: string): State {
  const tables = state.tables
    .filter((table) => table.name !== name)
    .map((table) => ({ ...table, foreignKeys: table.foreignKeys.filter((foreignKey) => foreignKey.parent !== name) }));
  return { tables, rows: state.rows };
}

function withoutColumn(state: State, name: string, column: string): State {
  const changed = withTable(state, name, (table) => ({ ...table, columns: table.columns.filter((one) => one.name !== column) }));
  const rows = rowsOf(state, name).map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== column)));
  return { ...changed, rows: { ...changed.rows, [name]: rows } };
}

/** Something else names the column. */
function isUsed(it: Case, name: string, column: string): boolean {
  return [it.backup, it.live].some((state) =>
    state.tables.some((table) => {
      if (
        table.foreignKeys.some(
          (key) => (key.parent === name && key.parentColumns.includes(column)) || (table.name === name && key.columns.includes(column)),
        )
      ) {
        return true;
      }
      if (table.name !== name) return false;
      return (
        table.columns.length < 2 ||
        table.droppedBefore === column ||
        (table.primaryKey?.columns.includes(column) ?? false) ||
        table.partitioned?.column === column ||
        table.columns.some((one) => one.generated?.from === column) ||
        table.uniques.some((rule) => rule.where?.column === column || rule.parts.some((part) => part.column === column)) ||
        table.checks.some((check) => (check.kind === 'notBoth' ? check.columns.includes(column) : check.column === column))
      );
    }),
  );
}
