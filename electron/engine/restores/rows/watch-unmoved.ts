// Before names are swapped: the live database must still be what the preview saw, until the moment it is put aside.
import { HowdahError } from '../../../../shared/errors.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import { connect } from '../../postgres/connection.ts';
import type { Target } from '../../postgres/target.ts';
import type { ComparedTable } from '../../previews/compared.ts';
import type { SwapWatch } from '../swap.ts';
import { lockTables, sqlState } from './lock.ts';
import { assertUnmoved } from './unmoved.ts';

/** Looks while clients still read, with writers locked out where that can be had; else again when everybody else is
 * gone. The caller ends it in any case. Errors: PLAN_STALE, those of `connect`. */
export async function watchUnmoved(
  job: JobRun,
  target: Target,
  tables: ComparedTable[],
): Promise<SwapWatch & { end: () => Promise<void> }> {
  const session = await connect(target, job.applicationName);
  const end = (): Promise<void> => session.end().catch(() => {});
  try {
    job.progress({ phase: 'Looking whether the target is as it was', fraction: null });
    await session.query('begin isolation level read committed');
    let locked = true;
    try {
      await lockTables(
        job,
        session,
        tables.map((table) => table.live),
        2,
      );
    } catch (thrown) {
      const refused = sqlState(thrown) === '42501' || (thrown instanceof HowdahError && thrown.code === 'BUSY');
      if (!refused) throw thrown;
      locked = false;
      await session.query('rollback');
    }
    await assertUnmoved(session, tables);
    const { rows } = await session.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
    return {
      pid: rows[0]?.pid ?? 0,
      async lastLook() {
        try {
          if (!locked) await assertUnmoved(session, tables);
        } finally {
          await end();
        }
      },
      end,
    };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}
