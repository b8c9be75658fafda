// A preview from start to end: pair the tables, stage the backup's rows, compare, judge.
import { availableParallelism } from 'node:os';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { columnTypes, declaredKeys, partitionRoots } from '../dumps/definitions.ts';
import { inspectSource, pathOfSource } from '../dumps/source.ts';
import { readTableRows } from '../dumps/table-rows.ts';
import { newId } from '../ids.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase, withSession, type Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { requireTarget } from '../postgres/server-facts.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';
import { endSessionsForGood } from '../restores/sessions.ts';
import { hindrancesToSwap } from '../restores/plan-rights.ts';
import { targetFacts } from '../restores/target-facts.ts';
import { watchLoad } from '../restores/watch-load.ts';
import { identityOf } from '../restores/plan.ts';
import { compareTables } from './compare-tables.ts';
import type { Compared } from './compared.ts';
import { compareElsewhere } from './elsewhere.ts';
import { describePreview } from './describe.ts';
import { estimateOn, tooFull } from './estimate.ts';
import { fingerprintOf } from './fingerprint.ts';
import { pageOfRows } from './page-of-rows.ts';
import { pairTables } from './pair-tables.ts';
import { compareDefinitions } from './schema-state.ts';
import { applySettings, planningSettings, printingSettings, workSession } from './session.ts';
import { checkValues, stageTables, type Definitions } from './stage.ts';
import { selectRows } from './select-rows.ts';
import { makeStaging, type Staging } from './staging.ts';
import { lossesBySwap } from './swap-losses.ts';
import type { Prepared } from './store.ts';

/** What every step is handed. */
export type PreviewInput = {
  id: string;
  request: PreviewRequest;
  profile: Profile;
  target: Target;
  dump: Dump;
  path: string;
};

/** Stages and compares; the caller drops the staging when it is done with it. Where it throws, nothing is left at the
 * server. Errors: STAGING_NOT_ALLOWED, DISK_FULL, TABLE_NOT_IN_DUMP, BAD_INPUT, those of `readTableRows`, CANCELLED. */
export async function preparePreview(context: EngineContext, job: JobRun, request: PreviewRequest, id = newId('pre')): Promise<Prepared> {
  const begun = performance.now();
  job.progress({ phase: 'Looking at dump and target', fraction: null });
  const profile = context.profiles.get(request.profileId);
  const own = await context.profiles.target(profile.id);
  const target = request.database === undefined ? own : onDatabase(own, request.database);
  const path = pathOfSource(context, request.source);
  const dump = await inspectSource(context, request.source, { contentsOnly: request.source.kind === 'backup' });
  const input: PreviewInput = { id, request, profile, target, dump, path };

  // Before any setting that an old server does not know.
  await withSession(target, requireTarget);
  if (request.stageOn !== undefined) return compareElsewhere(context, job, input);

  const sessions: Session[] = [];
  let staging: Staging | null = null;
  const end = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session.end().catch(() => {})));
  };
  const gone = job.note({ kind: 'backend', profileId: profile.id, applicationName: job.applicationName });
  const onAbort = (): void => void endOwn(job, target);
  job.signal.addEventListener('abort', onAbort, { once: true });
  const watch = watchLoad(job, target);
  try {
    const workers = Math.max(1, Math.min(4, availableParallelism()));
    for (let n = 0; n < workers; n++) sessions.push(await workSession(job, target));
    const [session] = sessions;
    if (session === undefined) throw new Error('no session');
    const estimate = await estimateOn(session, target, dump, request);
    if (estimate.serverFreeBytes !== null) {
      const full = tooFull(estimate.bytes, estimate.serverFreeBytes);
      if (full !== null) throw full;
    }
    const definitions: Definitions = { declaredKeys: await declaredKeys(path, dump), columnTypes: await columnTypes(path, dump) };
    const pairing = await pairTables(session, dump, request, await partitionRoots(path, dump));
    staging = await makeStaging(context, session, { jobId: job.id, profileId: profile.id, target, applicationName: job.applicationName });
    job.signal.throwIfAborted();

    const state = compareDefinitions(job, context, input);
    // Whatever ends this first: nobody must be left waiting for the other.
    state.catch(() => {});
    job.progress({ phase: 'Staging the rows of the backup', fraction: 0, bytesTotal: null });
    let bytes = 0;
    const total = Math.max(1, estimate.bytes);
    const rows = readTableRows(job, context, {
      path,
      dump,
      clientDirectory: profile.clientDirectory,
      tables: [...pairing.paired, ...pairing.blocked].flatMap((table) => table.sources),
      stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
    });
    const staged = await stageTables(sessions, staging.name, pairing, rows, definitions, {
      onTable: (table) => job.progress({ current: `${table.schema}.${table.table}` }),
      onBytes(more) {
        job.signal.throwIfAborted();
        bytes += more;
        job.progress({ bytesDone: bytes, fraction: Math.min(0.6, (bytes / total) * 0.6) });
      },
    });
    job.progress({ phase: 'Comparing', fraction: 0.6, current: null });
    for (const table of staged) await checkValues(session, staging.name, table, definitions);
    await selectRows(session, staging.name, staged, pairing.foreignKeys, request);
    const { tables, blocked } = await compareTables(sessions, staging.name, staged, request, definitions, (table, done) => {
      job.signal.throwIfAborted();
      job.progress({ current: `${table.schema}.${table.table}`, fraction: 0.6 + 0.3 * done });
    });
    const found = await state;
    const allBlocked = [...pairing.blocked, ...blocked];
    const facts = await targetFacts(target);
    const whole = request.tables.length === 0 && request.rows.length === 0 && hindrancesToSwap(facts).length === 0;
    const swap = whole ? await lossesBySwap(session, dump, tables) : null;
    const compared: Compared = {
      staging: staging.name,
      whole,
      rowsNotInBackup: swap?.rowsNotInBackup ?? [],
      liveLargeObjects: swap?.liveLargeObjects ?? false,
      tables,
      blocked: allBlocked,
      foreignKeys: pairing.foreignKeys,
      largeObjects: dump.objects.some((object) => object.type.startsWith('BLOB')),
      schemaFits: found.schema.fits,
      migrationsDiffer: found.migrations.some((one) => one.verdict !== 'exact'),
      tablesOnlyLive: found.tablesOnlyLive,
      fingerprint: await fingerprintOf(session, await identityOf(path), request, tables, allBlocked, swap),
    };
    job.progress({ phase: 'Judging', fraction: 0.95, current: null });
    const preview = await describePreview(session, input, compared, found, begun);
    job.signal.throwIfAborted();
    await end();
    gone();
    return {
      preview,
      request,
      compared,
      target,
      drop: staging.drop,
      async page(wanted) {
        const table = compared.tables.find((one) => tableKey(one.live) === tableKey(wanted));
        if (table === undefined) return { rows: [], total: 0 };
        return withSession(target, async (other) => {
          await applySettings(other, { ...printingSettings, ...planningSettings });
          return pageOfRows(other, compared.staging, table, wanted);
        });
      },
    };
  } catch (thrown) {
    await watch.stop();
    await end();
    await endOwn(job, target);
    await staging?.drop().catch((second: unknown) => {
      context.ports.log.error('the staging could not be dropped; the next start does it', second);
    });
    gone();
    job.signal.throwIfAborted();
    throw thrown instanceof Error && 'severity' in thrown ? serverError(thrown, target) : thrown;
  } finally {
    await watch.stop();
    job.signal.removeEventListener('abort', onAbort);
  }
}

/** A session that waits for a lock or works on does not notice that nobody listens any more. */
async function endOwn(job: JobRun, target: Target): Promise<void> {
  try {
    await withSession(target, (session) => endSessionsForGood(session, job.applicationName));
  } catch (thrown) {
    if (!(thrown instanceof HowdahError)) throw thrown;
    job.log('warning', `The sessions at the server could not be ended: ${thrown.message}`);
  }
}
