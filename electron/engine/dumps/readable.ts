// Proof that a dump can be read to its end. A structural walk finds what is missing at no cost; then the archive
// is read by pg_restore itself, the program that will have to. Only hashes find every flipped bit.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { HowdahError, assertNever } from '../../../shared/errors.ts';
import { describeCommand, runChild, type ChildOutcome } from '../process/run-child.ts';
import { readArchiveToc, walkArchive } from './archive.ts';
import type { ArchiveWalk } from './archive-data.ts';
import { walkDirectory } from './directory-data.ts';
import { unwrapped } from './decompress.ts';
import { inspectPlain } from './plain.ts';
import type { RecognisedDump } from './recognise.ts';
import { sharesOf } from './shares.ts';
import type { Toc } from './toc.ts';

export type ReadOptions = {
  /** Path of a pg_restore that can read the archive; not needed for plain dumps. */
  pgRestore: string;
  signal?: AbortSignal | undefined;
  /** pg_restore is stopped when it reads nothing for so long. Default two minutes. */
  stuckAfterMs?: number | undefined;
  /** Data files of a directory archive at a time. Default 2. */
  jobs?: number | undefined;
};

export type ReadResult = { ok: boolean; detail: string };

/**
 * Reads a dump to its end. Not ok: cut off, damaged, or refused by pg_restore. Errors: FILE_NOT_READABLE,
 * DUMP_NOT_RECOGNISED, CLIENT_TOOL_MISSING (pg_restore does not start), CLIENT_TOOL_STUCK, CANCELLED.
 */
export async function readToEnd(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  try {
    if (dump.format === 'plain') return await readPlain(dump);
    if (dump.format === 'directory') return await readDirectory(dump, options);
    if (dump.format === 'tar') return await readTar(dump, options);
    if (dump.wrapper !== 'none') return await readWrapped(dump, options);
    const { walk } = await walkArchive(dump, 'quick');
    return broken(walk) ?? (await readFile(dump, options));
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || (thrown.code !== 'DUMP_INCOMPLETE' && thrown.code !== 'DUMP_EMPTY')) throw thrown;
    return { ok: false, detail: thrown.message };
  }
}

function broken(walk: ArchiveWalk): ReadResult | null {
  if (walk.state === 'cutOff') return { ok: false, detail: `The dump is cut off: ${walk.detail}.` };
  if (walk.state === 'damaged') return { ok: false, detail: `The dump is damaged: ${walk.detail}.` };
  return null;
}

async function readPlain(dump: RecognisedDump): Promise<ReadResult> {
  const { complete, problems } = await inspectPlain(unwrapped(dump.path, dump.wrapper));
  const broken = problems.find(({ code }) => code === 'CUT_OFF' || code === 'DAMAGED');
  if (broken !== undefined) return { ok: false, detail: broken.message };
  if (complete === true) return { ok: true, detail: 'The script was read to its closing line.' };
  return { ok: true, detail: 'The script was read to its end; it was not written by pg_dump, so nothing shows whether that is its whole.' };
}

/** A tar that is cut off hangs pg_restore, so none reaches it before the walk has seen both end blocks. */
async function readTar(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  const { walk } = await walkArchive(dump, 'full');
  const found = broken(walk);
  if (found !== null) return found;
  if (dump.wrapper === 'none') return readFile(dump, options);
  // pg_restore needs a tar that seeks. Every member was seen up to the end blocks, and what unpacks it checked its sums.
  return { ok: true, detail: 'The archive was unpacked to its end, and all its members are there.' };
}

async function readFile(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  return judge(await restoreToNowhere(options, dump, ['--', dump.path]));
}

/**
 * zstd and lz4 say themselves where they end, which the walk sees; pg_restore then decodes everything, faster than
 * Node would. gzip is decoded here, because pg_restore overlooks that a file ends early.
 */
async function readDirectory(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  const toc = await readArchiveToc(dump);
  const { jobs = 2, signal } = options;
  const ends = await walkDirectory(dump.path, toc, { decode: 'frames', signal });
  if (ends.state === 'whole') return await readInShares(dump, options, toc, ends.sizes);
  const walk = ends.state === 'unknown' ? await walkDirectory(dump.path, toc, { decode: 'all', jobs, signal }) : ends;
  const found = broken(walk) ?? judge(await restoreToNowhere(options, dump, ['--schema-only', '--', dump.path]));
  return found.ok ? { ok: true, detail: 'Every data file was read to its end, and pg_restore read the definitions.' } : found;
}

/** pg_restore writes a script by one process only; several, each with a share of the data, read faster. */
async function readInShares(dump: RecognisedDump, options: ReadOptions, toc: Toc, sizes: Map<number, number>): Promise<ReadResult> {
  const shares = sharesOf(toc, sizes, options.jobs ?? 2);
  if (shares.length < 2) return judge(await restoreToNowhere(options, dump, ['--', dump.path]));
  const folder = await mkdtemp(join(tmpdir(), 'howdah-lists-'));
  try {
    const runs = shares.map(async (share, index) => {
      const list = join(folder, String(index));
      await writeFile(list, share.map((id) => `${id};\n`).join(''), { mode: 0o600 });
      return await restoreToNowhere(options, dump, ['--use-list', list, '--', dump.path]);
    });
    const results = (await Promise.all(runs)).map(judge);
    return results.find((result) => !result.ok) ?? results[0] ?? { ok: false, detail: 'Nothing was read.' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * From within its wrapper. Uncompressed rows are nothing but blocks, which the walk checks more strictly than
 * pg_restore does and at several times the speed of a pipe; pg_restore then reads the table of contents.
 */
async function readWrapped(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  const { compression } = await readArchiveToc(dump);
  if (compression !== 'none') return judge(await restoreToNowhere(options, dump, [], feedAll(dump)));
  const { walk } = await walkArchive(dump, 'full');
  const found = broken(walk) ?? judge(await restoreToNowhere(options, dump, ['--list'], feedUntilEnded(dump)));
  return found.ok ? { ok: true, detail: 'All data was unpacked and is in its place, and pg_restore read the table of contents.' } : found;
}

type Feed = (stdin: Writable, ended: () => boolean, end: Promise<unknown>, onBytes: (bytes: number) => void) => Promise<void>;

/** Reads the input to its end even when pg_restore wants no more of it: what is behind must be whole too. */
function feedAll(dump: RecognisedDump): Feed {
  return async (stdin, ended, end, onBytes) => {
    for await (const chunk of unwrapped(dump.path, dump.wrapper)) {
      onBytes(chunk.length);
      if (!ended()) await written(stdin, chunk, end);
    }
  };
}

function feedUntilEnded(dump: RecognisedDump): Feed {
  return async (stdin, ended, end, onBytes) => {
    for await (const chunk of unwrapped(dump.path, dump.wrapper)) {
      onBytes(chunk.length);
      if (ended()) break;
      await written(stdin, chunk, end);
    }
  };
}

/** Settles when the pipe takes more, or the child has ended. */
async function written(stdin: Writable, chunk: Buffer, end: Promise<unknown>): Promise<void> {
  if (stdin.destroyed || stdin.write(chunk)) return;
  const cleared = new AbortController();
  const drained = once(stdin, 'drain', { signal: cleared.signal }).catch(() => undefined);
  await Promise.race([drained, end]);
  cleared.abort();
}

type Run = { outcome: ChildOutcome; said: string; command: string };

/** Runs pg_restore on an archive and throws away what it writes. */
async function restoreToNowhere(options: ReadOptions, dump: RecognisedDump, args: string[], feed?: Feed): Promise<Run> {
  let passed = 0;
  let pid: number | undefined;
  const whole = [`--file=${devNull}`, ...args];
  const patience = options.stuckAfterMs ?? 120_000;
  const child = runChild({
    program: options.pgRestore,
    args: whole,
    stdin: feed === undefined ? 'ignore' : 'pipe',
    // Where the system does not tell how much a process has read, only the time that a slow disk needs can be allowed.
    stuckAfterMs: feed !== undefined || readBytesOf(process.pid) !== null ? patience : patience + dump.sizeBytes / 2000,
    progressOf: () => passed + (pid === undefined ? 0 : (readBytesOf(pid) ?? 0)),
    onStart: (started) => {
      pid = started;
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (feed !== undefined && child.stdin !== null) {
    let ended = false;
    const end = child.outcome.then(() => (ended = true));
    try {
      await feed(
        child.stdin,
        () => ended,
        end,
        (bytes) => (passed += bytes),
      );
    } finally {
      child.stdin.end();
      await child.outcome;
    }
  }
  return { outcome: await child.outcome, said: child.stderrTail().trim(), command: describeCommand(options.pgRestore, whole) };
}

/** Bytes that a process has read so far, where Linux tells; null elsewhere. */
function readBytesOf(pid: number): number | null {
  try {
    return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? Number.NaN) || null;
  } catch {
    return null; // no procfs, or the process has ended
  }
}

function judge({ outcome, said, command }: Run): ReadResult {
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code === 0) return { ok: true, detail: 'pg_restore read the archive to its end.' };
      return { ok: false, detail: `pg_restore could not read it to its end: ${said}` };
    case 'signalled':
      return { ok: false, detail: `pg_restore was ended by ${outcome.signal} while reading it.` };
    case 'stuck':
      throw new HowdahError('CLIENT_TOOL_STUCK', 'pg_restore stopped making progress while reading the dump.', {
        hint: 'The dump may be damaged, or its disk may hang.',
        command,
      });
    case 'cancelled':
      throw new HowdahError('CANCELLED', 'Reading the dump was cancelled.', { hint: 'Start it again when you want.', command });
    case 'failedToStart':
      throw new HowdahError('CLIENT_TOOL_MISSING', 'pg_restore could not be started.', {
        hint: 'Install the PostgreSQL client programs, or set their folder.',
        command,
        cause: outcome.cause,
      });
    default:
      return assertNever(outcome);
  }
}
