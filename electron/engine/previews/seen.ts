// What a live table is at this moment: the proof that a preview still holds.
import type { Session } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import type { LiveTable, Seen } from './compared.ts';
import { shapeQuery } from './live-tables-sql.ts';

/** Reads every row's tableoid, ctid and xmin, in parallel where the server will: no lock but SELECT's. A row that
 * was added, changed or deleted gives another digest; so do VACUUM FULL and CLUSTER, which move all rows. */
export async function lookAt(session: Session, live: Pick<LiveTable, 'oid' | 'kind' | 'schema' | 'table'>): Promise<Seen> {
  const { rows: shapes } = await session.query<{ shape: string | null }>(shapeQuery, [live.oid]);
  const { rows } = await session.query<{ rows: number; digest: string }>(
    `select pg_catalog.count(*)::float8 as rows, coalesce(pg_catalog.sum(pg_catalog.hashtidextended(ctid, ${rowSeed('xmin', 'tableoid')})), 0)::text as digest from ${from(live)}`,
  );
  return { shape: shapes[0]?.shape ?? '', rows: rows[0]?.rows ?? 0, digest: rows[0]?.digest ?? '' };
}

/** `"schema"."table"`, without the tables that inherit from it; partitions belong to their table. */
export const from = (live: Pick<LiveTable, 'kind' | 'schema' | 'table'>): string =>
  live.kind === 'p' ? quoteTable(live) : `only ${quoteTable(live)}`;

/** SQL: a bigint of a transaction id and a table's oid, over the whole range of both. */
export const rowSeed = (xmin: string, oid: string): string => `(${xmin}::text::bigint - 2147483648) * 4294967296 + ${oid}::bigint`;
