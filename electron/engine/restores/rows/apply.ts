// Carries a strategy out as the preview said, in one transaction, or not at all. See "How it is carried out" in docs/preview.md.
import type { TableName } from '../../../../shared/contract/common.ts';
import type { Judgement, RowEffects, StrategyChoice } from '../../../../shared/contract/previews.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import { formatCount } from '../../../../shared/format.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import { connect, quoteIdentifier, withSession, type Session } from '../../postgres/connection.ts';
import { quoteTable, tableKey } from '../../postgres/row-counts.ts';
import { serverError } from '../../postgres/server-error.ts';
import type { Target } from '../../postgres/target.ts';
import { liftTimeLimits } from '../../postgres/time-limits.ts';
import type { Compared, ComparedTable } from '../../previews/compared.ts';
import { strategyFor } from '../../previews/effects.ts';
import { judge } from '../../previews/judge.ts';
import { applySettings, planningSettings, printingSettings } from '../../previews/session.ts';
import { commit } from '../commit.ts';
import { endOwnSessions } from '../sessions.ts';
import { watchLoad } from '../watch-load.ts';
import { changes, partsOf, type TableWork } from './apply-sql.ts';
import { guardCascades } from './guard-cascades.ts';
import { busy, isLockTrouble, lockTables } from './lock.ts';
import { countOn, othersTouched } from './others-touched.ts';
import { moveSequences } from './sequences.ts';
import { firing, triggersOff } from './triggers.ts';
import { assertUnmoved, stale } from './unmoved.ts';
import { writeRows, type Counts } from './write.ts';

export type ApplyOrder = {
  target: Target;
  profileId: string;
  compared: Compared;
  choice: StrategyChoice;
  /** Do it all, then take it back. */
  dryRun: boolean;
  /** Told the transaction's id just before COMMIT. */
  committing: (transaction: string) => void;
};

export type Applied = { effects: RowEffects; tables: (TableName & { effects: RowEffects })[]; warnings: string[] };

/** Errors: PLAN_STALE, RESTORE_BLOCKED, BUSY, PERMISSION_DENIED, CONNECTION_LOST, DISK_FULL, CANCELLED. Whatever it
 * throws, the target is as it was and no session of the job works at the server any more (but see `commit`). */
export async function applyRows(job: JobRun, order: ApplyOrder): Promise<Applied> {
  const { target } = order;
  const sessionsGone = job.note({ kind: 'backend', profileId: order.profileId, applicationName: job.applicationName });
  const watch = watchLoad(job, target);
  try {
    const applied = await inTransaction(job, order);
    await watch.stop();
    sessionsGone();
    if (!order.dryRun) await gatherStatistics(job, order, applied);
    return applied;
  } catch (thrown) {
    await watch.stop();
    if (await endOwnSessions(job, target)) sessionsGone();
    if (isLockTrouble(thrown)) throw busy([], thrown);
    throw isOwnTrouble(thrown) ? thrown : job.signal.aborted ? cancelled(thrown) : serverFault(thrown, target);
  }
}

async function inTransaction(job: JobRun, order: ApplyOrder): Promise<Applied> {
  const session = await connect(order.target, job.applicationName);
  const onAbort = (): void => void endOwnSessions(job, order.target);
  job.signal.addEventListener('abort', onAbort, { once: true });
  try {
    job.signal.throwIfAborted();
    // Every statement must see what was committed before our locks were granted.
    await session.query('begin isolation level read committed read write');
    const applied = await work(job, session, order);
    job.signal.throwIfAborted();
    job.signal.removeEventListener('abort', onAbort);
    if (order.dryRun) await session.query('rollback');
    else {
      job.progress({ phase: 'Committing', fraction: null, current: null });
      await commit(job, session, order.target, order.committing);
    }
    return applied;
  } finally {
    job.signal.removeEventListener('abort', onAbort);
    // An open transaction goes with its session.
    await session.end().catch(() => {});
  }
}

async function work(job: JobRun, session: Session, order: ApplyOrder): Promise<Applied> {
  const { compared, choice } = order;
  await applySettings(session, { ...printingSettings, ...planningSettings, ...transactionSettings }, true);
  await liftTimeLimits(session, true);
  await foreignKeysOn(session);
  // What is reported as done must not be lost in a crash of the server.
  await session.query(
    "select pg_catalog.set_config('synchronous_commit', 'on', true) where pg_catalog.current_setting('synchronous_commit') = 'off'",
  );
  const works = worksOf(compared, choice).filter((one) => changes(one, choice.fillEmptyStrings));
  const written = works.map((one) => one.table.live);

  job.progress({ phase: 'Locking the tables', fraction: null });
  await lockTables(job, session, written);
  await session.query("set local lock_timeout = '30s'");
  job.progress({ phase: 'Looking whether the target is as it was' });
  await assertUnmoved(session, compared.tables);
  await guardCascades(session, compared.staging, works, compared.foreignKeys, new Set(written.map((table) => table.oid)));
  const judgement = await judge(session, compared, choice);
  refuseBlocked(judgement);
  job.signal.throwIfAborted();

  job.progress({ phase: order.dryRun ? 'Trying the rows' : 'Writing the rows' });
  const warnings = firing(written).map((table) => `Triggers of ${table.schema}.${table.table} ran: the role does not own the table.`);
  const uncounted = await countOn(session);
  const triggersOn = await triggersOff(session, written);
  await asTheTargetHasIt(session);
  const effects = await writeRows(job, session, order, works);
  const said = new Map(
    works.map((one) => {
      const { deletes, rewrites, updates, inserts } = partsOf(one, choice.fillEmptyStrings);
      return [one.table.live.oid, { inserts: inserts + rewrites, updates, deletes: deletes + rewrites }];
    }),
  );
  warnings.push(...(await othersTouched(session, written, warnings.length > 0, said)), ...uncounted);
  await triggersOn();
  const tables = compare(compared, judgement, effects);
  job.signal.throwIfAborted();
  if (!order.dryRun) warnings.push(...(await moveSequences(session, written)));
  return { effects: judgement.effects, tables, warnings };
}

/** Whatever the role or the database has set. */
const transactionSettings: Record<string, string> = { client_min_messages: 'warning' };

/** Triggers and checks of the target run as for anybody else; our statement names everything in full. */
async function asTheTargetHasIt(session: Session): Promise<void> {
  for (const name of Object.keys(printingSettings)) {
    if (name !== 'row_security') await session.query(`set local ${quoteIdentifier(name)} to default`);
  }
}

/** A role whose sessions are replicas would neither check foreign keys nor fire triggers. */
async function foreignKeysOn(session: Session): Promise<void> {
  const { rows } = await session.query<{ role: string }>("select pg_catalog.current_setting('session_replication_role') as role");
  if (rows[0]?.role !== 'origin') await session.query('set local session_replication_role = origin');
}

/** The strategy of each compared table; left ones are not in it. */
export const worksOf = (compared: Compared, choice: StrategyChoice): TableWork[] =>
  compared.tables.flatMap((table) => {
    const strategy = strategyFor(table, choice);
    return strategy === 'leave' ? [] : [{ table, strategy, fills: [] }];
  });

/** The first blocker as an error. Errors: RESTORE_BLOCKED. */
export function refuseBlocked({ blockers }: Pick<Judgement, 'blockers'>): void {
  const [first] = blockers;
  if (first === undefined) return;
  throw new HowdahError('RESTORE_BLOCKED', `${first.message} [${first.code}]`, {
    hint: `${first.hint}`,
    ...(blockers.length === 1
      ? {}
      : { detail: blockers.map((blocker) => `${blocker.code}: ${blocker.message} ${blocker.hint}`).join('\n') }),
  });
}

/** Errors: PLAN_STALE where the server did not do what was said. */
function compare(compared: Compared, judgement: Judgement, done: Map<number, Counts>): Applied['tables'] {
  const said = new Map(judgement.tables.map((table) => [tableKey(table), table.effects]));
  const off: string[] = [];
  const tables = compared.tables.flatMap(({ n, live }: ComparedTable) => {
    const expected = said.get(tableKey(live));
    const found = done.get(n) ?? { created: 0, updated: 0, deleted: 0 };
    if (expected === undefined) return [];
    for (const what of ['created', 'updated', 'deleted'] as const) {
      if (expected[what] !== found[what]) {
        off.push(`${live.schema}.${live.table}: ${formatCount(found[what])} rows ${what} instead of ${formatCount(expected[what])}`);
      }
    }
    return [{ schema: live.schema, table: live.table, effects: expected }];
  });
  if (off.length > 0) throw stale(`The rows were not written as the preview said, and all was taken back: ${off.join('; ')}.`);
  return tables;
}

/** A courtesy to the planner, for tables of which a good part is new. */
async function gatherStatistics(job: JobRun, { target, compared }: ApplyOrder, applied: Applied): Promise<void> {
  const before = new Map(compared.tables.map((table) => [tableKey(table.live), table.seen.rows]));
  const heavy = applied.tables.filter(({ effects, ...table }) => {
    const changed = effects.created + effects.updated + effects.deleted;
    return changed > 500 && changed > 0.1 * (before.get(tableKey(table)) ?? 0);
  });
  if (heavy.length === 0) return;
  job.progress({ phase: 'Gathering statistics' });
  try {
    await withSession(target, (session) => session.query(`analyze ${heavy.map(quoteTable).join(', ')}`), job.applicationName);
  } catch (thrown) {
    job.log(
      'info',
      `Statistics were not gathered; the server will do so itself: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

const isOwnTrouble = (thrown: unknown): thrown is HowdahError => thrown instanceof HowdahError && thrown.code !== 'CONNECTION_LOST';

const cancelled = (cause: unknown): HowdahError =>
  new HowdahError('CANCELLED', 'The restore was cancelled.', { hint: 'The target is as it was. Start it again when you want to.', cause });

/** pg_terminate_backend from elsewhere, a broken line, a full disk … */
const serverFault = (thrown: unknown, target: Target): unknown =>
  thrown instanceof Error &&
  !(thrown instanceof HowdahError) &&
  ('severity' in thrown || 'code' in thrown || /Connection/.test(thrown.message))
    ? serverError(thrown, target)
    : thrown;
