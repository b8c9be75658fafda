// Compression around pg_dump's output: by the zstd program where there is one, else by Node where it can, else gzip.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Transform, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callbackify } from 'node:util';
import zlib from 'node:zlib';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import type { RunningChild } from '../process/run-child.ts';
import type { Compression } from './compression.ts';
import { blockBytes } from './hashed-file.ts';
import type { ReadingAlong } from './read-along.ts';

/** The zstd program on the PATH; null where there is none. */
export function zstdProgram(): string | null {
  const name = process.platform === 'win32' ? 'zstd.exe' : 'zstd';
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((candidate) => candidate !== '' && existsSync(join(candidate, name)));
  return folder === undefined ? null : join(folder, name);
}

// Node has zstd from 22.15 on; Electron's Node may be older.
const nodeHasZstd = (): boolean => typeof (zlib as { createZstdCompress?: unknown }).createZstdCompress === 'function';

/** Whether a stream can be compressed with zstd on this machine. */
export const canZstd = (): boolean => nodeHasZstd() || (process.platform !== 'win32' && zstdProgram() !== null);

/** Sends everything from `source` to `sink`, compressed as the plan says. Resolves when the sink has finished.
 * `onBytes`: told of bytes read, before compression. `reader`: handed the same bytes. */
export async function pumpCompressed(
  job: JobRun,
  source: Readable,
  sink: Writable,
  compression: Compression,
  onBytes: (bytes: number) => void,
  reader: ReadingAlong | null,
): Promise<void> {
  const blocks = intoBlocks(onBytes, reader);
  const options = { signal: job.signal };
  if (compression.by !== 'outer') return await pipeline(source, blocks, sink, options);
  if (compression.method === 'gzip') {
    return await pipeline(source, blocks, zlib.createGzip({ level: compression.level ?? 6, chunkSize: 256 * 1024 }), sink, options);
  }
  return await pipeline(source, blocks, nodeZstd(compression.level), sink, options);
}

function nodeZstd(level: number | null): Transform {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = zlib.constants;
  return zlib.createZstdCompress({
    chunkSize: 256 * 1024,
    // One worker of the thread pool: several inside one stream (ZSTD_c_nbWorkers) lose data in Node.
    params: { [ZSTD_c_compressionLevel]: level ?? 3, [ZSTD_c_checksumFlag]: 1 },
  });
}

/** A zstd between pg_dump and us: what comes out of it is a fraction of what goes in, and this process handles no more than that.
 * Null where Node must do it (no such program, or a system on which one child's output cannot be another's input). */
export function startOuterZstd(job: JobRun, compression: Compression, signal: AbortSignal): RunningChild | null {
  const program = process.platform === 'win32' ? null : zstdProgram();
  if (program === null || compression.by !== 'outer' || compression.method !== 'zstd') return null;
  return job.spawn({ program, args: zstdArguments(compression.level ?? 3), stdin: 'pipe', stdout: 'pipe', signal });
}

const zstdArguments = (level: number): string[] => ['-q', '-c', '-T2', '--check', ...(level > 19 ? ['--ultra'] : []), `-${level}`];

/** Sends what the program makes to the sink. Errors: CLIENT_TOOL_FAILED where it did not end well: its output then may be cut off. */
export async function pumpFromProgram(job: JobRun, child: RunningChild, sink: Writable, onBytes: (bytes: number) => void): Promise<void> {
  if (child.stdout !== null) await pipeline(child.stdout, intoBlocks(onBytes, null), sink, { signal: job.signal });
  const outcome = await child.outcome;
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  throw new HowdahError('CLIENT_TOOL_FAILED', `zstd did not end well (${outcome.kind}).`, {
    hint: 'See what it says; a backup with --compress gzip does without it.',
    detail: child.stderrTail(),
  });
}

/** A pipe gives 64 KiB at a time; the compressor and the disk do better with more. */
function intoBlocks(onBytes: (bytes: number) => void, reader: ReadingAlong | null): Transform {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const release = callbackify(async (): Promise<Buffer | undefined> => {
    if (heldBytes === 0) return undefined;
    const block = Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    await reader?.take(block);
    return block;
  });
  return new Transform({
    highWaterMark: blockBytes,
    transform(chunk: Buffer, _encoding, callback) {
      onBytes(chunk.length);
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes < blockBytes / 2) callback();
      else release(callback);
    },
    flush: (callback) => release(callback),
  });
}
