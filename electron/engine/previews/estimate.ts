// How long a comparison will take and how much room it needs, before anything is staged.
import { statfs } from 'node:fs/promises';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { PreviewEstimate, PreviewRequest } from '../../../shared/contract/previews.ts';
import { HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import { formatBytes } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import { inspectSource } from '../dumps/source.ts';
import { onDatabase, withSession, type Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Target } from '../postgres/target.ts';
import { requireRoomForStaging } from './staging.ts';

/** Measured on two cores: staging and comparing together. */
const bytesPerSecond = 60e6;
/** Compressed rows grow about so much. */
const unpackedTimes = 5;
/** Differences and their index, at worst. */
const overhead = 1.25;
/** The server must have so much more than is needed. */
const spare = 1.1;

/** Looks, touches nothing. Errors: those of `inspectDump` and `connect`. */
export async function estimatePreview(context: EngineContext, request: PreviewRequest): Promise<PreviewEstimate> {
  const own = await context.profiles.target(request.profileId);
  const target = request.database === undefined ? own : onDatabase(own, request.database);
  const dump = await inspectSource(context, request.source, { contentsOnly: request.source.kind === 'backup' });
  return withSession(target, async (session) => estimateOn(session, target, dump, request));
}

export async function estimateOn(session: Session, target: Target, dump: Dump, request: PreviewRequest): Promise<PreviewEstimate> {
  const asked = new Set([...request.tables, ...request.rows].map(tableKey));
  const tables = dump.tables.filter((table) => table.hasData && (asked.size === 0 || asked.has(tableKey(table)) || request.withReferenced));
  const stored = tables.reduce((sum, table) => sum + (table.sizeBytes ?? 0), 0);
  const unpacked = stored === 0 ? dump.sizeBytes : stored;
  const bytes = Math.round(unpacked * (dump.compression === 'none' ? 1 : unpackedTimes) * overhead);
  const rows = tables.every((table) => table.rows !== null) ? tables.reduce((sum, table) => sum + (table.rows ?? 0), 0) : null;
  const free = await freeBytes(session, target);
  const blockers: ErrorReport[] = [];
  if (request.stageOn === undefined) {
    await requireRoomForStaging(session).catch((thrown: unknown) => {
      if (!(thrown instanceof HowdahError)) throw thrown;
      blockers.push(thrown.report());
    });
  }
  const full = free === null ? null : tooFull(bytes, free);
  if (full !== null) blockers.push(full.report());
  return { tables: tables.length, rows, bytes, seconds: Math.max(1, Math.round(bytes / bytesPerSecond)), serverFreeBytes: free, blockers };
}

/** The refusal where the server's disk would not hold the staging; null where it would. */
export function tooFull(bytes: number, free: number): HowdahError | null {
  if (bytes * spare <= free) return null;
  return new HowdahError(
    'DISK_FULL',
    `The rows to compare need about ${formatBytes(bytes)} at the server, which has ${formatBytes(free)} left.`,
    {
      hint: 'Make room there, compare fewer tables, or stage on another server (--stage-on PROFILE).',
    },
  );
}

/** Only where the server runs on this machine and says where its data is. */
async function freeBytes(session: Session, target: Target): Promise<number | null> {
  if (!target.host.startsWith('/') && !['localhost', '127.0.0.1', '::1'].includes(target.host)) return null;
  const { rows } = await session.query<{ path: string | null }>(
    "select case when pg_catalog.pg_has_role('pg_read_all_settings', 'usage') then pg_catalog.current_setting('data_directory', true) end as path",
  );
  const path = rows[0]?.path;
  if (path === null || path === undefined) return null;
  try {
    const found = await statfs(path);
    return found.bavail * found.bsize;
  } catch (thrown) {
    // In a container of its own, or not ours to look at.
    if (typeof (thrown as NodeJS.ErrnoException).code === 'string') return null;
    throw thrown;
  }
}
