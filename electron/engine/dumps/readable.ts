// Proof that a dump can be read to its end. A structural walk finds what is missing at no cost; then the archive
// is read by pg_restore itself, the program that will have to. Only hashes find every flipped bit.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HowdahError, assertNever } from '../../../shared/errors.ts';
import { describeCommand, runChild, type ChildOutcome } from '../process/run-child.ts';
import { walkArchive } from './archive.ts';
import { unwrapped } from './decompress.ts';
import { inspectPlain } from './plain.ts';
import type { RecognisedDump } from './recognise.ts';
import type { Toc } from './toc.ts';

export type ReadOptions = {
  /** Path of a pg_restore that can read the archive; not needed for plain dumps. */
  pgRestore: string;
  signal?: AbortSignal | undefined;
  /** pg_restore is stopped when it reads nothing for so long. Default two minutes. */
  stuckAfterMs?: number | undefined;
  /** Processes for a directory archive. Default 2. */
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
    // Directory data is read whole by pg_restore below; a tar must never reach it unwalked.
    const { toc, walk } = await walkArchive(dump, 'quick');
    if (walk.state === 'cutOff' || walk.state === 'damaged')
      return { ok: false, detail: `The dump is ${walk.state === 'cutOff' ? 'cut off' : 'damaged'}: ${walk.detail}.` };
    if (dump.format === 'directory') return await readDirectory(dump, toc, options);
    if (dump.format === 'tar') return dump.wrapper === 'none' ? await readFile(dump, options) : await readWrappedTar(dump);
    return dump.wrapper === 'none' ? await readFile(dump, options) : await readPiped(dump, options);
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || (thrown.code !== 'DUMP_INCOMPLETE' && thrown.code !== 'DUMP_EMPTY')) throw thrown;
    return { ok: false, detail: thrown.message };
  }
}

async function readPlain(dump: RecognisedDump): Promise<ReadResult> {
  const { complete, problems } = await inspectPlain(unwrapped(dump.path, dump.wrapper));
  const broken = problems.find(({ code }) => code === 'CUT_OFF' || code === 'DAMAGED');
  if (broken !== undefined) return { ok: false, detail: broken.message };
  if (complete === true) return { ok: true, detail: 'The script was read to its closing line.' };
  return { ok: true, detail: 'The script was read to its end; it was not written by pg_dump, so nothing shows whether that is its whole.' };
}

/** pg_restore reads tar archives only from files that seek. The walk has seen every member; the wrapper's checksum does the rest. */
async function readWrappedTar(dump: RecognisedDump): Promise<ReadResult> {
  const { walk } = await walkArchive(dump, 'full');
  if (walk.state !== 'whole') return { ok: false, detail: `The dump is damaged: ${walk.detail}.` };
  for await (const chunk of unwrapped(dump.path, dump.wrapper)) if (chunk.length < 0) break;
  return { ok: true, detail: 'The archive was unpacked to its end, and all its members are there.' };
}

async function readFile(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  return judge([await restoreToNowhere(options, ['--', dump.path])]);
}

async function readDirectory(dump: RecognisedDump, toc: Toc, options: ReadOptions): Promise<ReadResult> {
  const withData = toc.entries.filter(({ data }) => data.state === 'file');
  const jobs = Math.max(1, Math.min(options.jobs ?? 2, withData.length));
  if (jobs === 1) return readFile(dump, options);
  const { walk } = await walkArchive(dump, 'quick');
  const lists = Array.from({ length: jobs }, () => ({ bytes: 0, ids: [] as number[] }));
  for (const entry of withData.toSorted((a, b) => (walk.sizes.get(b.dumpId) ?? 0) - (walk.sizes.get(a.dumpId) ?? 0))) {
    const least = lists.toSorted((a, b) => a.bytes - b.bytes)[0];
    if (least === undefined) continue;
    least.bytes += walk.sizes.get(entry.dumpId) ?? 0;
    least.ids.push(entry.dumpId);
  }
  const work = await mkdtemp(join(tmpdir(), 'howdah-read-'));
  try {
    const runs = lists.map(async ({ ids }, index) => {
      // pg_restore takes the leading number of each line of a list file; the rest is for people.
      const file = join(work, `${index}.list`);
      await writeFile(file, ids.map((id) => `${id};\n`).join(''), { mode: 0o600 });
      return restoreToNowhere(options, ['--use-list', file, '--', dump.path]);
    });
    return judge(await Promise.all(runs));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function readPiped(dump: RecognisedDump, options: ReadOptions): Promise<ReadResult> {
  return judge([await restoreToNowhere(options, [], () => unwrapped(dump.path, dump.wrapper))]);
}

type Run = { outcome: ChildOutcome; said: string; command: string };

/** pg_restore -f to standard output, which is counted for the watchdog and thrown away. */
async function restoreToNowhere(options: ReadOptions, args: string[], input?: () => AsyncIterable<Buffer>): Promise<Run> {
  let passed = 0;
  const whole = ['--file=-', ...args];
  const child = runChild({
    program: options.pgRestore,
    args: whole,
    stdin: input === undefined ? 'ignore' : 'pipe',
    stdout: 'pipe',
    stuckAfterMs: options.stuckAfterMs ?? 120_000,
    progressOf: () => passed,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    passed += chunk.length;
  });
  let inputError: unknown = null;
  const { stdin } = child;
  if (input !== undefined && stdin !== null) {
    let ended = false;
    void child.outcome.then(() => (ended = true));
    try {
      for await (const chunk of input()) {
        passed += chunk.length;
        if (ended || stdin.destroyed) break;
        if (!stdin.write(chunk)) await Promise.race([new Promise((resume) => stdin.once('drain', resume)), child.outcome]);
      }
    } catch (thrown) {
      inputError = thrown;
    }
    stdin.end();
  }
  const outcome = await child.outcome;
  if (inputError !== null) throw inputError;
  return { outcome, said: child.stderrTail().trim(), command: describeCommand(options.pgRestore, whole) };
}

function judge(runs: Run[]): ReadResult {
  for (const { outcome, said, command } of runs) {
    switch (outcome.kind) {
      case 'exited':
        if (outcome.code !== 0) return { ok: false, detail: `pg_restore could not read it to its end: ${said}` };
        break;
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
        assertNever(outcome);
    }
  }
  return { ok: true, detail: 'pg_restore read the archive to its end.' };
}
