// The SQL that makes a table and its columns at the target like the backup's.
import { quoteIdentifier } from '../postgres/connection.ts';
import type { Column, TableDefinition } from './model.ts';
import { addNotNull, changeNotNull, notNullSetting, notNullWords } from './not-null.ts';
import { qualified } from './routine-names.ts';
import { sequenceOptions, withCycle } from './sequence-options.ts';
import { splitTopLevel, TokenReader, tokensOf } from './sql-tokens.ts';

const nameOfTable = (table: TableDefinition): string => qualified({ schema: table.schema, table: table.name });
const alter = (table: TableDefinition): string => `ALTER ${table.kind} ${nameOfTable(table)}`;
const column = (table: TableDefinition, name: string): string => `${alter(table)} ALTER COLUMN ${quoteIdentifier(name)}`;

/** A column's definition as it stands in ADD COLUMN. */
export function columnDefinition(of: Column): string {
  return [
    of.type.sql,
    of.collation === null ? '' : `COLLATE ${ofComparable(of.collation)}`,
    of.generated === null ? '' : `GENERATED ALWAYS AS ${of.generated.sql}`,
    of.default === null ? '' : `DEFAULT ${of.default.sql}`,
    notNullWords(of),
    of.identity === null ? '' : of.identity.sql,
  ]
    .filter(Boolean)
    .join(' ');
}

/** A comparable name is SQL again without its blanks. */
const ofComparable = (name: string): string => name.replaceAll(' . ', '.');

export const addColumn = (table: TableDefinition, added: Column): string =>
  `${alter(table)} ADD COLUMN ${quoteIdentifier(added.name)} ${columnDefinition(added)};`;

export const dropColumn = (table: TableDefinition, name: string): string => `${alter(table)} DROP COLUMN ${quoteIdentifier(name)};`;

/** Type, collation, NOT NULL and generation. */
export function changeColumn(table: TableDefinition, backup: Column, live: Column): string {
  if ((backup.generated?.comparable ?? null) !== (live.generated?.comparable ?? null)) {
    // Only a stored value can stay.
    if (backup.generated === null && live.generated?.comparable.endsWith(' stored') === true) {
      return `${column(table, live.name)} DROP EXPRESSION;`;
    }
    return `${dropColumn(table, live.name)}\n${addColumn(table, backup)}`;
  }
  const statements: string[] = [];
  const on = column(table, backup.name);
  if (backup.type.comparable !== live.type.comparable || backup.collation !== live.collation) {
    // A default of the old type may not go over to the new one.
    if (live.default !== null) statements.push(`${on} DROP DEFAULT;`);
    const collation = backup.collation === null ? '' : ` COLLATE ${ofComparable(backup.collation)}`;
    const using = backup.generated === null ? ` USING ${quoteIdentifier(backup.name)}::${backup.type.sql}` : '';
    statements.push(`${on} TYPE ${backup.type.sql}${collation}${using};`);
    const put = backup.default ?? live.default;
    if (live.default !== null && put !== null) statements.push(`${on} SET DEFAULT ${put.sql};`);
  }
  if (backup.notNull !== live.notNull) {
    const named = backup.notNull && backup.settings.has(notNullSetting);
    statements.push(named ? addNotNull(table, backup) : `${on} ${backup.notNull ? 'SET' : 'DROP'} NOT NULL;`);
  }
  return statements.join('\n');
}

export const changeDefault = (table: TableDefinition, backup: Column): string =>
  `${column(table, backup.name)} ${backup.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${backup.default.sql}`};`;

/** `ADD GENERATED …`, `DROP IDENTITY`, or the options one by one. */
export function changeIdentity(table: TableDefinition, backup: Column, live: Column): string {
  const on = column(table, backup.name);
  if (backup.identity === null) return `${on} DROP IDENTITY;`;
  if (live.identity === null) return `${on} ADD ${backup.identity.sql};`;
  const reader = new TokenReader(tokensOf(backup.identity.sql));
  const always = reader.take('generated', 'always');
  reader.until((at) => at.sees('('));
  const options = withCycle(sequenceOptions(reader.group() ?? []));
  return `${on} SET GENERATED ${always ? 'ALWAYS' : 'BY DEFAULT'}${options.map((option) => ` SET ${option}`).join('')};`;
}

/** Unlogged or not, what it inherits from, its options; null where it is partitioned another way. */
export function changeTable(backup: TableDefinition, live: TableDefinition): string | null {
  if (backup.partitionBy !== live.partitionBy || backup.kind !== live.kind) return null;
  const statements: string[] = [];
  const key = (name: { schema: string; table: string }): string => qualified(name);
  const [to, from] = [backup.inherits.map(key), live.inherits.map(key)];
  for (const parent of from) if (!to.includes(parent)) statements.push(`${alter(live)} NO INHERIT ${parent};`);
  for (const parent of to) if (!from.includes(parent)) statements.push(`${alter(live)} INHERIT ${parent};`);
  if (backup.unlogged !== live.unlogged) statements.push(`${alter(live)} SET ${backup.unlogged ? 'UNLOGGED' : 'LOGGED'};`);
  if (backup.options !== live.options) {
    const [wanted, had] = [storageOptions(backup.options), storageOptions(live.options)];
    if (wanted === null || had === null) return null;
    const gone = [...had.keys()].filter((name) => !wanted.has(name));
    if (gone.length > 0) statements.push(`${alter(live)} RESET (${gone.join(', ')});`);
    if (wanted.size > 0) statements.push(`${alter(live)} SET (${[...wanted].map(([name, value]) => `${name}=${value}`).join(', ')});`);
  }
  return statements.length === 0 ? null : statements.join('\n');
}

/** Of `WITH (…)`; null where there is more than that. */
function storageOptions(options: string): Map<string, string> | null {
  if (options === '') return new Map();
  const reader = new TokenReader(tokensOf(options));
  if (!reader.take('with')) return null;
  const parts = splitTopLevel(reader.group() ?? []);
  if (!reader.done) return null;
  return new Map(
    parts.map((part) => {
      const at = part.findIndex((token) => token.text === '=');
      const name = part
        .slice(0, at === -1 ? undefined : at)
        .map((token) => token.text)
        .join('');
      return [
        name,
        at === -1
          ? 'true'
          : part
              .slice(at + 1)
              .map((token) => token.text)
              .join(''),
      ];
    }),
  );
}

/** STORAGE, STATISTICS and COMPRESSION; null for what has no such statement. */
export function changeSettings(table: TableDefinition, backup: Column, live: Column): string | null {
  const statements: string[] = [];
  for (const name of new Set([...backup.settings.keys(), ...live.settings.keys()])) {
    const value = backup.settings.get(name);
    if (value === live.settings.get(name)) continue;
    if (name === notNullSetting) {
      // Otherwise it comes and goes with NOT NULL itself.
      if (!backup.notNull || !live.notNull) continue;
      const statement = changeNotNull(table, backup, live);
      if (statement === null) return null;
      statements.push(statement);
      continue;
    }
    if (name === 'OPTIONS') {
      if (live.settings.has(name)) return null;
      statements.push(`${column(table, backup.name)} OPTIONS (${value});`);
      continue;
    }
    if (name === '(')
      statements.push(
        `${column(table, backup.name)} ${value === undefined ? `RESET (${resettable(live.settings.get(name) ?? '')})` : `SET ${value}`};`,
      );
    else statements.push(`${column(table, backup.name)} SET ${name} ${value ?? standard[name] ?? 'DEFAULT'};`);
  }
  return statements.length === 0 ? null : statements.join('\n');
}

const resettable = (options: string): string => [...options.matchAll(/(\w+) =/g)].map((match) => match[1]).join(', ');
const standard: Record<string, string> = { STATISTICS: '-1' };
