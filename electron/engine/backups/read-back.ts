// Reads a dump from disk to its very end and describes it; `pg_restore --list` alone would pass on half a dump.
import { HowdahError } from '../../../shared/errors.ts';
import { inspectDump, type InspectedDump } from '../dumps/inspect.ts';
import { readToEnd } from '../dumps/readable.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import type { ReadVerdict } from './read-along.ts';
import { readThroughZstd } from './read-through-zstd.ts';
import { chooseForRestore, noTarget, programPath, type ClientPlace } from '../postgres/client-tools.ts';

export type ReadBack = {
  ok: boolean;
  /** What was found, in a sentence. */
  detail: string;
  /** Null where not even the beginning could be read. */
  dump: InspectedDump | null;
};

export type ReadBackOptions = {
  signal: AbortSignal;
  stuckAfterMs: number;
  /** A program, or where one that can read the dump is looked for. */
  pgRestore: string | Exclude<ClientPlace, string>;
  /** What a reader found that read the same bytes while they were written: it need not be done again. */
  readAlong?: ReadVerdict | null;
};

/** What is wrong with the dump is a result. Errors: FILE_NOT_READABLE, CLIENT_TOOL_MISSING, CLIENT_TOOL_STUCK, CANCELLED. */
export async function readBack(path: string, options: ReadBackOptions): Promise<ReadBack> {
  try {
    const recognised = await recogniseDump(path);
    const dump = await inspectDump(path);
    const problems = dump.problems.filter((problem) => broken.has(problem.code));
    if (problems.length > 0) return { ok: false, detail: problems.map((problem) => problem.message).join(' '), dump };
    if (options.readAlong !== undefined && options.readAlong !== null && dump.complete === true) return { ...options.readAlong, dump };
    const pgRestore =
      typeof options.pgRestore === 'string'
        ? options.pgRestore
        : dump.format === 'plain'
          ? ''
          : await findPgRestore(dump, options.pgRestore);
    const quick =
      recognised.format === 'custom' && recognised.wrapper === 'zstd' ? await readThroughZstd(recognised.path, pgRestore, options) : null;
    if (quick !== null) return { ...quick, dump };
    const { ok, detail } = await readToEnd(recognised, { pgRestore, signal: options.signal, stuckAfterMs: options.stuckAfterMs });
    return { ok, detail, dump };
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || !aboutTheDump.has(thrown.code)) throw thrown;
    return { ok: false, detail: thrown.message, dump: null };
  }
}

const broken = new Set(['CUT_OFF', 'DAMAGED']);
const aboutTheDump = new Set(['DUMP_NOT_RECOGNISED', 'DUMP_EMPTY', 'DUMP_INCOMPLETE']);

async function findPgRestore(dump: InspectedDump, where: ClientPlace): Promise<string> {
  const major = dump.dumpedBy === null ? null : Number.parseInt(dump.dumpedBy, 10) || null;
  return programPath(await chooseForRestore(major ?? noTarget, major, where), 'pg_restore');
}
