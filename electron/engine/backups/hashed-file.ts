// SHA-256 of what goes to disk while it goes, and of what is on disk.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { callbackify } from 'node:util';
import type { Artifact } from '../../../shared/contract/backups.ts';

export const blockBytes = 1024 * 1024;

export type HashedFile = { sink: Writable; sizeBytes: () => number; sha256: () => string };

/** A new file, mode 0600. The stream ends only when the file is synced and closed. */
export async function createHashedFile(path: string): Promise<HashedFile> {
  const handle = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let digest = '';
  const put = callbackify(async (chunks: Buffer[]): Promise<void> => {
    for (const chunk of chunks) hash.update(chunk);
    await writeAll(handle, chunks);
    for (const chunk of chunks) sizeBytes += chunk.length;
  });
  const finish = callbackify(async (): Promise<void> => {
    digest = hash.digest('hex');
    await handle.sync();
  });
  const close = callbackify(() => handle.close());
  const sink = new Writable({
    highWaterMark: 4 * blockBytes,
    write: (chunk: Buffer, _encoding, callback) => put([chunk], callback),
    writev: (chunks, callback) =>
      put(
        chunks.map(({ chunk }) => chunk as Buffer),
        callback,
      ),
    final: (callback) => finish(callback),
    destroy: (error, callback) => close((closing) => callback(error ?? closing)),
  });
  return { sink, sizeBytes: () => sizeBytes, sha256: () => digest };
}

/** A short write is no error to the system; to us it is unfinished work. */
async function writeAll(handle: FileHandle, chunks: Buffer[]): Promise<void> {
  const buffer = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  for (let at = 0; at < buffer.length;) {
    const { bytesWritten } = await handle.write(buffer, at, buffer.length - at);
    at += bytesWritten;
  }
}

/** Reads a file through. `name` is what the artifact will be called. With `sync`, the file is made durable too. */
export async function hashFile(path: string, name: string, options: { signal?: AbortSignal; sync?: boolean } = {}): Promise<Artifact> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafeSlow(blockBytes);
    let sizeBytes = 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, sizeBytes);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
    if (options.sync) await handle.sync();
    return { name, sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}
