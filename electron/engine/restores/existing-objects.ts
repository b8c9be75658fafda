// Which of a dump's schemas, types, functions and sequences the target has already.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Toc, TocEntry } from '../dumps/toc.ts';
import { quoteIdentifier, type Session } from '../postgres/connection.ts';
import { quoteTable, tableKey } from '../postgres/row-counts.ts';
import type { Existing } from './choose-entries.ts';

type Question = { call: 'to_regnamespace' | 'to_regtype' | 'to_regclass' | 'to_regprocedure'; name: (entry: TocEntry) => string };

const schema: Question = { call: 'to_regnamespace', name: (entry) => quoteIdentifier(entry.tag) };
const type: Question = { call: 'to_regtype', name: qualified };
const sequence: Question = { call: 'to_regclass', name: qualified };
const routine: Question = { call: 'to_regprocedure', name: routineName };
const questions: Record<string, Question> = {
  SCHEMA: schema,
  TYPE: type,
  DOMAIN: type,
  SEQUENCE: sequence,
  FUNCTION: routine,
  PROCEDURE: routine,
  AGGREGATE: routine,
};

/** Asks the session's database about everything that tables of the dump could need. */
export async function existingObjects(session: Session, toc: Toc): Promise<Existing> {
  const there = new Set<number>();
  for (const entry of toc.entries) {
    const question = questions[entry.desc];
    if (question === undefined) continue;
    const { rows } = await session.query<{ found: boolean }>(`select ${question.call}($1::text) is not null as found`, [
      question.name(entry),
    ]);
    if (rows[0]?.found === true) there.add(entry.dumpId);
  }
  const tables = await session.query<TableName>(
    "select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'f', 'v', 'm')",
  );
  const tableKeys = new Set(tables.rows.map(tableKey));
  const extensions = await session.query<{ name: string }>('select extname as name from pg_extension');
  const installed = new Set(extensions.rows.map((row) => row.name));
  return {
    // Kinds that nobody asks about are taken to be there: a restore of tables brings no operators.
    has: (entry) =>
      entry.desc === 'EXTENSION' ? installed.has(entry.tag) : questions[entry.desc] === undefined || there.has(entry.dumpId),
    hasTable: (table) => tableKeys.has(tableKey(table)),
  };
}

function qualified(entry: TocEntry): string {
  return quoteTable({ schema: entry.namespace, table: entry.tag });
}

/** The tag holds the bare name and the arguments' types: `add(integer, integer)`. */
function routineName(entry: TocEntry): string {
  const paren = entry.tag.indexOf('(');
  return `${quoteTable({ schema: entry.namespace, table: entry.tag.slice(0, paren) })}${entry.tag.slice(paren)}`;
}
