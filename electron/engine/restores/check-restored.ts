// After loading, before anything is put in place: is every table there, with the rows that the dump promised?
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import { countRows, tableKey } from '../postgres/row-counts.ts';
import { rowDifferences } from '../postgres/row-differences.ts';
import type { Target } from '../postgres/target.ts';

export type Checked = {
  /** Rows found; null where the dump does not say how many there should be, and nobody counted. */
  rows: number | null;
};

/** `atLeast`: a script may bring rows to a table under its parent's name. */
type Expected = TableName & { rows: number | null; atLeast: boolean };

/** Of the dump's tables those that are restored, with their row counts where these can be trusted. */
export function expectedTables(dump: Dump, tables: TableName[]): Expected[] {
  const chosen = new Set(tables.map(tableKey));
  // A script that nobody knows may change rows after it brought them; pg_dump's does not.
  const countsHold = dump.format !== 'plain' || dump.dumpedBy !== null;
  return dump.tables
    .filter((table) => chosen.size === 0 || chosen.has(tableKey(table)))
    .map((table) => ({
      schema: table.schema,
      table: table.table,
      rows: countsHold && table.hasData ? table.rows : null,
      atLeast: dump.format === 'plain',
    }));
}

/** Counts in two sessions at once. Errors: VERIFICATION_FAILED. */
export async function checkRestored(target: Target, dump: Dump, tables: TableName[]): Promise<Checked> {
  const expected = expectedTables(dump, tables);
  const countInTwo = async (known: Promised[]): Promise<Map<string, number>> => {
    // The larger ones first, dealt out in turn.
    const ordered = known.toSorted((a, b) => b.rows - a.rows);
    const halves = [0, 1].map((half) => ordered.filter((_, index) => index % 2 === half)).filter((half) => half.length > 0);
    const counted = await Promise.all(halves.map((half) => withSession(target, (session) => countRows(session, half))));
    return new Map(counted.flatMap((half) => [...half]));
  };
  return withSession(target, (session) => check(session, expected, countInTwo));
}

/** The same inside a session's open transaction. */
export const checkTables = (session: Session, expected: Expected[]): Promise<Checked> =>
  check(session, expected, (known) => countRows(session, known));

type Promised = Expected & { rows: number };

async function check(session: Session, expected: Expected[], count: (known: Promised[]) => Promise<Map<string, number>>): Promise<Checked> {
  const { rows: found } = await session.query<TableName>(
    `select n.nspname as schema, c.relname as table from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'f', 'm') and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[]))`,
    [expected.map((table) => table.schema), expected.map((table) => table.table)],
  );
  const there = new Set(found.map(tableKey));
  const missing = expected.filter((table) => !there.has(tableKey(table)));
  if (missing.length > 0)
    throw wrong(`these tables are missing after the restore: ${missing.map((table) => `${table.schema}.${table.table}`).join(', ')}`);
  const known = expected.flatMap((table) => (table.rows === null ? [] : [{ ...table, rows: table.rows }]));
  if (known.length === 0) return { rows: null };
  const differing = await rowDifferences(session, known, await count(known));
  if (differing.length > 0)
    throw wrong(differing.map(({ name, rows, found: has }) => `${name} has ${has} rows instead of ${rows}`).join(', '));
  return { rows: known.reduce((sum, table) => sum + table.rows, 0) };
}

const wrong = (what: string): HowdahError =>
  new HowdahError('VERIFICATION_FAILED', `The restore was checked, and ${what}.`, {
    hint: 'Nothing was put in place. Verify the dump ("backups verify --deep"), or use another copy.',
  });
