// The rows of chosen tables out of any dump, as a stream in COPY text format. No server is touched, and nothing of the
// dump is run: archives go through pg_restore, which turns them into a script.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { chooseForRestore, noTarget, type ClientPlace } from '../postgres/client-tools.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { refuseUnsafe } from '../restores/load.ts';
import { scriptOf, type Script } from '../restores/pg-restore.ts';
import { seekableFile } from '../restores/seekable-file.ts';
import { makeWorkFolder, type WorkFolder } from '../restores/work-folder.ts';
import { readArchiveToc } from './archive.ts';
import { unwrapped } from './decompress.ts';
import { incomplete } from './dump-errors.ts';
import { KnownTables, tablesOfToc } from './known-tables.ts';
import { recogniseDump, type RecognisedDump } from './recognise.ts';
import { ScriptRows, type TableRows } from './script-rows.ts';
import { ScriptSettings } from './script-settings.ts';
import { splitSql } from './sql-lexer.ts';
import { copyFromStdin, tableOf } from './sql-statements.ts';
import type { Toc, TocEntry } from './toc.ts';

export type { TableRows } from './script-rows.ts';

export type RowsRequest = {
  /** As `inspectDump` takes it: the dump, or the backup folder around it. */
  path: string;
  dump: Dump;
  /** The profile's folder of client programs; empty: chosen. */
  clientDirectory: ClientPlace;
  /** A partitioned table stands for its partitions: their rows come under their own names. */
  tables: TableName[];
  /** After so long without progress a client program is stopped. */
  stuckAfterMs?: number;
};

const defaultStuckAfterMs = 10 * 60_000;

/**
 * The rows of the tables, one item for each COPY or run of INSERTs, in the dump's order. An item's chunks are drained
 * before the next item is asked for; ending early ends what was started. Tables without rows have no item.
 * Errors: TABLE_NOT_IN_DUMP, DUMP_INCOMPLETE, DUMP_UNSAFE (also: rows that would have to be computed),
 * DUMP_NOT_RECOGNISED, CLIENT_TOOL_MISSING, CLIENT_TOOL_FAILED, CLIENT_TOOL_STUCK, CANCELLED.
 */
export async function* readTableRows(job: JobRun, context: EngineContext, request: RowsRequest): AsyncGenerator<TableRows> {
  const { dump, tables } = request;
  refuseUnsafe(dump);
  const inDump = new Set(dump.tables.map(tableKey));
  const missing = tables.find((table) => !inDump.has(tableKey(table)));
  if (missing !== undefined) {
    throw new HowdahError('TABLE_NOT_IN_DUMP', `The dump has no table ${missing.schema}.${missing.table}.`, {
      hint: 'Names are compared exactly, capitals included. Inspect the dump to see its tables.',
    });
  }
  const found = await recogniseDump(request.path);
  const wanted = new Set(tables.map(tableKey));
  if (found.format !== 'plain') return yield* rowsOfArchive(job, context, request, found, wanted);
  const pieces = splitSql(unwrapped(found.path, found.wrapper));
  yield* new ScriptRows(pieces, wanted, new KnownTables(), new ScriptSettings(), job.signal).runs();
}

async function* rowsOfArchive(
  job: JobRun,
  context: EngineContext,
  request: RowsRequest,
  found: RecognisedDump,
  wanted: Set<string>,
): AsyncGenerator<TableRows> {
  const toc = await readArchiveToc(found);
  const known = tablesOfToc(toc);
  const entries = toc.entries.filter((entry) => entry.desc === 'TABLE DATA' && known.isWithin(nameOf(entry), wanted));
  if (entries.length === 0) return;
  const folder = await makeWorkFolder(context, job);
  let script: Script | null = null;
  const flow = { bytes: 0, handing: false };
  try {
    script = await startScript(job, request, found, { toc, entries, folder, flow });
    const waiting = new Map<string, TocEntry[]>();
    for (const entry of entries) waiting.set(tableKey(loadedInto(entry)), [...(waiting.get(tableKey(loadedInto(entry))) ?? []), entry]);
    const into = new Set([...wanted, ...waiting.keys()]);
    const rows = new ScriptRows(splitSql(watched(script.chunks, flow)), into, known, new ScriptSettings(toc.encoding), job.signal);
    for await (const run of rows.runs()) {
      // pg_restore keeps the order of the entries.
      const list = waiting.get(tableKey(run.table)) ?? [];
      const entry = list.length > 1 || list[0]?.copyStmt !== '' ? list.shift() : list[0];
      yield entry === undefined ? run : { ...run, table: nameOf(entry) };
    }
    const lost = [...waiting.values()].flat().find((entry) => entry.copyStmt !== '');
    if (lost !== undefined) throw incomplete(`pg_restore gave no rows for ${lost.namespace}.${lost.tag}`);
  } finally {
    await script?.stop();
    await folder.remove();
  }
}

type Parts = { toc: Toc; entries: TocEntry[]; folder: WorkFolder; flow: Flow };

async function startScript(job: JobRun, request: RowsRequest, found: RecognisedDump, parts: Parts): Promise<Script> {
  const { dumpedBy } = request.dump;
  const tools = await chooseForRestore(noTarget, dumpedBy === null ? null : Number.parseInt(dumpedBy, 10), request.clientDirectory);
  const file = await seekableFile(job, found, parts.folder, found.format === 'tar');
  // Without positions pg_restore reads through all that comes before, and would look stuck: fed, it is seen to read.
  const reads = found.format === 'custom' && file.stream === undefined && parts.entries.some(({ data }) => data.state === 'noPosition');
  return scriptOf(job, {
    tools,
    ...file,
    ...(reads ? { stream: () => unwrapped(found.path, 'none') } : {}),
    target: null,
    noOwner: false,
    dataOnly: true,
    entries: parts.entries.map((entry) => entry.dumpId),
    folder: parts.folder.path,
    targetMajor: noTarget,
    jobs: 1,
    busy: () => (parts.flow.handing ? performance.now() : parts.flow.bytes),
    stuckAfterMs: request.stuckAfterMs ?? defaultStuckAfterMs,
    onLine: () => {},
  });
}

/** `handing`: a chunk is with the consumer, for whom pg_restore waits without being stuck. */
type Flow = { bytes: number; handing: boolean };

async function* watched(chunks: AsyncIterable<Buffer>, flow: Flow): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      flow.bytes += chunk.length;
      flow.handing = true;
      yield chunk;
      flow.handing = false;
    }
  } catch (thrown) {
    throw asReading(thrown);
  }
}

/** No server is near that could have objected. */
function asReading(thrown: unknown): unknown {
  if (!(thrown instanceof HowdahError) || thrown.code !== 'RESTORE_HAD_ERRORS') return thrown;
  return new HowdahError('DUMP_INCOMPLETE', 'The rows cannot be read from the dump: pg_restore met an error.', {
    hint: 'The dump is damaged, or its file cannot be read: verify it, or use another copy.',
    detail: thrown.detail,
    command: thrown.command,
    cause: thrown,
  });
}

/** The table that an entry's rows are loaded into: with `--load-via-partition-root`, and of hash partitions over enums,
 * the partitioned table on top. */
function loadedInto(entry: TocEntry): TableName {
  const root = /^-- load via partition root (.+)$/m.exec(entry.defn)?.[1];
  const named = root === undefined ? copyFromStdin(entry.copyStmt) : tableOf(root);
  return named === null || named.schema === '' ? nameOf(entry) : named;
}

const nameOf = (entry: TocEntry): TableName => ({ schema: entry.namespace, table: entry.tag });
