// One backup from beginning to end. Until the very last step its folder ends in `.partial` and is on the list of
// leftovers; the step that records success also takes it off that list.
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact, LogLine, SucceededBackup, Verification } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { redact } from '../jobs/log-file.ts';
import { programPath } from '../postgres/client-tools.ts';
import { withMaintenanceSession } from '../postgres/connection.ts';
import { endSessions } from '../postgres/settle-databases.ts';
import { describeCompression } from './compression.ts';
import { manifestOf, type BackupWork } from './describe-backup.ts';
import { fileError, makePrivateFolder, syncFolder, writePrivateFile } from './durable.ts';
import { permissionDenied, rowsHidden } from './failure.ts';
import type { ServerFacts } from './gather.ts';
import { holdsOf, manifestFileName, rowsHeld, selectionOf, type Manifest } from './manifest.ts';
import { folderName } from './names.ts';
import type { DumpPlan } from './plan.ts';
import { prepareBackup } from './prepare.ts';
import { hashesFileName, hashesText, readmeFileName, readmeText } from './readme.ts';
import { backupStore } from './store.ts';
import { writeDump } from './write-dump.ts';
import { deepVerifyBackup } from './verify-deep.ts';
import { logFileName, verifyFolder } from './verify-folder.ts';

/** After a failure or a cancel nobody waits longer for a server that says nothing. */
const endSessionsMs = 15_000;

/** Makes the backup whose row stands as `running`, and records its success.
 * Errors: whatever went wrong, with nothing left behind at the server or on disk. */
export async function makeBackup(context: EngineContext, outerJob: JobRun, work: BackupWork): Promise<SucceededBackup> {
  const lines: LogLine[] = [];
  const job = withOwnLog(context, outerJob, lines);
  try {
    return await attempt(context, job, work, lines);
  } catch (thrown) {
    if (!job.signal.aborted) throw thrown;
    // Whatever broke because of the cancel is the cancel.
    const own = thrown instanceof HowdahError && !['CLIENT_TOOL_FAILED', 'CONNECTION_LOST', 'INTERNAL'].includes(thrown.code);
    throw own ? thrown : (job.signal.reason as unknown);
  }
}

async function attempt(context: EngineContext, job: JobRun, work: BackupWork, lines: LogLine[]): Promise<SucceededBackup> {
  const { target, options, backupId } = work;
  const begun = performance.now();
  job.progress({ phase: 'Looking at the server' });
  const { plan, server, folder: parent } = await prepareBackup(context, work.profileId, target, options, job.signal);
  refuseUnreadable(plan, server);
  for (const warning of plan.warnings) job.log('warning', warning.message);

  const store = backupStore(context.catalog);
  const row = store.get(backupId);
  const final = join(parent, folderName(row.startedAt, backupId));
  const partial = `${final}.partial`;
  const partialGone = job.note({ kind: 'path', path: partial });
  // The finished folder is on the list, too, until its success is on record.
  const finalGone = job.note({ kind: 'path', path: final });
  const sessionsGone = job.note({ kind: 'backend', profileId: work.profileId, applicationName: job.applicationName });
  try {
    makePrivateFolder(partial);
    const written = await writeDump(context, job, target, plan, server, partial);
    sessionsGone();
    job.signal.throwIfAborted();

    job.progress({ phase: 'Verifying', fraction: null, secondsLeft: null, waits: [] });
    const manifest = manifestOf(context, work, plan, server, written, row.startedAt, begun);
    const verification = await verifyFolder(partial, manifest, {
      signal: job.signal,
      now: () => new Date(context.ports.clock()).toISOString(),
      stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
      pgRestore: programPath(plan.client, 'pg_restore'),
      readAlong: written.read,
      readBefore: written.readBefore,
      // Those of a single file were taken on the way to disk, and are now compared with the disk.
      justHashed: plan.output.kind === 'directory',
    });
    requireGood(verification);
    const proof = options.deepVerify
      ? await deepVerifyBackup(context, job, { directory: partial, manifest, profileId: work.profileId, before: verification })
      : verification;
    requireGood(proof);
    const finished: Manifest = {
      ...manifest,
      verification: proof,
      finishedAt: new Date(context.ports.clock()).toISOString(),
      durationMs: Math.round(performance.now() - begun),
    };
    job.log('info', `Verified: ${proof.checks.map((check) => check.name).join(', ')}`);
    await writePrivateFile(join(partial, readmeFileName), readmeText(finished, plan.output.name));
    await writePrivateFile(join(partial, hashesFileName), hashesText(finished.artifacts));
    await writePrivateFile(join(partial, manifestFileName), `${JSON.stringify(finished, null, 2)}\n`);
    await writePrivateFile(join(partial, logFileName), lines.map((line) => `${line.at} ${line.level.padEnd(7)} ${line.text}\n`).join(''));
    await syncFolder(partial);
    job.signal.throwIfAborted();
    await rename(partial, final);
    await syncUpTo(parent, context.ports.homeDirectory);

    context.catalog
      .transaction(() => {
        store.succeed(backupId, {
          finishedAt: finished.finishedAt,
          durationMs: finished.durationMs,
          sizeBytes: sumOf(finished.artifacts),
          directory: final,
          verification: proof,
          artifacts: finished.artifacts,
          format: plan.format,
          compression: describeCompression(plan.compression),
          quick: plan.quick,
          serverVersion: plan.serverVersion,
          clientVersion: plan.client.version,
          tables: finished.tables.length,
          rows: rowsHeld(finished.tables),
          holds: holdsOf(finished),
          selection: selectionOf(finished),
        });
        partialGone();
        finalGone();
      })
      .immediate();
    return succeeded(store.get(backupId));
  } catch (thrown) {
    const limit = { signal: AbortSignal.timeout(endSessionsMs) };
    await withMaintenanceSession(target, (session) => endSessions(session, job.applicationName), limit).then(
      sessionsGone,
      (problem: unknown) => {
        // The server is not there to be asked; it ends sessions itself whose client is gone. The next start asks again.
        job.log(
          'info',
          `The server could not be asked about sessions left behind: ${problem instanceof Error ? problem.message : String(problem)}`,
        );
      },
    );
    await removeFolder(job, partial, partialGone);
    await removeFolder(job, final, finalGone);
    throw fileError(thrown, partial);
  }
}

function refuseUnreadable(plan: DumpPlan, server: ServerFacts): void {
  if (plan.unreadable.length > 0) throw permissionDenied(server.user, plan.unreadable);
  if (plan.rowsHidden.length > 0) throw rowsHidden(server.user, plan.rowsHidden);
}

function requireGood(verification: Verification): void {
  if (verification.ok) return;
  const bad = verification.checks.filter((check) => !check.ok);
  throw new HowdahError(
    'VERIFICATION_FAILED',
    `The backup was written, but did not pass: ${bad.map((check) => check.name).join(', ')}. It was removed.`,
    {
      hint: 'Check the disk and its file system, then make the backup again.',
      detail: bad.map((check) => `${check.name}: ${check.detail}`).join('\n'),
    },
  );
}

const sumOf = (artifacts: Artifact[]): number => artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0);

function succeeded(backup: ReturnType<ReturnType<typeof backupStore>['get']>): SucceededBackup {
  if (backup.status !== 'succeeded') throw new Error('a backup just recorded as succeeded is not');
  return backup;
}

/** The new name, and whatever folders were made for it. */
async function syncUpTo(folder: string, home: string): Promise<void> {
  for (let at = folder, steps = 0; steps < 4 && at !== dirname(at) && at !== home; at = dirname(at), steps++) {
    try {
      await syncFolder(at);
    } catch (thrown) {
      // A folder above that may be entered but not read was not made by us.
      if (steps === 0) throw thrown;
      return;
    }
  }
}

async function removeFolder(job: JobRun, folder: string, gone: () => void): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    gone();
  } catch (thrown) {
    job.log(
      'error',
      `${folder} could not be removed and will be at the next start: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

/** The same job, its log kept for the backup's own folder as well. */
function withOwnLog(context: EngineContext, job: JobRun, lines: LogLine[]): JobRun {
  return {
    ...job,
    log(level, text) {
      lines.push({ sequence: lines.length + 1, at: new Date(context.ports.clock()).toISOString(), level, text: redact(text) });
      job.log(level, text);
    },
  };
}
