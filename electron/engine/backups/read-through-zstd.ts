// `zstd -dc … | pg_restore`, both outside of this process: an archive of any size costs it nothing to be read to its end.
import { devNull } from 'node:os';
import { HowdahError } from '../../../shared/errors.ts';
import { runChild, type ChildOutcome } from '../process/run-child.ts';
import type { ReadVerdict } from './read-along.ts';
import { zstdProgram } from './outer-compression.ts';

/** Null where this machine cannot do it so. Errors: CANCELLED, CLIENT_TOOL_STUCK. */
export async function readThroughZstd(
  path: string,
  pgRestore: string,
  options: { signal: AbortSignal; stuckAfterMs: number },
): Promise<ReadVerdict | null> {
  const program = process.platform === 'win32' ? null : zstdProgram();
  if (program === null) return null;
  const limit = new AbortController();
  // Neither tells how far it is; the time that the slowest disk needs is the limit.
  const timer = setTimeout(() => limit.abort(), options.stuckAfterMs + 4 * 3_600_000);
  const signal = AbortSignal.any([options.signal, limit.signal]);
  try {
    const reader = runChild({ program: pgRestore, args: [`--file=${devNull}`], stdin: 'pipe', signal });
    if (reader.stdin === null) return null;
    const zstd = runChild({ program, args: ['-dcq', '--long=31', '--', path], stdout: reader.stdin, signal });
    const [unpacked, read] = await Promise.all([zstd.outcome, reader.outcome]);
    if (options.signal.aborted)
      throw new HowdahError('CANCELLED', 'Reading the dump was cancelled.', { hint: 'Start it again when you want.' });
    if (limit.signal.aborted)
      throw new HowdahError('CLIENT_TOOL_STUCK', 'pg_restore did not come to an end while reading the dump.', {
        hint: 'See the state of the disk.',
      });
    const bad = [
      ...(isGood(unpacked) ? [] : [`zstd: ${zstd.stderrTail().trim()}`]),
      ...(isGood(read) ? [] : [`pg_restore: ${reader.stderrTail().trim()}`]),
    ];
    return bad.length === 0
      ? { ok: true, detail: 'zstd unpacked it, and pg_restore read the archive to its end.' }
      : { ok: false, detail: `It cannot be read to its end. ${bad.join('; ')}` };
  } finally {
    clearTimeout(timer);
  }
}

const isGood = (outcome: ChildOutcome): boolean => outcome.kind === 'exited' && outcome.code === 0;
