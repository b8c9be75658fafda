// Loads a dump into a database: archives through pg_restore, everything that must be one transaction and every
// plain script through our own session (load-sql.ts).
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { readArchiveToc } from '../dumps/archive.ts';
import { unwrapped } from '../dumps/decompress.ts';
import { recogniseDump, type RecognisedDump } from '../dumps/recognise.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { chooseForRestore, type ClientPlace } from '../postgres/client-tools.ts';
import { connect, quoteIdentifier, withSession, type Session } from '../postgres/connection.ts';
import { serverVersion } from '../postgres/server-facts.ts';
import type { Target } from '../postgres/target.ts';
import { liftTimeLimits } from '../postgres/time-limits.ts';
import { commit } from './commit.ts';
import { loadProgress } from './load-progress.ts';
import { loadSql } from './load-sql.ts';
import { schemasLeftOut } from './plan-losses.ts';
import { hasTriggerOverPartitions, restoreThroughClient, scriptOf, type ArchiveLoad } from './pg-restore.ts';
import { seekableFile } from './seekable-file.ts';
import { endOwnSessions } from './sessions.ts';
import { watchLoad } from './watch-load.ts';
import { makeWorkFolder, type WorkFolder } from './work-folder.ts';

export type LoadRequest = {
  /** As `inspectDump` takes it: the dump, or the backup folder around it. */
  path: string;
  dump: Dump;
  /** Its database is where to load. */
  target: Target;
  /** The profile's folder of client programs; empty: chosen. */
  clientDirectory: ClientPlace;
  noOwner: boolean;
  /** Dump ids of the TOC entries to load, in the order of the TOC; null: all. Archives only. */
  entries: number[] | null;
  /** All or nothing, in one session. */
  oneTransaction: boolean;
  /** With `oneTransaction`: everything is done, then taken back. */
  dryRun?: boolean;
  /** Parallel workers, where the form of the dump allows it. */
  jobs: number;
  /** In the same transaction, before and after the dump. Only with `oneTransaction`. */
  before?: (session: Session) => Promise<void>;
  after?: (session: Session) => Promise<void>;
  /** Told the transaction's id just before COMMIT, to be looked up after a crash (`txid_status`). */
  committing?: (transaction: string) => void;
  /** 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Whose server `target` is on. Default: the job's own. */
  profileId?: string;
  /** After so long without progress at either end a client program is stopped. */
  stuckAfterMs?: number;
};

export type Loaded = { warnings: string[] };

const defaultStuckAfterMs = 10 * 60_000;

/** Loads the dump, all of it or (with `oneTransaction`) nothing. Without it, what a failure leaves is the caller's
 * to drop. When it throws, none of the job's sessions works at the server any more.
 * Errors: RESTORE_HAD_ERRORS, DUMP_INCOMPLETE, DUMP_UNSAFE, CLIENT_TOOL_MISSING, CLIENT_TOOL_FAILED,
 * CLIENT_TOOL_STUCK, CONNECTION_LOST, DISK_FULL, CANCELLED. */
export async function loadDump(job: JobRun, context: EngineContext, request: LoadRequest): Promise<Loaded> {
  refuseUnsafe(request.dump);
  const found = await recogniseDump(request.path);
  const { major } = await versionOf(request.target);
  const profileId = request.profileId ?? context.jobs.store.get(job.id)?.profileId ?? null;
  const sessionsGone = profileId === null ? () => {} : job.note({ kind: 'backend', profileId, applicationName: job.applicationName });
  const watch = watchLoad(job, request.target);
  const folder = await makeWorkFolder(context, job);
  try {
    const schemas = request.oneTransaction ? [] : schemasLeftOut(request.dump);
    for (const schema of schemas) {
      await withSession(request.target, (session) => session.query(`create schema if not exists ${quoteIdentifier(schema)}`));
    }
    const loaded =
      found.format === 'plain'
        ? await loadPlain(job, request, found)
        : await loadArchive(job, request, found, { major, busy: watch.busy, folder });
    // What is committed stays: a cancel that comes after it comes too late.
    if (!request.oneTransaction) job.signal.throwIfAborted();
    sessionsGone();
    return loaded;
  } catch (thrown) {
    await watch.stop();
    if (await endOwnSessions(job, request.target)) sessionsGone();
    job.signal.throwIfAborted();
    throw thrown;
  } finally {
    await watch.stop();
    await folder.remove();
  }
}

/** Inspection has looked at the dump; what it found too dangerous or not whole is loaded by nobody.
 * Errors: DUMP_INCOMPLETE, DUMP_UNSAFE, DUMP_TOO_NEW. */
export function refuseUnsafe(dump: Dump): void {
  const blocker = dump.problems.find((problem) => problem.severity === 'blocker');
  if (blocker !== undefined) throw blockerError(blocker);
}

/** A blocker that inspection found, as the error that stops a restore. */
export function blockerError(problem: Dump['problems'][number]): HowdahError {
  const where = problem.line === undefined ? '' : ` (line ${problem.line})`;
  const cut = ['CUT_OFF', 'DAMAGED', 'NO_END_MARK'].includes(problem.code);
  if (cut) return new HowdahError('DUMP_INCOMPLETE', problem.message, { hint: 'Use another copy of the dump, or make a new one.' });
  if (problem.code === 'NEWER_THAN_CLIENT')
    return new HowdahError('DUMP_TOO_NEW', problem.message, { hint: 'Install newer client programs.' });
  return new HowdahError('DUMP_UNSAFE', `${problem.message}${where}`, {
    hint: 'Look at the dump. Remove what is named only if you know what it is for.',
  });
}

async function loadPlain(job: JobRun, request: LoadRequest, found: RecognisedDump): Promise<Loaded> {
  if (request.entries !== null) throw new Error('entries are chosen from archives only');
  let read = 0;
  const chunks = unwrapped(found.path, found.wrapper, (bytes) => {
    read += bytes;
    request.onProgress?.(Math.min(1, read / Math.max(1, found.sizeBytes)));
  });
  return inSession(job, request, (session) => loadSql({ ...sqlLoadOf(job, request), session, chunks }));
}

type ArchiveWays = { major: number; busy: () => number; folder: WorkFolder };

async function loadArchive(job: JobRun, request: LoadRequest, found: RecognisedDump, ways: ArchiveWays): Promise<Loaded> {
  const dumpedBy = request.dump.dumpedBy === null ? null : Number.parseInt(request.dump.dumpedBy, 10);
  const tools = await chooseForRestore(ways.major, dumpedBy, request.clientDirectory);
  // One worker reads a custom archive from start to end anyway.
  const wantsSeeking = found.format === 'tar' || (request.jobs > 1 && !request.oneTransaction);
  const unpacks = wantsSeeking && found.wrapper !== 'none';
  if (unpacks) job.progress({ phase: 'Unpacking' });
  const file = await seekableFile(job, found, ways.folder, wantsSeeking);
  if (unpacks) job.progress({ phase: 'Restoring' });
  const progress = loadProgress(request.dump, (fraction, current) => {
    request.onProgress?.(fraction);
    job.progress({ current });
  });
  const load: ArchiveLoad & { target: Target } = {
    tools,
    ...file,
    target: request.target,
    noOwner: request.noOwner,
    entries: request.entries ?? (await withoutLanguage(request.dump, found)),
    folder: ways.folder.path,
    targetMajor: ways.major,
    jobs: found.format === 'tar' ? 1 : request.jobs,
    rowsFirst: hasTriggerOverPartitions(request.dump),
    busy: ways.busy,
    stuckAfterMs: request.stuckAfterMs ?? defaultStuckAfterMs,
    onLine: progress.line,
  };
  // pg_restore 17 and later begins with SET transaction_timeout, which an older server refuses: there, too, the
  // script goes through our own session, which leaves out parameters that the server does not know.
  if (!request.oneTransaction && !(tools.major >= 17 && ways.major < 17)) return restoreThroughClient(job, load);
  return inSession(job, request, async (session) => {
    const script = await scriptOf(job, load);
    try {
      const loaded = await loadSql({ ...sqlLoadOf(job, request), session, chunks: script.chunks });
      return { warnings: [...(await script.finished()), ...loaded.warnings] };
    } finally {
      await script.stop();
    }
  });
}

/** Dumps of version 10 and older bring the extension plpgsql and a comment on it, which only a superuser may write;
 * every database has both. Null: nothing to leave out. */
async function withoutLanguage(dump: Dump, found: RecognisedDump): Promise<number[] | null> {
  const named = (type: string, name: string): boolean =>
    (type === 'EXTENSION' && name === 'plpgsql') || (type === 'COMMENT' && name === 'EXTENSION plpgsql');
  if (!dump.objects.some((entry) => named(entry.type, entry.name))) return null;
  const toc = await readArchiveToc(found);
  return toc.entries.filter((entry) => !named(entry.desc, entry.tag)).map((entry) => entry.dumpId);
}

/** One session for the whole dump; where asked, one transaction. A cancel ends it at the server. */
async function inSession(job: JobRun, request: LoadRequest, work: (session: Session) => Promise<Loaded>): Promise<Loaded> {
  const session = await connect(request.target, job.applicationName);
  const onAbort = (): void => void endOwnSessions(job, request.target);
  job.signal.addEventListener('abort', onAbort, { once: true });
  const noticed: string[] = [];
  session.on('notice', (notice) => {
    if (notice.severity === 'WARNING') noticed.push(notice.message ?? '');
  });
  try {
    job.signal.throwIfAborted();
    if (request.oneTransaction) await session.query('begin');
    else await session.query('set synchronous_commit = off');
    // The dump itself lifts only those that its own pg_dump knew.
    await liftTimeLimits(session, request.oneTransaction);
    await request.before?.(session);
    const loaded = await work(session);
    await request.after?.(session);
    job.signal.throwIfAborted();
    job.signal.removeEventListener('abort', onAbort);
    if (request.oneTransaction && request.dryRun === true) await session.query('rollback');
    else if (request.oneTransaction) await commit(job, session, request.target, request.committing);
    return { warnings: [...loaded.warnings, ...noticed.map((text) => `The server warned: ${text}`)] };
  } finally {
    job.signal.removeEventListener('abort', onAbort);
    // An open transaction goes with its session.
    await session.end().catch(() => {});
  }
}

const sqlLoadOf = (job: JobRun, request: LoadRequest) => ({
  target: request.target,
  noOwner: request.noOwner,
  oneTransaction: request.oneTransaction,
  signal: job.signal,
  onTable: (name: string) => job.progress({ current: name }),
});

async function versionOf(target: Target): Promise<{ major: number }> {
  const session = await connect(target);
  try {
    return await serverVersion(session);
  } finally {
    await session.end().catch(() => {});
  }
}
