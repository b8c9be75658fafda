// A key that does not tell rows apart, as what stands in a table's way.
import { formatNumber } from '../../../shared/format.ts';
import type { BlockedTable, ComparedTable } from './compared.ts';

type Blocker = BlockedTable['blockers'][number];

const nameOf = ({ live }: ComparedTable): string => `${live.schema}.${live.table}`;
const quotedList = (names: string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Null where both sides have every column of the key. */
export function keyMissing(table: ComparedTable): Blocker | null {
  const missing = table.key.columns.filter((name) => !table.columns.some((column) => column.name === name));
  if (missing.length === 0) return null;
  return {
    code: 'KEY_NOT_UNIQUE',
    message: `The key of ${nameOf(table)} names ${quotedList(missing)}, which both sides do not have.`,
    hint: 'Name columns that are in the backup and in the live table.',
  };
}

/** `faults`: rows whose key is NULL or comes more than once. */
export const keyNotUnique = (table: ComparedTable, faults: number): Blocker => ({
  code: 'KEY_NOT_UNIQUE',
  message: `${formatNumber(faults, 'row')} of ${nameOf(table)} have no key of their own in ${quotedList(table.key.columns)}: it is NULL or comes more than once.`,
  hint: 'Name other key columns (--key TABLE=COLUMN,COLUMN).',
});
