// Takes the compression around a dump away. Node has no zstd before 22.15 and no lz4 at all, so where
// something is missing it is brought here and nowhere else.
import { createReadStream } from 'node:fs';
import { Readable, type Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import { HowdahError } from '../../../shared/errors.ts';
import { runChild } from '../process/run-child.ts';
import { FileWindow, StreamWindow, type ByteWindow } from './byte-window.ts';
import { incomplete, notRecognised } from './dump-errors.ts';
import { lz4Decompressed, walkLz4 } from './lz4-frames.ts';
import { openForReading, systemCode, notReadable } from './open-read.ts';
import { walkZstd, zstdFrame } from './zstd-frames.ts';

export type Wrapper = 'none' | 'gzip' | 'zstd' | 'lz4';

const chunkBytes = 256 * 1024;
/** Decoding goes on in its own thread while what came before is worked on. */
const aheadBytes = 16 * chunkBytes;

/**
 * The bytes of a file with its wrapper taken away, in chunks that are the caller's to keep. Leaving the loop
 * early ends whatever was started. Errors: FILE_NOT_READABLE, DUMP_INCOMPLETE (cut off, or a checksum is wrong).
 */
export async function* unwrapped(path: string, wrapper: Wrapper, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
  if (wrapper === 'none') yield* plainBytes(path, onRead);
  else if (wrapper === 'gzip') yield* through(Readable.from(plainBytes(path, onRead)), zlib.createGunzip(decoderOptions));
  else if (wrapper === 'lz4') yield* closing(new StreamWindow(plainBytes(path, onRead)), lz4Decompressed);
  else if (typeof zlib.createZstdDecompress === 'function') yield* closing(new StreamWindow(plainBytes(path, onRead)), unzstd);
  else yield* unzstdByProgram(path, onRead);
}

const decoderOptions = { chunkSize: chunkBytes, readableHighWaterMark: aheadBytes };

/** A window over the unwrapped file: seeking where there is no wrapper. */
export async function openWindow(path: string, wrapper: Wrapper): Promise<ByteWindow> {
  if (wrapper !== 'none') return new StreamWindow(unwrapped(path, wrapper));
  const file = await openForReading(path);
  return new FileWindow(file, (await file.stat()).size);
}

/**
 * Looks at the frames around a file without decompressing, which takes no longer than reading it.
 * `null`: gzip cannot be judged that way. Throws DUMP_INCOMPLETE where the last frame has no end.
 */
export async function walkWrapper(path: string, wrapper: Wrapper): Promise<true | null> {
  if (wrapper === 'gzip') return null;
  if (wrapper === 'none') return true;
  const window = await openWindow(path, 'none');
  try {
    if (wrapper === 'zstd') await walkZstd(window);
    else await walkLz4(window);
    return true;
  } finally {
    await window.close();
  }
}

async function* plainBytes(path: string, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: chunkBytes });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onRead?.(chunk.length);
      yield chunk;
    }
  } catch (thrown) {
    throw systemCode(thrown) === undefined ? thrown : notReadable(path, thrown);
  } finally {
    stream.destroy();
  }
}

async function* closing(window: ByteWindow, decode: (window: ByteWindow) => AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* decode(window);
  } finally {
    await window.close();
  }
}

async function* unzstd(window: ByteWindow): AsyncGenerator<Buffer> {
  while (await window.fill(1)) yield* through(Readable.from(zstdFrame(window)), zlib.createZstdDecompress(decoderOptions));
}

async function* through(source: Readable, decoder: Duplex): AsyncGenerator<Buffer> {
  source.once('error', (error) => decoder.destroy(error));
  source.pipe(decoder);
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) yield chunk;
  } catch (thrown) {
    if (thrown instanceof HowdahError) throw thrown;
    throw incomplete(`its compressed data does not decode (${systemCode(thrown) ?? 'unknown'})`, thrown);
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

async function* unzstdByProgram(path: string, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const abort = new AbortController();
  const child = runChild({ program: 'zstd', args: ['-dcq', '--long=31', '--', path], stdout: 'pipe', signal: abort.signal });
  try {
    if (child.stdout !== null) {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        onRead?.(chunk.length);
        yield chunk;
      }
    }
    const outcome = await child.outcome;
    if (outcome.kind === 'failedToStart') {
      throw notRecognised(
        'The file is compressed with zstd, which this program cannot read here.',
        'Install the zstd program, or unpack the file with it elsewhere and open the result.',
        outcome.cause,
      );
    }
    if (outcome.kind !== 'exited' || outcome.code !== 0) throw incomplete(`zstd could not unpack it (${child.stderrTail().trim()})`);
  } finally {
    abort.abort();
  }
}
