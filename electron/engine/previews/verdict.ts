// Whether a restore is safe, in words: rules over counts. They are listed in docs/preview.md.
import type { Reason, RowEffects, Verdict } from '../../../shared/contract/previews.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { Compared, ComparedTable } from './compared.ts';
import type { OneStrategy } from './effects.ts';
import type { Blocker } from './fits.ts';

export type Part = { table: ComparedTable; strategy: OneStrategy; effects: RowEffects };

/** `swap`: the whole database is replaced by another. */
export function verdictOf(compared: Compared, parts: Part[], blockers: Blocker[], swap: boolean): Verdict {
  const reasons: Reason[] = [];
  const add = (code: string, message: string): void => void reasons.push({ code, message });
  const deleted = sum(parts, (part) => part.effects.deleted);
  const overwritten = sum(parts, (part) => (part.strategy === 'replace' ? part.effects.updated : 0));
  const leftOut = sum(parts, (part) => (part.strategy === 'skip' || part.strategy === 'merge' ? part.table.counts.uniqueClashes : 0));
  if (deleted > 0) add('ROWS_LOST', `${formatNumber(deleted, 'row')} that only the live database has would be deleted.`);
  if (overwritten > 0) add('ROWS_CHANGED', `${formatNumber(overwritten, 'live row')} would be overwritten with the backup's values.`);
  if (swap && compared.tablesOnlyLive.length > 0) {
    add(
      'TABLES_LOST',
      `${formatNumber(compared.tablesOnlyLive.length, 'table')} of the live database would be gone: ${named(compared.tablesOnlyLive)}.`,
    );
  }
  if (swap) reasons.push(...unseenBySwap(compared));
  if (swap && !compared.schemaFits) add('SCHEMA_DIFFERS', 'Tables or columns of the backup and of the live database are not the same.');
  // Row by row, a column that only the live table has keeps its values.
  const misfits = swap
    ? []
    : parts.filter(({ table, strategy }) => strategy !== 'leave' && table.columnsOnlyInBackup.length + table.columnsOfOtherType.length > 0);
  if (misfits.length > 0)
    add('SCHEMA_DIFFERS', `Columns of the backup have no place or another type in ${named(misfits.map((part) => part.table.live))}.`);
  if (swap && compared.migrationsDiffer) add('MIGRATIONS_DIFFER', 'The backup is of another migration state than the live database.');
  if (leftOut > 0)
    add('ROWS_LEFT_OUT', `${formatNumber(leftOut, 'row')} of the backup cannot be added: other rows have their unique values.`);
  const firing = parts.filter(
    ({ table, effects }) =>
      !swap && effects.created + effects.updated + effects.deleted > 0 && table.live.triggers.length > 0 && !table.live.owned,
  );
  if (firing.length > 0) {
    add('TRIGGERS_FIRE', `The role may not switch triggers off: those of ${named(firing.map((part) => part.table.live))} would run.`);
  }
  for (const { code, message } of blockers) add(code, message);
  return { safe: reasons.length === 0, reasons };
}

/** What a swap takes away though no comparison saw it. */
function unseenBySwap({ blocked, rowsNotInBackup, largeObjects, liveLargeObjects }: Compared): Reason[] {
  const found: Reason[] = [];
  const notCompared = blocked.filter((table) => table.blockers.some((blocker) => blocker.code !== 'TABLE_MISSING'));
  if (notCompared.length > 0) {
    const why = [...new Set(notCompared.flatMap((table) => table.blockers.map((blocker) => blocker.code)))].join(', ');
    found.push({
      code: 'NOT_COMPARED',
      message: `What the live database has in ${named(notCompared)} could not be compared (${why}) and would be gone.`,
    });
  }
  if (rowsNotInBackup.length > 0) {
    found.push({
      code: 'ROWS_NOT_IN_BACKUP',
      message: `The backup has no rows of ${formatNumber(rowsNotInBackup.length, 'table')} that would be emptied: ${named(rowsNotInBackup)}.`,
    });
  }
  if (largeObjects || liveLargeObjects) {
    found.push({ code: 'LARGE_OBJECTS', message: 'Large objects are not compared: those of the live database would be gone.' });
  }
  return found;
}

const sum = (parts: Part[], of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0);

function named(tables: { schema: string; table: string }[]): string {
  const names = tables.slice(0, 5).map((table) => `${table.schema}.${table.table}`);
  return tables.length > 5 ? `${names.join(', ')} and ${tables.length - 5} more` : names.join(', ');
}
