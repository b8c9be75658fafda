// The cleanup job, and when one is queued.
import { HowdahError, reportOf, type ErrorReport } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { applyRetention, type Failure } from './apply.ts';
import { canDelete } from './decide.ts';
import { rulesStore } from './rules.ts';

/** Queues a job (kind `cleanup`) that applies retention to one profile's backups, its safety backups among them; null: to
 * all. Its result: `{ removed: number, freedBytes: number }`. Fails where a deletion failed. One runs at a time.
 * `only`: no other backups than these go. `ofRun`: a schedule's run tells how it ended. Errors: NOT_FOUND (profile). */
export function startCleanup(
  context: EngineContext,
  {
    profileId,
    priority,
    only,
    ofRun = false,
  }: { profileId: string | null; priority: 0 | 1; only?: ReadonlySet<string> | undefined; ofRun?: boolean },
): { jobId: string } {
  const profile = profileId === null ? null : context.profiles.get(profileId);
  const job = context.jobs.start({
    kind: 'cleanup',
    title: profile === null ? 'Cleanup of all backups' : `Cleanup of the backups of ${profile.name}`,
    profile: profile?.name ?? '',
    profileId,
    database: '',
    subjectId: null,
    serverKey: 'cleanup',
    priority,
    run: (run) => cleanUp(context, run, { profileId, profile: profile?.name ?? '', only, unattended: priority === 1, ofRun }),
  });
  return { jobId: job.id };
}

async function cleanUp(
  context: EngineContext,
  job: JobRun,
  request: { profileId: string | null; profile: string; only: ReadonlySet<string> | undefined; unattended: boolean; ofRun: boolean },
): Promise<{ removed: number; freedBytes: number }> {
  const tell = (profile: string, backupId: string | null, error: ErrorReport): void => {
    if (!request.ofRun) context.messages.tell({ kind: 'cleanup-failed', profile, backupId, error });
  };
  let done;
  try {
    done = await applyRetention(context, job, request);
  } catch (thrown) {
    if (job.signal.aborted) throw thrown;
    try {
      context.catalog.transaction(() => tell(request.profile, null, reportOf(thrown))).immediate();
    } catch (unsaid) {
      context.ports.log.error('a failed cleanup could not be told of', unsaid);
    }
    throw thrown;
  }
  const { failures, ...result } = done;
  if (failures.length === 0) return result;
  // One message for each profile, however many backups would not go.
  context.catalog
    .transaction(() => {
      for (const profile of new Set(failures.map((failure) => failure.profile))) {
        const own = failures.filter((failure) => failure.profile === profile);
        tell(profile, own.length === 1 ? (own[0]?.id ?? null) : null, summary(own).report());
      }
    })
    .immediate();
  throw summary(failures);
}

function summary(failures: Failure[]): HowdahError {
  const first = failures[0]?.error;
  if (first === undefined) throw new Error('a failure without a reason');
  if (failures.length === 1) return new HowdahError(first.code, first.message, { hint: first.hint, detail: first.detail });
  return new HowdahError(first.code, `${formatNumber(failures.length, 'backup')} could not be deleted. ${first.message}`, {
    hint: `${first.hint} The next cleanup tries again.`,
    detail: failures.map(({ id, error }) => `${id}: ${error.message}`).join('\n'),
  });
}

/** After a backup: queues a cleanup where any rule could take one of its profile's backups and none is waiting already.
 * Whatever goes wrong here is in the log: the backup is made. */
export function cleanAfterBackup(context: EngineContext, job: Pick<JobRun, 'log'>, profileId: string): void {
  try {
    if (isRuled(context, profileId) && !isQueued(context, profileId)) startCleanup(context, { profileId, priority: 1 });
  } catch (thrown) {
    job.log('warning', `No cleanup was queued after this backup: ${reportOf(thrown).message}`);
    context.ports.log.error('queueing a cleanup failed', thrown);
  }
}

function isQueued({ catalog }: EngineContext, profileId: string): boolean {
  return (
    catalog
      .prepare<[string]>("select 1 from jobs where kind = 'cleanup' and status = 'queued' and (profile_id is null or profile_id = ?)")
      .get(profileId) !== undefined
  );
}

function isRuled({ catalog }: EngineContext, profileId: string): boolean {
  const ofBackups = catalog.prepare<{ profileId: string; scope: string }>(
    `select 1 from backups where status = 'succeeded' and profile_id = @profileId
        and (@scope = 'profile:' || @profileId or @scope = 'schedule:' || schedule_id or @scope = 'safety' and origin = 'safety') limit 1`,
  );
  return [...rulesStore(catalog).inForce()].some(
    ([scope, { rule }]) => canDelete(rule) && ofBackups.get({ profileId, scope }) !== undefined,
  );
}
