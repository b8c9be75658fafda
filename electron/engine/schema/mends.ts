// The SQL that makes one definition at the target like the backup's. What PostgreSQL cannot change in place is
// dropped and made again; null where even that is not possible without losing more than the definition.
import { quoteIdentifier, quoteLiteral } from '../postgres/connection.ts';
import type { Column, Definition, TableDefinition } from './model.ts';
import { qualified } from './routine-names.ts';
import { comparable, nameOf, sourceOf, splitTopLevel, TokenReader, tokensOf, type Token } from './sql-tokens.ts';
import { expressionOf, typeName } from './table-columns.ts';

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
    of.notNull ? 'NOT NULL' : '',
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
    if (backup.generated === null) return `${column(table, live.name)} DROP EXPRESSION;`;
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
  if (backup.notNull !== live.notNull) statements.push(`${on} ${backup.notNull ? 'SET' : 'DROP'} NOT NULL;`);
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

/** Words of a sequence's options, each on its own; its name is left out. */
export function sequenceOptions(tokens: readonly Token[]): string[] {
  const reader = new TokenReader(tokens);
  const options: string[] = [];
  const begins = (at: TokenReader): boolean =>
    ['start', 'increment', 'minvalue', 'maxvalue', 'no', 'cache', 'cycle', 'sequence', 'as', 'owned'].some((word) => at.sees(word));
  while (!reader.done) {
    const from = reader.at;
    if (reader.take('sequence', 'name')) reader.name();
    else {
      const two = reader.sees('no');
      reader.at += two ? 2 : 1;
      reader.until(begins);
      options.push(
        reader.tokens
          .slice(from, reader.at)
          .map((token) => token.text)
          .join(' ')
          .replace('- ', '-'),
      );
    }
  }
  return options;
}

/** Of two definitions of one thing. `parts`: what goes with the live one when it is dropped, as the backup has it. */
export function change(backup: Definition, live: Definition, parts: Definition[]): string | null {
  if (backup.type === live.type) {
    switch (backup.type) {
      case 'FUNCTION':
      case 'PROCEDURE':
        if (callable(backup) === callable(live)) return backup.sql.replace(/^CREATE\s+(OR\s+REPLACE\s+)?/i, 'CREATE OR REPLACE ');
        break;
      case 'VIEW':
        if (goesOn(viewColumns(live.sql), viewColumns(backup.sql)))
          return backup.sql.replace(/^CREATE\s+(OR\s+REPLACE\s+)?/i, 'CREATE OR REPLACE ');
        break;
      case 'SEQUENCE':
        return changeSequence(backup);
      case 'TYPE':
        return changeType(backup, live);
      case 'DOMAIN':
        return changeDomain(backup, live);
      default:
    }
  }
  if (live.drop === null) return null;
  return [live.drop, create(backup), ...parts.map((part) => part.sql)].join('\n');
}

/** A materialized view is filled at once: nothing else would. */
export const create = (definition: Definition): string =>
  definition.type === 'MATERIALIZED VIEW' ? definition.sql.replace(/\s+WITH NO DATA;$/, ';') : definition.sql;

/** What CREATE OR REPLACE cannot change: names of arguments, what is given back. */
function callable({ sql, type }: Definition): string {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees(type.toLowerCase()));
  reader.at++;
  reader.name();
  const names = splitTopLevel(reader.group() ?? []).map((argument) =>
    comparable(new TokenReader(argument).until((at) => at.sees('default') || at.sees('='))),
  );
  const result = reader.take('returns')
    ? comparable(reader.until((at) => ['language', 'as', 'window', 'immutable', 'stable', 'transform'].some((word) => at.sees(word))))
    : '';
  return `${names.join(',')} ${result}`;
}

/** Names of a view's columns as its SELECT list gives them; null where that cannot be told from its text. */
function viewColumns(sql: string): string[] | null {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees('as', 'select'));
  if (!reader.take('as', 'select') || reader.sees('distinct')) return null;
  return splitTopLevel(reader.until((at) => at.sees('from') || at.sees('union') || at.sees(';'))).map((item) => {
    const last = item.at(-1);
    return last === undefined ? '' : nameOf(last);
  });
}

const goesOn = (live: string[] | null, backup: string[] | null): boolean =>
  live !== null && backup !== null && live.every((name, index) => backup[index] === name);

function changeSequence({ sql, schema, name }: Definition): string {
  const tokens = tokensOf(sql.replace(/;$/, ''));
  const reader = new TokenReader(tokens);
  reader.until((at) => at.sees('sequence'));
  reader.at++;
  reader.name();
  const options = sequenceOptions(tokens.slice(reader.at));
  const typed = options.some((option) => /^as\b/i.test(option)) ? options : ['AS bigint', ...options];
  return `ALTER SEQUENCE ${qualified({ schema, table: name })} ${withCycle(typed).join(' ')};`;
}

/** What is not said stays as it is at the target, so it must be said. */
const withCycle = (options: string[]): string[] => (options.some((option) => /cycle/i.test(option)) ? options : [...options, 'NO CYCLE']);

/** The parts of `CREATE TYPE … AS ENUM (…)` or `AS (…)`. */
function typeBody(sql: string): { kind: 'enum' | 'composite'; parts: Token[][] } | null {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees('as'));
  if (!reader.take('as')) return null;
  const kind = reader.take('enum') ? 'enum' : 'composite';
  const group = reader.group();
  return group === null ? null : { kind, parts: splitTopLevel(group) };
}

function changeType(backup: Definition, live: Definition): string | null {
  const [wanted, had] = [typeBody(backup.sql), typeBody(live.sql)];
  if (wanted === null || had === null || wanted.kind !== had.kind) return null;
  const type = `ALTER TYPE ${qualified({ schema: backup.schema, table: backup.name })}`;
  return wanted.kind === 'enum'
    ? addLabels(type, labels(wanted.parts), labels(had.parts))
    : changeAttributes(type, backup.sql, wanted.parts, had.parts);
}

const labels = (parts: Token[][]): string[] => parts.map(([label]) => (label?.text ?? "''").slice(1, -1).replaceAll("''", "'"));

/** Null where the target has labels that the backup lacks, or another order: a label cannot be taken away. */
function addLabels(type: string, wanted: string[], had: string[]): string | null {
  const common = wanted.filter((label) => had.includes(label));
  if (common.length !== had.length || common.some((label, index) => had[index] !== label)) return null;
  const there = new Set(had);
  const statements: string[] = [];
  wanted.forEach((label, index) => {
    if (there.has(label)) return;
    const before = wanted[index - 1];
    const after = wanted.slice(index + 1).find((later) => there.has(later));
    const place = before !== undefined ? ` AFTER ${quoteLiteral(before)}` : after === undefined ? '' : ` BEFORE ${quoteLiteral(after)}`;
    statements.push(`${type} ADD VALUE ${quoteLiteral(label)}${place};`);
    there.add(label);
  });
  return statements.join('\n');
}

/** Null where the attributes would stand in another order: rows are written in theirs. */
function changeAttributes(type: string, sql: string, wanted: Token[][], had: Token[][]): string | null {
  const read = (parts: Token[][]): Map<string, Token[]> =>
    new Map(parts.flatMap((part) => (part[0] === undefined ? [] : [[nameOf(part[0]), part.slice(1)]])));
  const [to, from] = [read(wanted), read(had)];
  const kept = [...from.keys()].filter((name) => to.has(name));
  const added = [...to.keys()].filter((name) => !from.has(name));
  if ([...kept, ...added].join('\0') !== [...to.keys()].join('\0')) return null;
  const statements: string[] = [];
  for (const [name, tokens] of to) {
    const old = from.get(name);
    const definition = sourceOf(sql, tokens);
    if (old === undefined) statements.push(`${type} ADD ATTRIBUTE ${quoteIdentifier(name)} ${definition};`);
    else if (comparable(old) !== comparable(tokens))
      statements.push(`${type} ALTER ATTRIBUTE ${quoteIdentifier(name)} TYPE ${definition};`);
  }
  for (const name of from.keys()) if (!to.has(name)) statements.push(`${type} DROP ATTRIBUTE ${quoteIdentifier(name)};`);
  return statements.join('\n');
}

type Domain = { base: string; default: string | null; notNull: boolean; checks: Map<string, { sql: string; comparable: string }> };

function readDomain(sql: string): Domain {
  const reader = new TokenReader(tokensOf(sql.replace(/;$/, '')));
  reader.until((at) => at.sees('as'));
  reader.at++;
  const stops = (at: TokenReader): boolean =>
    ['not', 'default', 'constraint', 'collate', 'check'].some((word) => at.sees(word)) && at.tokens[at.at - 1]?.text !== '.';
  const base = reader.until(stops);
  const domain: Domain = { base: typeName(base), default: null, notNull: false, checks: new Map() };
  while (!reader.done) {
    if (reader.take('not', 'null')) domain.notNull = true;
    else if (reader.take('default')) domain.default = expressionOf(sql, reader.until(stops), 0).sql;
    else if (reader.take('constraint')) {
      const name = reader.name()?.table ?? '';
      const from = reader.at;
      if (reader.take('not', 'null')) domain.notNull = true;
      else {
        reader.at++;
        reader.until(stops);
        const tokens = reader.tokens.slice(from, reader.at);
        domain.checks.set(name, { sql: sourceOf(sql, tokens), comparable: comparable(tokens) });
      }
    } else {
      const from = reader.at++;
      reader.until(stops);
      domain.base += ` ${comparable(reader.tokens.slice(from, reader.at))}`;
    }
  }
  return domain;
}

/** Null where its base type or collation is another. */
function changeDomain(backup: Definition, live: Definition): string | null {
  const [to, from] = [readDomain(backup.sql), readDomain(live.sql)];
  if (to.base !== from.base) return null;
  const domain = `ALTER DOMAIN ${qualified({ schema: backup.schema, table: backup.name })}`;
  const statements: string[] = [];
  if (to.default !== from.default) statements.push(`${domain} ${to.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${to.default}`};`);
  if (to.notNull !== from.notNull) statements.push(`${domain} ${to.notNull ? 'SET' : 'DROP'} NOT NULL;`);
  for (const [name, check] of from.checks)
    if (to.checks.get(name)?.comparable !== check.comparable) statements.push(`${domain} DROP CONSTRAINT ${quoteIdentifier(name)};`);
  for (const [name, check] of to.checks)
    if (from.checks.get(name)?.comparable !== check.comparable)
      statements.push(`${domain} ADD CONSTRAINT ${quoteIdentifier(name)} ${check.sql};`);
  return statements.length === 0 ? null : statements.join('\n');
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
