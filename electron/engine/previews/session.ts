// Sessions that stage and compare: everything prints the same on both sides, whatever the server's settings.
import type { JobRun } from '../jobs/jobs.ts';
import { connect, type Session } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';
import { liftTimeLimits } from '../postgres/time-limits.ts';

/** What makes values print alike, as pg_dump prints them. With an empty search_path every name comes with its schema. */
export const printingSettings: Record<string, string> = {
  search_path: '',
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  xmloption: 'content',
  // A table whose rows are hidden from the role is an error, never half a table.
  row_security: 'off',
};

/** Differences are looked up by ctid, in the order of the table: nearly as if it were read through. */
export const planningSettings: Record<string, string> = { random_page_cost: '1.1', jit: 'off' };

const workSettings: Record<string, string> = {
  ...planningSettings,
  lock_timeout: '0',
  default_transaction_read_only: 'off',
  // What is staged can be staged again.
  synchronous_commit: 'off',
  client_min_messages: 'warning',
  work_mem: '64MB',
  parallel_setup_cost: '0',
  parallel_tuple_cost: '0',
};

/** Sets parameters of the session; `local`: of the transaction. */
export async function applySettings(session: Session, settings: Record<string, string>, local = false): Promise<void> {
  const names = Object.keys(settings);
  await session.query(
    `select ${names.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, ${String(local)})`).join(', ')}`,
    names.flatMap((name) => [name, settings[name]]),
  );
}

/** Errors: those of `connect`. The caller ends it. */
export async function workSession(job: JobRun, target: Target): Promise<Session> {
  const session = await connect(target, job.applicationName);
  try {
    await applySettings(session, { ...printingSettings, ...workSettings });
    await liftTimeLimits(session);
    return session;
  } catch (thrown) {
    await session.end().catch(() => {});
    throw thrown;
  }
}
