// Describes any dump for the page and the command line. Nothing of it is run.
import { basename } from 'node:path';
import type { Dump, DumpProblem } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { readArchiveToc, walkArchive } from './archive.ts';
import type { ArchiveWalk } from './archive-data.ts';
import { unwrapped } from './decompress.ts';
import { inspectPlain } from './plain.ts';
import { recogniseDump, type RecognisedDump } from './recognise.ts';
import { addRoles } from './roles.ts';
import { describeTables, rowsOfManifest, type RowCounts } from './toc-tables.ts';
import type { Toc } from './toc.ts';

export type InspectOptions = {
  /** Major version of the server that it may be restored to, e.g. 15. */
  serverMajorOfTarget?: number | undefined;
  /** Major version of the pg_restore that would restore it. */
  clientMajor?: number | undefined;
  /** Reads large wrapped archives and gzip files to their ends too. */
  full?: boolean | undefined;
  /** Reads no data at all: for our own backups, whose hashes are compared before anything is made of them. */
  contentsOnly?: boolean | undefined;
};

export type InspectedDump = Omit<Dump, 'backupId'>;

/**
 * Reads a dump file, a directory archive, or one of our backup folders. A dump that is cut off behind its table of
 * contents is described, with a `CUT_OFF` problem. Errors: FILE_NOT_READABLE, DUMP_NOT_RECOGNISED, DUMP_EMPTY,
 * DUMP_INCOMPLETE (not even its table of contents is whole).
 */
export async function inspectDump(path: string, options: InspectOptions = {}): Promise<InspectedDump> {
  const recognised = await recogniseDump(path);
  const counts = rowsOfManifest(recognised.manifest);
  const found =
    recognised.format === 'plain' ? await describePlain(recognised, counts) : await describeArchive(recognised, counts, options);
  const problems = [...found.problems, ...versionProblems(found, options)];
  return { ...found, name: basename(path), path, problems };
}

async function describePlain(dump: RecognisedDump, counts: RowCounts): Promise<InspectedDump> {
  const { tables, ...plain } = await inspectPlain(unwrapped(dump.path, dump.wrapper));
  return {
    ...plain,
    name: '',
    path: '',
    sizeBytes: dump.sizeBytes,
    format: 'plain',
    compression: dump.wrapper,
    tables: tables.map(({ schema, table, hasData, rows, sizeBytes }) => ({
      schema,
      table,
      hasData,
      rows: rows ?? counts.get(schema, table)?.rows ?? null,
      sizeBytes: hasData ? sizeBytes : null,
    })),
  };
}

/** The table of contents; of the data nothing is known. */
async function unwalked(dump: RecognisedDump): Promise<{ toc: Toc; walk: ArchiveWalk }> {
  return { toc: await readArchiveToc(dump), walk: { state: 'unknown', detail: '', sizes: new Map() } };
}

async function describeArchive(dump: RecognisedDump, counts: RowCounts, options: InspectOptions): Promise<InspectedDump> {
  const { toc, walk } =
    options.contentsOnly === true ? await unwalked(dump) : await walkArchive(dump, options.full === true ? 'full' : 'quick');
  const roles = new Set<string>();
  for (const entry of toc.entries) {
    if (entry.owner !== '') roles.add(entry.owner);
    if (entry.desc === 'ACL' || entry.desc === 'DEFAULT ACL') addRoles(entry.defn, roles);
  }
  const objects = toc.entries.filter(({ desc }) => !['ENCODING', 'STDSTRINGS', 'SEARCHPATH'].includes(desc));
  return {
    name: '',
    path: '',
    sizeBytes: dump.sizeBytes,
    format: dump.format,
    compression: dump.wrapper === 'none' ? innerCompression(dump, toc) : dump.wrapper,
    serverVersion: toc.serverVersion === '' ? null : toc.serverVersion,
    dumpedBy: toc.dumpedBy === '' ? null : toc.dumpedBy,
    database: toc.database === '' ? null : toc.database,
    createdAt: toc.createdAt === null ? null : new Date(toc.createdAt).toISOString(),
    encoding: toc.encoding,
    complete: walk.state === 'unknown' ? null : walk.state === 'whole',
    tables: describeTables(toc, walk.sizes, counts),
    objects: objects.map(({ desc, namespace, tag, owner }) => ({ type: desc, schema: namespace, name: tag, owner })),
    extensions: toc.entries
      .filter(({ desc }) => desc === 'EXTENSION')
      .map(({ tag }) => tag)
      .toSorted(),
    roles: [...roles].toSorted(),
    problems: [...walkProblems(walk), ...contentProblems(toc)],
  };
}

/** Tar archives of pg_dump hold no compressed members, whatever their header says. */
function innerCompression(dump: RecognisedDump, toc: Toc): Toc['compression'] {
  return dump.format === 'tar' ? 'none' : toc.compression;
}

function walkProblems(walk: ArchiveWalk): DumpProblem[] {
  if (walk.state === 'cutOff') return [{ code: 'CUT_OFF', severity: 'blocker', message: `The dump is cut off: ${walk.detail}.` }];
  if (walk.state === 'damaged') return [{ code: 'DAMAGED', severity: 'blocker', message: `The dump is damaged: ${walk.detail}.` }];
  return [];
}

function contentProblems(toc: Toc): DumpProblem[] {
  const tables = toc.entries.some(({ desc }) => desc === 'TABLE');
  const data = toc.entries.some(({ desc }) => desc === 'TABLE DATA');
  if (data && !tables) {
    return [
      { code: 'DATA_ONLY', severity: 'warning', message: 'It holds rows, but no table definitions: the tables must exist at the target.' },
    ];
  }
  if (tables && !data) return [{ code: 'SCHEMA_ONLY', severity: 'warning', message: 'It holds definitions, but no rows.' }];
  return [];
}

function versionProblems(dump: InspectedDump, options: InspectOptions): DumpProblem[] {
  const problems: DumpProblem[] = [];
  const server = majorOf(dump.serverVersion);
  const client = majorOf(dump.dumpedBy);
  const { serverMajorOfTarget: target, clientMajor } = options;
  if (server === null && dump.format !== 'plain') {
    problems.push({ code: 'UNKNOWN_VERSION', severity: 'warning', message: 'It does not say which PostgreSQL version it comes from.' });
  }
  if (server !== null && target !== undefined && server > target) {
    const message = `It comes from PostgreSQL ${server}, and the target is ${target}: it may use what the older server does not know. The restore stops at the first error.`;
    problems.push({ code: 'NEWER_THAN_TARGET', severity: 'warning', message });
  }
  if (client !== null && clientMajor !== undefined && client > clientMajor && dump.format !== 'plain') {
    const unreadable = archiveMinorOf(client) > archiveMinorOf(clientMajor);
    const message = `It was written by pg_dump ${client}, newer than the pg_restore ${clientMajor} found here${unreadable ? ', which cannot read it' : ''}.`;
    problems.push({ code: 'NEWER_THAN_CLIENT', severity: unreadable ? 'blocker' : 'warning', message });
  }
  return problems;
}

/** Major version: 15 of `15.18 (Debian …)`, 9 of `9.6.24`. */
function majorOf(version: string | null): number | null {
  const found = /^\d+/.exec(version ?? '');
  return found === null ? null : Number(found[0]);
}

/** Archive format 1.x that a client writes and the newest that it reads. */
function archiveMinorOf(clientMajor: number): number {
  if (clientMajor >= 17) return 16;
  if (clientMajor === 16) return 15;
  if (clientMajor >= 12) return 14;
  return clientMajor >= 10 ? 13 : 12;
}

/** Throws DUMP_INCOMPLETE where an inspection found a dump not whole; for callers that go on only with whole ones. */
export function requireWhole(dump: InspectedDump): void {
  const problem = dump.problems.find(({ code }) => code === 'CUT_OFF' || code === 'DAMAGED');
  if (problem === undefined) return;
  throw new HowdahError('DUMP_INCOMPLETE', problem.message, { hint: 'Copy the dump again from where it was made, or make a new one.' });
}
