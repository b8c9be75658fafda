import type { Session } from '../postgres/connection.ts';
import type { ForeignKey, ForeignKeyEnd } from './compared.ts';
import { foreignKeysQuery } from './live-tables-sql.ts';
import { readUntrusted } from './untrusted.ts';

/** Every foreign key from or to tables of these oids, or parts of them. The session's search_path must be empty. */
export async function readForeignKeys(session: Session, oids: number[]): Promise<ForeignKey[]> {
  const { rows } = await session.query<ForeignKey>(foreignKeysQuery, [oids]);
  const partial = rows.flatMap((key) => [key.child, key.parent]).filter((end) => end.only !== null || end.beside !== null);
  if (partial.length === 0) return rows;
  const found = await readUntrusted(session, [...new Set(partial.map((end) => end.oid))]);
  const untrusted = new Set(found.filter((one) => one.kind === 'partitions').map((one) => one.oid));
  // A condition that is not to be run: all rows are taken for the partition's own, and no others are there.
  const whole = (end: ForeignKeyEnd): ForeignKeyEnd => (untrusted.has(end.oid) ? { ...end, only: null, beside: null } : end);
  return rows.map((key) => ({ ...key, child: whole(key.child), parent: whole(key.parent) }));
}
