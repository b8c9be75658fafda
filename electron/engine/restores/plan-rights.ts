// Which way a restore takes, by what is there and what the role may do.
import type { RestorePlan, RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { TargetFacts } from './target-facts.ts';

export type Judge = { block: (error: HowdahError) => void; warn: (code: string, message: string) => void };

/** Chooses the mode. Says as blocker what no mode can do, as warning why a lesser one was chosen. */
export function judgeRights(facts: TargetFacts, request: RestoreRequest, { block, warn }: Judge): RestorePlan['mode'] {
  const { database } = facts;
  if (database === null) {
    if (!facts.createDatabase) {
      block(
        new HowdahError('PERMISSION_DENIED', `The role "${facts.user}" may not create databases.`, {
          hint: `Give it the right (ALTER ROLE … CREATEDB), or have the database created and restore into it.`,
        }),
      );
    }
    return 'new';
  }
  if (database.slots > 0 && request.tables.length === 0) {
    warn(
      'REPLICATION_SLOTS',
      `The database has ${formatNumber(database.slots, 'replication slot')}, which stay with the old data and must be made anew.`,
    );
  }
  if (request.tables.length > 0) return database.empty ? 'new' : 'tables';
  const hindrances = hindrancesToSwap(facts);
  if (database.empty) return 'new';
  if (hindrances.length === 0) return 'replace';
  warn(
    'NO_SWAP',
    `The database cannot be replaced by restoring beside it and swapping names, because ${hindrances.join(' and ')}. It is emptied and filled in one transaction instead: it is locked meanwhile, and an error takes all of it back.`,
  );
  if (!request.safetyBackup) warn('NO_WAY_BACK', 'Without a safety backup there is no way back after this restore.');
  return 'replaceInPlace';
}

/** Why the names cannot be swapped, in words; empty where they can. */
export function hindrancesToSwap(facts: TargetFacts): string[] {
  const { database } = facts;
  const reasons: string[] = [];
  if (!facts.createDatabase) reasons.push(`the role "${facts.user}" may not create databases`);
  if (database !== null && !database.owned)
    reasons.push(`the database belongs to "${database.owner}", and "${facts.user}" is no member of that role`);
  if (database !== null && database.protectedSessions > 0)
    reasons.push(
      `${database.protectedSessions === 1 ? '1 session of another role is' : `${database.protectedSessions} sessions of other roles are`} connected that "${facts.user}" may not end`,
    );
  return reasons;
}
