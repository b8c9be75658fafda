// One difference between two schemas, with its place among the mends.
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { columnDefinition } from './mend-tables.ts';
import type { Column, TableDefinition } from './model.ts';

/** `about`: the table that it is, or that it is part of. `step` and `order`: when its mend can be run. */
export type Found = SchemaDifference & { about: TableName | null; step: number; order: number };

/** First goes what others do not need, then comes what is missing, then goes what nothing uses any longer. */
export const [dropFirst, make, makeLast, dropLast] = [0, 1, 2, 3] as const;

export const settingsOf = (column: Column): string =>
  [...column.settings]
    .map((setting) => setting.join(' '))
    .toSorted()
    .join(', ');

export function push(
  found: Found[],
  difference: SchemaDifference,
  about: TableName | TableDefinition | null,
  step: number,
  order: number,
): void {
  const table = about === null ? null : 'table' in about ? about : { schema: about.schema, table: about.name };
  found.push({ ...difference, about: table, step, order });
}

export function pushColumn(
  found: Found[],
  kind: SchemaDifference['kind'],
  type: string,
  table: TableDefinition,
  backup: Column | null,
  live: Column | null,
  mend: string | null,
  step: number,
  order: number,
): void {
  const name = `${table.name} ${backup?.name ?? live?.name ?? ''}`;
  const words = (column: Column | null): string | null => {
    if (column === null) return null;
    if (type === 'DEFAULT') return column.default?.sql ?? null;
    if (type === 'IDENTITY') return column.identity?.sql ?? null;
    if (type === 'COLUMN SETTING') return settingsOf(column);
    return table.namesOnly && column === backup ? null : columnDefinition(column);
  };
  push(found, { kind, type, schema: table.schema, name, backup: words(backup), live: words(live), mend }, table, step, order);
}
