// One view of the data for pg_dump and for our own counting: an exported snapshot.
// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
import type { TableName } from '../../../shared/contract/common.ts';
import { connect, type Session } from '../postgres/connection.ts';
import { countRows, tableKey } from '../postgres/row-counts.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';
import { liftTimeLimits } from '../postgres/time-limits.ts';
import { readSchemaFacts, type SchemaFacts } from './schema-facts.ts';

export type Snapshot = {
  /** For `pg_dump --snapshot`; null where the server cannot export one (a standby). */
  id: string | null;
  /** Whether the session that holds it still answers. */
  alive(): Promise<boolean>;
  end(): Promise<void>;
};

const begin = ['begin isolation level repeatable read read only', 'set local lock_timeout = 0', 'set local row_security = off'].join('; ');

/** It begins a transaction, and says once more that it is there: a server that does not answer that for so long is gone. */
const quietMs = 60_000;

/** Opens the view; the signal's abort closes it. Errors: those of `connect`. */
export async function openSnapshot(target: Target, applicationName: string, standby: boolean, signal: AbortSignal): Promise<Snapshot> {
  const session = await connect(target, { applicationName, signal, quietMs });
  try {
    await session.query(begin);
    // The session is idle or counts for as long as the dump takes, whatever the server's habits.
    await liftTimeLimits(session, true);
    const id = standby ? null : ((await session.query<{ id: string }>('select pg_export_snapshot() as id')).rows[0]?.id ?? null);
    return {
      id,
      alive: () =>
        session.query('select 1').then(
          () => true,
          () => false,
        ),
      end: () => session.end().catch(() => {}),
    };
  } catch (thrown) {
    await session.end().catch(() => {});
    throw serverError(thrown, target);
  }
}

export type Counted = SchemaFacts & {
  /** By `tableKey`; empty where they could not be counted. */
  rows: Map<string, number>;
  /** Why rows could not be counted. */
  problem: string | null;
};

/** Counts rows and reads what the schema says, in the snapshot, in a session of its own. Errors: those of `connect`, SERVER_ERROR. */
export async function countInSnapshot(
  target: Target,
  applicationName: string,
  snapshot: Snapshot,
  tables: TableName[],
  signal: AbortSignal,
): Promise<Counted> {
  // A count may wait for a lock for ever: the signal breaks it off, whatever it is doing.
  const session = await connect(target, { applicationName, signal });
  try {
    await session.query(begin);
    // Before any query.
    if (snapshot.id !== null) await session.query(`set transaction snapshot '${snapshot.id.replaceAll("'", '')}'`);
    await liftTimeLimits(session, true);
    const facts = await readSchemaFacts(session);
    if (snapshot.id === null) return { ...facts, rows: new Map(), problem: 'the server is a standby and exports no snapshot' };
    return { ...facts, ...(await count(session, tables)) };
  } catch (thrown) {
    throw serverError(thrown, target);
  } finally {
    await session.end().catch(() => {});
  }
}

/** A table that vanished after the snapshot was taken is not the dump's fault, nor is it counted. */
async function count(session: Session, tables: TableName[]): Promise<Pick<Counted, 'rows' | 'problem'>> {
  const rows = new Map<string, number>();
  let problem: string | null = null;
  for (const table of tables) {
    await session.query('savepoint one_table');
    try {
      const counted = await countRows(session, [table]);
      rows.set(tableKey(table), counted.get(tableKey(table)) ?? 0);
      await session.query('release savepoint one_table');
    } catch (thrown) {
      const code = (thrown as { code?: string }).code ?? '';
      if (!/^(42P01|42501|55P03|40P01)$/.test(code)) throw thrown;
      problem ??= `the rows of ${table.schema}.${table.table} could not be counted (SQLSTATE ${code})`;
      await session.query('rollback to savepoint one_table');
    }
  }
  return { rows, problem };
}
