// Limits that a role, a database or the server may set, and that would break off work that takes its time.
import type { Session } from './connection.ts';

/** Those of the server's version; `transaction_timeout` is of version 17. lock_timeout is each caller's own matter. */
const limits = ['statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];

/** Lifts them for the session; `local`: for its transaction. */
export async function liftTimeLimits(session: Session, local = false): Promise<void> {
  await session.query('select pg_catalog.set_config(name, $1, $2) from pg_catalog.pg_settings where name = any($3)', ['0', local, limits]);
}
