// Which tables the grid shows, and in which order. Thousands of them: every keystroke goes through here.
import type { TablePreview } from '../../shared/contract/previews.ts';

export const sortKeys = ['name', 'conflicts', 'new', 'liveOnly', 'uniqueClashes', 'identical'] as const;
export type SortKey = (typeof sortKeys)[number];
export type TableView = { search: string; differing: boolean; sort: SortKey; descending: boolean };

export const firstView: TableView = { search: '', differing: false, sort: 'conflicts', descending: true };

export function differences(table: TablePreview): number {
  return table.new + table.conflicts + table.liveOnly + table.uniqueClashes;
}

/** Something about it wants to be looked at. */
export function differs(table: TablePreview): boolean {
  return differences(table) > 0 || !table.compared || table.blockers.length > 0;
}

/** Ties: what could not be compared first, then more differences, then by name. */
export function viewTables(tables: readonly TablePreview[], view: TableView): TablePreview[] {
  const words = view.search.trim().toLowerCase();
  const sign = view.descending ? -1 : 1;
  return tables
    .filter(
      (table) => (!view.differing || differs(table)) && (words === '' || `${table.schema}.${table.table}`.toLowerCase().includes(words)),
    )
    .toSorted((a, b) => {
      const byKey = view.sort === 'name' ? byName(a, b) : a[view.sort] - b[view.sort];
      return sign * byKey || Number(a.compared) - Number(b.compared) || differences(b) - differences(a) || byName(a, b);
    });
}

const collator = new Intl.Collator('en', { numeric: true });
function byName(a: TablePreview, b: TablePreview): number {
  return collator.compare(a.schema, b.schema) || collator.compare(a.table, b.table);
}
