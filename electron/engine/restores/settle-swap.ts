// After a crash in the middle of a swap: the server knows whether the names have changed, and the catalog is told.
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { onDatabase, withSession } from '../postgres/connection.ts';
import { givenUp } from '../postgres/settle-databases.ts';
import { endSessionsForGood, withOtherDatabase } from './sessions.ts';
import { restoreStore } from './store.ts';
import { reopen, wasSwapped } from './swap.ts';

export function registerSwapSettler(context: EngineContext): void {
  context.leftovers.settleWith('swap', async ({ profileId, restoreId, live, fresh, aside }, jobId) => {
    if (context.profiles.find(profileId) === null) {
      return givenUp(
        context,
        `the databases ${[live, fresh, aside].filter((name) => name !== '' && transactionOf(name) === null).join(', ')}`,
      );
    }
    const target = await context.profiles.target(profileId);
    // A session of the dead program may be in the middle of its COMMIT: only when it is gone is there an answer.
    await withOtherDatabase(target, [live, fresh, aside], (session) => endSessionsForGood(session, `howdah ${jobId}`));
    const transaction = transactionOf(fresh);
    if (transaction !== null) return settleInPlace(context, { profileId, restoreId, live, transaction, jobId });
    if (!(await wasSwapped(target, { live, fresh, aside }))) {
      if (aside !== '') await reopen(target, live);
      return `the names of ${live} had not been swapped; it is open to clients`;
    }
    const store = restoreStore(context);
    const oid = aside === '' ? null : await oidOf(context, profileId, aside);
    if (context.jobs.store.get(jobId)?.kind === 'undo') {
      store.change(restoreId, { undo: 'done', previousDatabase: aside === '' ? null : aside }, { previousOid: oid });
      return `the restore of ${live} had been undone`;
    }
    const kept = aside !== '' && !aside.startsWith('howdah_tmp_');
    if (kept) store.change(restoreId, { undo: 'possible', previousDatabase: aside }, { previousOid: oid });
    store.explain(
      restoreId,
      new HowdahError('INTERRUPTED', 'The program ended just after the restored database had been put in place.', {
        hint: kept
          ? `The restored data is live; the old database is kept as "${aside}", and undo swaps back.`
          : 'The restored data is live.',
      }).report(),
    );
    return `the restored database had been put in place as ${live}`;
  });
}

const transactionPrefix = 'transaction ';

/** Restores inside the live database have no second name: what a crash leaves open is whether one transaction was
 * committed. It stands where the fresh database's name would. */
export const transactionName = (transaction: string): string => transactionPrefix + transaction;

function transactionOf(fresh: string): string | null {
  return fresh.startsWith(transactionPrefix) ? fresh.slice(transactionPrefix.length) : null;
}

type InPlace = { profileId: string; restoreId: string; live: string; transaction: string; jobId: string };

async function settleInPlace(context: EngineContext, { profileId, restoreId, live, transaction, jobId }: InPlace): Promise<string> {
  const target = onDatabase(await context.profiles.target(profileId), live);
  const status = await withSession(
    target,
    async (session) =>
      (await session.query<{ status: string | null }>('select txid_status($1::bigint) as status', [transaction])).rows[0]?.status,
  );
  if (status === 'aborted') return `the restore inside ${live} had not been committed; it is as it was`;
  const store = restoreStore(context);
  const { safetyBackupId, jobId: ownJob } = store.get(restoreId);
  // Rows that went back belong to the row of the restore that they undo.
  if (ownJob !== jobId) {
    if (status === 'committed') store.change(restoreId, { undo: 'done' });
    return status === 'committed'
      ? `the restore inside ${live} had been undone`
      : `whether the restore inside ${live} was undone cannot be told`;
  }
  // A mode without a row of its own undo has none to offer; a safety backup is a way back in any case.
  if (safetyBackupId !== null) store.change(restoreId, { undo: 'possible' });
  store.explain(
    restoreId,
    new HowdahError('INTERRUPTED', `The program ended as the restore inside "${live}" was being committed.`, {
      hint: status === 'committed' ? 'The restored data is live.' : 'The server no longer knows whether it was: look at the data.',
    }).report(),
  );
  return `the restore inside ${live} had been committed`;
}

async function oidOf(context: EngineContext, profileId: string, database: string): Promise<number | null> {
  const target = await context.profiles.target(profileId);
  return withOtherDatabase(target, [], async (session) => {
    const { rows } = await session.query<{ oid: number }>('select oid::int8::float8 as oid from pg_database where datname = $1', [
      database,
    ]);
    return rows[0]?.oid ?? null;
  });
}
