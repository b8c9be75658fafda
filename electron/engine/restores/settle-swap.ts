// After a crash in the middle of a swap: the server knows whether the names have changed, and the catalog is told.
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { endSessionsForGood, withOtherDatabase } from './sessions.ts';
import { restoreStore } from './store.ts';
import { reopen, wasSwapped } from './swap.ts';

export function registerSwapSettler(context: EngineContext): void {
  context.leftovers.settleWith('swap', async ({ profileId, restoreId, live, fresh, aside }, jobId) => {
    const target = await context.profiles.target(profileId);
    // A session of the dead program may be in the middle of its COMMIT: only when it is gone is there an answer.
    await withOtherDatabase(target, [live, fresh, aside], (session) => endSessionsForGood(session, `howdah ${jobId}`));
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

async function oidOf(context: EngineContext, profileId: string, database: string): Promise<number | null> {
  const target = await context.profiles.target(profileId);
  return withOtherDatabase(target, [], async (session) => {
    const { rows } = await session.query<{ oid: number }>('select oid::int8::float8 as oid from pg_database where datname = $1', [
      database,
    ]);
    return rows[0]?.oid ?? null;
  });
}
