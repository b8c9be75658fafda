// The SQL that makes an enum, a composite type or a domain at the target like the backup's.
import { quoteIdentifier, quoteLiteral } from '../postgres/connection.ts';
import type { Definition } from './model.ts';
import { qualified } from './routine-names.ts';
import { comparable, nameOf, sourceOf, splitTopLevel, TokenReader, tokensOf, type Token } from './sql-tokens.ts';
import { expressionOf, typeName } from './table-columns.ts';

/** The parts of `CREATE TYPE … AS ENUM (…)` or `AS (…)`. */
function typeBody(sql: string): { kind: 'enum' | 'composite'; parts: Token[][] } | null {
  const reader = new TokenReader(tokensOf(sql));
  reader.until((at) => at.sees('as'));
  if (!reader.take('as')) return null;
  const kind = reader.take('enum') ? 'enum' : 'composite';
  const group = reader.group();
  return group === null ? null : { kind, parts: splitTopLevel(group) };
}

/** Null for other types, and where no statement leads there. */
export function changeType(backup: Definition, live: Definition): string | null {
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
export function changeDomain(backup: Definition, live: Definition): string | null {
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
