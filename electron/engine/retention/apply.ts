// Carries retention out: what was begun earlier is finished first, then what goes now is marked, then removed one by one.
import { reportOf, type ErrorReport } from '../../../shared/errors.ts';
import { formatBytes, formatNumber } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { brake } from './brake.ts';
import { deletionJournal, type OpenDeletion } from './journal.ts';
import { planRetention, type Going, type RetentionPlan } from './plan.ts';
import { finishRemoval, removeMarked, spare, type AtStep } from './remove-one.ts';

export type CleanupRequest = {
  /** Null: all profiles. */
  profileId: string | null;
  /** Those that somebody confirmed: no other goes. Absent: whatever goes now. */
  only?: ReadonlySet<string> | undefined;
  /** Nobody asked for it just now: see brake.ts. */
  unattended?: boolean | undefined;
  at?: AtStep;
};

export type Failure = { id: string; profile: string; error: ErrorReport };
export type Sink = Pick<JobRun, 'log' | 'progress' | 'signal'>;

/** One deletion that fails keeps no other from being tried. Errors: CANCELLED. */
export async function applyRetention(
  context: EngineContext,
  job: Sink,
  { profileId, only, unattended = false, at = () => {} }: CleanupRequest,
): Promise<{ removed: number; freedBytes: number; failures: Failure[] }> {
  const journal = deletionJournal(context.catalog);
  const failures: Failure[] = [];
  const done = { removed: 0, freedBytes: 0 };
  const attempt = async (one: { id: string; profile: string }, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const error = reportOf(thrown);
      if (error.code === 'INTERNAL') context.ports.log.error(`deleting ${one.id} failed`, thrown);
      journal.failed(one.id, error);
      job.log('error', `${one.id} could not be deleted: ${error.message}`);
      failures.push({ id: one.id, profile: one.profile, error });
    }
  };

  const begun = journal.open().filter((one) => !one.backupStands && (profileId === null || one.profileId === profileId));
  for (const open of begun) {
    await attempt(open, async () => {
      done.freedBytes += await finishRemoval(context, journal, open, at);
      done.removed += 1;
      job.log('info', `Finished the deletion of ${open.id}, which was begun earlier.`);
    });
  }

  const plan = await planRetention(context, profileId);
  await spareUnwanted(context, job, plan, journal.open(), attempt);
  const { going: allowed, held } = unattended ? brake(plan) : { going: plan.going, held: [] };
  for (const { error } of held) job.log('error', error.message);
  failures.push(...held);
  const going = allowed.filter((one) => only === undefined || only.has(one.id)).toReversed();
  const now = new Date(context.ports.clock()).toISOString();
  context.catalog.transaction(() => going.forEach((one) => journal.mark(one, now))).immediate();
  for (const one of going) at('marked', one.id);

  for (const [index, one] of going.entries()) {
    if (job.signal.aborted) {
      for (const rest of going.slice(index)) spare(context, journal, rest);
      break;
    }
    job.progress({ phase: 'Deleting backups', fraction: index / going.length, current: one.id });
    await attempt(one, async () => {
      const outcome = await removeMarked(context, journal, one, at);
      if (outcome.kind === 'spared') {
        job.log('warning', `${one.id} stays: ${outcome.why}`);
        return;
      }
      done.removed += 1;
      done.freedBytes += outcome.freedBytes;
      job.log('info', `Deleted ${said(one)}: ${one.reason} (${one.rule})`);
    });
  }
  if (done.removed > 0) context.events.emit({ kind: 'catalogChanged' });
  job.log('info', `${formatNumber(done.removed, 'backup')} deleted, ${formatBytes(done.freedBytes)} freed, ${plan.keep.length} kept.`);
  job.signal.throwIfAborted();
  return { ...done, failures };
}

const said = (one: Going): string => `${one.id} of ${one.database} (${one.profile}, ${one.startedAt}, ${formatBytes(one.sizeBytes)})`;

/** Marked by an earlier cleanup, and wanted by now: a pin, a changed rule, a newer backup found bad. */
async function spareUnwanted(
  context: EngineContext,
  job: Sink,
  plan: RetentionPlan,
  open: OpenDeletion[],
  attempt: (one: OpenDeletion, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const journal = deletionJournal(context.catalog);
  const kept = new Set(plan.keep.map((one) => one.id));
  for (const one of open.filter(({ id }) => kept.has(id))) {
    await attempt(one, () => {
      spare(context, journal, one);
      job.log('info', `${one.id} was marked earlier and stays after all.`);
      return Promise.resolve();
    });
  }
}
