import type { Session } from '../postgres/connection.ts';
import type { ForeignKey } from './compared.ts';
import { foreignKeysQuery } from './live-tables-sql.ts';

/** Every foreign key from or to tables of these oids. The session's search_path must be empty. */
export async function readForeignKeys(session: Session, oids: number[]): Promise<ForeignKey[]> {
  return (await session.query<ForeignKey>(foreignKeysQuery, [oids])).rows;
}
