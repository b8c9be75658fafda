// Reads a dump from disk to its very end, decompressing everything: what `pg_restore --list` does not do.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { InspectedDump } from '../dumps/inspect.ts';
import { inspectDump } from '../dumps/inspect.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import { unwrapped, type Wrapper } from '../dumps/decompress.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { listFiles } from './durable.ts';

export type ReadBack = {
  ok: boolean;
  /** What was found, in a sentence. */
  detail: string;
  /** Null where not even the beginning could be read. */
  dump: InspectedDump | null;
};

/** Never throws for what is wrong with the dump; errors of reading the disk at all: FILE_NOT_READABLE. */
export async function readBack(path: string, options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {}): Promise<ReadBack> {
  try {
    const recognised = await recogniseDump(path);
    if (recognised.format === 'directory') await decodeFiles(recognised.path, options);
    const dump = await inspectDump(path, { full: true });
    const problems = dump.problems.filter((problem) => ['CUT_OFF', 'DAMAGED', 'NO_END_MARK'].includes(problem.code));
    if (problems.length > 0) return { ok: false, detail: problems.map((problem) => problem.message).join(' '), dump };
    if (dump.complete !== true) return { ok: false, detail: 'Whether it is whole could not be told.', dump };
    return { ok: true, detail: `${dump.format} dump of ${dump.tables.length} table(s), whole`, dump };
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || !aboutTheDump.has(thrown.code)) throw thrown;
    return { ok: false, detail: thrown.message, dump: null };
  }
}

const aboutTheDump = new Set(['DUMP_NOT_RECOGNISED', 'DUMP_EMPTY', 'DUMP_INCOMPLETE']);

const wrappers: Record<string, Wrapper> = { gz: 'gzip', lz4: 'lz4', zst: 'zstd' };

/** Every compressed file of a directory archive, several at a time. */
async function decodeFiles(folder: string, options: { signal?: AbortSignal; onBytes?: (bytes: number) => void }): Promise<void> {
  const { files } = await listFiles(folder);
  let bytesRead = 0;
  const waiting = files.filter((name) => (name.split('.').pop() ?? '') in wrappers);
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const wrapper = wrappers[name.split('.').pop() ?? ''] ?? 'none';
      for await (const _ of unwrapped(join(folder, name), wrapper, (bytes) => (bytesRead += bytes))) {
        options.signal?.throwIfAborted();
        options.onBytes?.(bytesRead);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
}
