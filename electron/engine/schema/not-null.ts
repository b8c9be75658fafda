// NOT NULL constraints: since version 18 they have names, and may be NO INHERIT or NOT VALID.
import { quoteIdentifier } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import type { Column, TableDefinition } from './model.ts';
import type { TokenReader } from './sql-tokens.ts';

/** Key of a column's settings: the constraint's name where it is not the server's own, and NO INHERIT. */
export const notNullSetting = 'NOT NULL';

/** Behind `NOT NULL` (and a column's name). */
export function readNotNull(reader: TokenReader, column: Column, name: string | null): void {
  column.notNull = true;
  const noInherit = reader.take('no', 'inherit');
  const words = [...(name === null ? [] : [quoteIdentifier(name)]), ...(noInherit ? ['NO INHERIT'] : [])];
  if (words.length > 0) column.settings.set(notNullSetting, words.join(' '));
}

/** As it stands in a column's definition. */
export function notNullWords(column: Column): string {
  if (!column.notNull) return '';
  const { name, noInherit } = partsOf(column);
  return `${name === null ? '' : `CONSTRAINT ${name} `}NOT NULL${noInherit ? ' NO INHERIT' : ''}`;
}

/** The same behind ALTER TABLE. */
export function addNotNull(table: TableDefinition, column: Column): string {
  const { name, noInherit } = partsOf(column);
  const constraint = `${name === null ? '' : `CONSTRAINT ${name} `}NOT NULL ${quoteIdentifier(column.name)}${noInherit ? ' NO INHERIT' : ''}`;
  return `ALTER TABLE ${quoteTable({ schema: table.schema, table: table.name })} ADD ${constraint};`;
}

/** Statements that give the live constraint the backup's name and reach; both columns are NOT NULL. Null: the server's own name
 * cannot be told. */
export function changeNotNull(table: TableDefinition, backup: Column, live: Column): string | null {
  const [wanted, had] = [partsOf(backup), partsOf(live)];
  const own = `${table.name}_${backup.name}_not_null`;
  if (Buffer.byteLength(own) > 63 && (wanted.name === null || had.name === null)) return null;
  const alter = `ALTER TABLE ${quoteTable({ schema: table.schema, table: table.name })}`;
  const to = wanted.name ?? quoteIdentifier(own);
  const from = had.name ?? quoteIdentifier(own);
  return [
    ...(to === from ? [] : [`${alter} RENAME CONSTRAINT ${from} TO ${to};`]),
    ...(wanted.noInherit === had.noInherit ? [] : [`${alter} ALTER CONSTRAINT ${to} ${wanted.noInherit ? 'NO INHERIT' : 'INHERIT'};`]),
  ].join('\n');
}

function partsOf({ settings }: Column): { name: string | null; noInherit: boolean } {
  const value = settings.get(notNullSetting) ?? '';
  const noInherit = value.endsWith('NO INHERIT');
  const name = (noInherit ? value.slice(0, -'NO INHERIT'.length) : value).trim();
  return { name: name === '' ? null : name, noInherit };
}

/** Servers before 18 keep no names: against one of them there is nothing to compare. */
export const withoutNames = (column: Column): Column => {
  if (!column.settings.has(notNullSetting)) return column;
  const settings = new Map(column.settings);
  settings.delete(notNullSetting);
  return { ...column, settings };
};
