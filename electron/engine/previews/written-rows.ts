// The rows that a strategy would write, as they would then stand in the live table.
import type { ComparedTable, LiveColumn } from './compared.ts';
import { flag } from './compare.ts';
import type { OneStrategy } from './effects.ts';
import { asAdded, asUpdated, atLive, liveRows, stagingTable } from './rows-sql.ts';

export type Mix = { staging: string; strategy: OneStrategy; fillEmptyStrings: boolean };

/** Lines of d<n> that are added, as FROM items `s` and `d`; null where none can be. */
export function addedSource({ staging, strategy, fillEmptyStrings }: Mix, table: ComparedTable): string | null {
  const [s, d] = ['s', 'd'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string];
  const joined = `${s} s join ${d} d on d.s_tid = s.ctid and d.kind in`;
  switch (strategy) {
    case 'leave':
      return null;
    case 'skip':
      return `${joined} ('n')`;
    case 'replace':
      return `${joined} ('n', 'u')`;
    case 'merge': {
      const k = stagingTable(staging, fillEmptyStrings ? 'j' : 'k', table.n);
      return `${joined} ('n') and not exists (select from ${k} k where k.s_tid = d.s_tid)`;
    }
  }
}

/** Added rows with every live column. `only`: none but those of which this is true (`s`, `d`). */
export function addedRows(mix: Mix, table: ComparedTable): string | null {
  const source = addedSource(mix, table);
  return source === null ? null : asAdded(table, source, []);
}

/** Updated rows as they would be, of those in which one of `columns` (absent: any column) changes. */
export function updatedRows(mix: Mix, table: ComparedTable, columns?: string[]): string | null {
  const { staging, strategy, fillEmptyStrings } = mix;
  const changing = columns === undefined ? table.columns : table.columns.filter((column) => columns.includes(column.name));
  const s = stagingTable(staging, 's', table.n);
  if (changing.length === 0) return null;
  if (strategy === 'replace') {
    const any = columns === undefined ? '' : ` and (${changing.map((column) => `d.${flag(column)}`).join(' or ')})`;
    const source = `${stagingTable(staging, 'd', table.n)} d join ${s} s on s.ctid = d.s_tid join ${liveRows(table)} l on ${atLive('d', 'l', table)} where d.kind = 'c'${any}`;
    return asUpdated(table, source, [], () => 'true');
  }
  if (strategy !== 'merge') return null;
  const filled = changing.filter((column) => isFillable(table, column));
  if (filled.length === 0) return null;
  const m = stagingTable(staging, fillEmptyStrings ? 'e' : 'm', table.n);
  const any = columns === undefined ? '' : ` and (${filled.map((column) => `m.y${column.attnum}`).join(' or ')})`;
  const source = `${m} m join ${s} s on s.ctid = m.s_tid join ${liveRows(table)} l on ${atLive('m', 'l', table)} where not m.left_out${any}`;
  return asUpdated(table, source, [], (column) => (isFillable(table, column) ? `m.y${column.attnum}` : null));
}

/** What merge may fill: nothing of the key, of identity or generated columns. */
export const isFillable = (table: ComparedTable, column: LiveColumn): boolean =>
  table.key.kind !== 'wholeRow' && !table.key.columns.includes(column.name) && column.identity === null;
