// Names beside the live one. PostgreSQL cuts names at 63 bytes without a word: we do it ourselves, between characters.
import { randomBytes } from 'node:crypto';
import type { Session } from '../postgres/connection.ts';
import { throwAwayPrefix } from '../postgres/settle-databases.ts';

const longestName = 63;

/** `<name>_before_20261120_222705` and the like, at most 63 bytes, not taken yet. `at`: milliseconds, shown in UTC. */
export async function freeName(session: Session, name: string, word: 'before' | 'undone', at: number): Promise<string> {
  const time = new Date(at).toISOString().replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15);
  for (let number = 1; ; number++) {
    const candidate = withSuffix(name, `_${word}_${time}${number === 1 ? '' : `_${number}`}`);
    const { rowCount } = await session.query('select from pg_database where datname = $1', [candidate]);
    if (rowCount === 0) return candidate;
  }
}

/** A name that the clean-up after a crash may drop. */
export const throwAwayName = (): string => `${throwAwayPrefix}${randomBytes(6).toString('hex')}`;

/** The name cut so that both fit, never inside a character. */
export function withSuffix(name: string, suffix: string): string {
  const room = longestName - Buffer.byteLength(suffix);
  let kept = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return kept + suffix;
}
