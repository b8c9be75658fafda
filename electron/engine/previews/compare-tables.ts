// Pairs, compares and looks for clashes, table by table, in one snapshot of the target.
import type { TableName } from '../../../shared/contract/common.ts';
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import type { Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { findClashes, findExchanges, findFills } from './clashes.ts';
import { compareTable, keyFaults } from './compare.ts';
import {
  hasDifferences,
  noMerge,
  type BlockedTable,
  type ComparedTable,
  type LiveTable,
  type TableKey,
  type UniqueRule,
} from './compared.ts';
import { isAboutValues } from './fits.ts';
import { keyMissing, keyNotUnique } from './key-blockers.ts';
import { ownKey } from './live-tables.ts';
import { isKeptByDump } from './same-equality.ts';
import type { Definitions, StagedTable } from './stage.ts';

/** Above so many rows the server itself reads in parallel; smaller tables are compared at the same time. */
const largeRows = 200_000;

/** Tables of which rows cannot be paired or do not fit come out as blocked. Each table is seen in a snapshot of its own:
 * a restore proves that none of them has moved since. */
export async function compareTables(
  sessions: Session[],
  staging: string,
  staged: StagedTable[],
  request: PreviewRequest,
  definitions: Definitions,
  onTable: (table: TableName, done: number) => void,
): Promise<{ tables: ComparedTable[]; blocked: BlockedTable[] }> {
  const tables: ComparedTable[] = [];
  const blocked: BlockedTable[] = [];
  const allRows = staged.reduce((sum, table) => sum + table.rows + 1, 1);
  let done = 0;
  const compareAll = async (session: Session, queue: StagedTable[]): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      onTable(one.live, done / allRows);
      const found = await compareOne(session, staging, one, request, definitions);
      if ('blockers' in found) blocked.push(found);
      else tables.push(found);
      done += one.rows + 1;
    }
  };
  const [first] = sessions;
  if (first === undefined) throw new Error('no session to compare with');
  await compareAll(
    first,
    staged.filter((table) => table.rows > largeRows),
  );
  const small = staged.filter((table) => table.rows <= largeRows);
  await Promise.all(sessions.map((session) => compareAll(session, small)));
  return { tables: tables.toSorted((a, b) => a.n - b.n), blocked };
}

async function compareOne(
  session: Session,
  staging: string,
  staged: StagedTable,
  request: PreviewRequest,
  definitions: Definitions,
): Promise<ComparedTable | BlockedTable> {
  const table = await keyed(session, staged, request, definitions);
  await session.query('begin isolation level repeatable read');
  try {
    const blockers = [...staged.blockers, ...(await keyBlockers(session, staging, table, staged, definitions))];
    if (blockers.length === 0) await compareTable(session, staging, table);
    if (blockers.length === 0 && hasDifferences(table)) {
      await findClashes(session, staging, table);
      table.merge = await findFills(session, staging, table, false);
      table.mergeEmpty = await findFills(session, staging, table, true);
      table.rewritten = await findExchanges(session, staging, table);
    }
    await session.query('commit');
    return blockers.length === 0 ? table : { schema: table.live.schema, table: table.live.table, blockers, rows: null };
  } catch (thrown) {
    await session.query('rollback').catch(() => {});
    // An index expression that divides by zero, say: one table's rules must not keep all others from being seen.
    if (!isAboutValues(thrown)) throw thrown;
    const { schema, table: name } = table.live;
    const blocker = {
      code: 'CHECK_FAILS',
      message: `The rules of ${schema}.${name} cannot be applied to the backup's rows: ${(thrown as Error).message}`,
      hint: 'Look at the expressions of its indexes and generated columns, or leave this table alone.',
    };
    return { schema, table: name, blockers: [blocker], rows: null };
  }
}

async function keyed(session: Session, staged: StagedTable, request: PreviewRequest, definitions: Definitions): Promise<ComparedTable> {
  const { live, columns } = staged;
  const available = new Set(columns.map((column) => column.name));
  const chosen = request.keys.find((one) => tableKey(one) === tableKey(live))?.columns;
  const own = chosen === undefined ? ownKey(live, available) : null;
  const key: TableKey =
    chosen !== undefined
      ? chosenKey(live, chosen)
      : (own?.key ?? { kind: 'wholeRow', columns: columns.map((column) => column.name), operators: [], collations: [] });
  const where = request.rows.find((one) => tableKey(one) === tableKey(live))?.where;
  const uniques: UniqueRule[] = [];
  for (const rule of live.uniques) {
    if (rule !== own?.rule) uniques.push({ ...rule, declared: await isDeclared(session, staged, rule, definitions) });
  }
  return {
    n: staged.n,
    live,
    columns,
    key,
    uniques,
    scope: staged.referencedOnly ? { kind: 'rows', where: null } : where === undefined ? { kind: 'whole' } : { kind: 'rows', where },
    referencedOnly: staged.referencedOnly,
    columnsOnlyInBackup: staged.columnsOnlyInBackup,
    columnsOfOtherType: staged.columnsOfOtherType,
    seen: { shape: '', rows: 0, digest: '' },
    counts: { rows: staged.rows, new: 0, identical: 0, conflicts: 0, liveOnly: 0, uniqueClashes: 0, conflictsByColumn: {} },
    merge: noMerge,
    mergeEmpty: noMerge,
    rewritten: 0,
  };
}

function chosenKey(live: LiveTable, columns: string[]): TableKey {
  const collations = columns.map((name) => live.columns.find((column) => column.name === name)?.collation ?? null);
  return {
    kind: 'chosen',
    columns,
    operators: columns.map((name) => live.columns.find((column) => column.name === name)?.equality ?? 'operator(pg_catalog.=)'),
    collations,
  };
}

/** Rows from several partitions of the dump keep each partition's rules, not one over all of them. */
const isDeclared = async (session: Session, staged: StagedTable, rule: UniqueRule, definitions: Definitions): Promise<boolean> =>
  rule.key !== null &&
  staged.sources.length === 1 &&
  isKeptByDump(session, staged, { ...rule.key, operators: rule.operators }, definitions);

/** Keys that do not tell rows apart. What the dump or the live table itself declares is not counted again,
 * where both call the same values equal. */
async function keyBlockers(
  session: Session,
  staging: string,
  table: ComparedTable,
  staged: StagedTable,
  definitions: Definitions,
): Promise<BlockedTable['blockers']> {
  if (table.key.kind === 'wholeRow' || staged.blockers.length > 0) return [];
  const missing = keyMissing(table);
  if (missing !== null) return [missing];
  // Named key columns can be NULL where the dump's rule over them lets them.
  const declared = table.key.kind !== 'chosen' && sameRoot(staged, table) && (await isKeptByDump(session, staged, table.key, definitions));
  const faults = await keyFaults(session, staging, table, { staged: !declared, live: table.key.kind === 'chosen' });
  return faults === 0 ? [] : [keyNotUnique(table, faults)];
}

/** A key that each partition keeps is kept by all of them only where it was declared on top; then every partition has it
 * with the partition key in it, as the server demands. */
const sameRoot = (staged: StagedTable, table: ComparedTable): boolean => staged.sources.length === 1 || table.live.kind === 'p';
