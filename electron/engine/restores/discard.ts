// Drops the database that a restore or its undo kept aside: only one that a row of ours names, and only that very one.
import type { Restore } from '../../../shared/contract/restores.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { dropDatabase } from '../postgres/settle-databases.ts';
import { lookAside, notTheOne } from './kept-aside.ts';
import { withOtherDatabase } from './sessions.ts';
import { restoreStore } from './store.ts';

/** Errors: UNDO_NOT_POSSIBLE (another database has that name now), PERMISSION_DENIED, those of `connect`. */
export async function discardPrevious(context: EngineContext, job: JobRun, id: string): Promise<Restore> {
  const store = restoreStore(context);
  const restore = store.get(id);
  const previous = restore.previousDatabase;
  if (previous === null || restore.profileId === null) return restore;
  const target = await context.profiles.target(restore.profileId);
  job.progress({ phase: `Dropping ${previous}` });
  await withOtherDatabase(
    target,
    [previous],
    async (session) => {
      const found = await lookAside(session, previous, store.notes(id).previousOid);
      if (found === 'another') throw notTheOne(previous);
      if (found === 'gone') {
        job.log('info', 'It was gone already.');
        return;
      }
      job.signal.throwIfAborted();
      await session.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()', [
        previous,
      ]);
      await dropDatabase(session, previous);
    },
    job.applicationName,
  );
  // After an undo there was no way back left to lose.
  store.change(id, { previousDatabase: null, undo: restore.undo === 'possible' ? 'discarded' : restore.undo }, { previousOid: null });
  return store.get(id);
}
