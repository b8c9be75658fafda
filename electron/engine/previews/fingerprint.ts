import { createHash } from 'node:crypto';
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import type { Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { BlockedTable, ComparedTable } from './compared.ts';
import type { SwapLosses } from './swap-losses.ts';

/** A digest of what makes a preview true: the dump, what was asked of it, the database, and every live table as it was
 * seen. `source`: see `identityOf`; `swap`: null where the database cannot be replaced as a whole: that is another kind of
 * restore. */
export async function fingerprintOf(
  session: Session,
  source: unknown,
  request: PreviewRequest,
  tables: ComparedTable[],
  blocked: BlockedTable[],
  swap: SwapLosses | null = null,
): Promise<string> {
  const { rows } = await session.query<{ system: string; oid: string }>(
    `select (select system_identifier::text from pg_catalog.pg_control_system()) as system, oid::text as oid
       from pg_catalog.pg_database where datname = pg_catalog.current_database()`,
  );
  const asked = {
    tables: request.tables.map(tableKey).toSorted(),
    rows: request.rows.map((one) => JSON.stringify([tableKey(one), one.where])).toSorted(),
    keys: request.keys.map((one) => JSON.stringify([tableKey(one), one.columns])).toSorted(),
    withReferenced: request.withReferenced,
  };
  const seen = tables.map((table) => [tableKey(table.live), table.live.oid, table.seen]);
  return createHash('sha256')
    .update(JSON.stringify([source, rows[0] ?? null, asked, seen, blocked.map(tableKey).toSorted(), swap]))
    .digest('hex');
}
