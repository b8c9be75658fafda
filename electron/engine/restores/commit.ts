// A COMMIT whose answer may be lost on the way.
import { connect, type Session } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';

/** Commits the session's transaction. A line that breaks at COMMIT leaves open whether it took place: the server is
 * asked. `committing` is told the transaction's id just before, to be looked up after a crash (`txid_status`).
 * Errors: those of the server; the transaction has not taken place then, or nobody can say. */
export async function commit(session: Session, target: Target, committing?: (transaction: string) => void): Promise<void> {
  const { rows } = await session.query<{ id: string }>('select txid_current()::text as id');
  const id = rows[0]?.id ?? '';
  committing?.(id);
  try {
    await session.query('commit');
  } catch (thrown) {
    const other = await connect(target).catch(() => null);
    try {
      const status = await other?.query<{ status: string }>('select txid_status($1::bigint) as status', [id]);
      if (status?.rows[0]?.status === 'committed') return;
    } finally {
      await other?.end().catch(() => {});
    }
    throw serverError(thrown, target);
  }
}
