// Whether the database that a restore keeps aside is still there, and still the one: names can be given anew.
import { HowdahError } from '../../../shared/errors.ts';
import type { Session } from '../postgres/connection.ts';

/** `gone`, or another database of that name, or the one that was put aside. */
export async function lookAside(session: Session, database: string, oid: number | null): Promise<'gone' | 'another' | 'there'> {
  const { rows } = await session.query<{ oid: number }>('select oid::int8::float8 as oid from pg_database where datname = $1', [database]);
  const found = rows[0]?.oid;
  if (found === undefined) return 'gone';
  return oid === null || found === oid ? 'there' : 'another';
}

export const notTheOne = (database: string): HowdahError =>
  new HowdahError(
    'UNDO_NOT_POSSIBLE',
    `The database "${database}" is not the one that was put aside: somebody dropped that and made another of its name.`,
    {
      hint: 'Look at it at the server. It was not touched.',
    },
  );
