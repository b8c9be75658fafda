// One of our own backups is restored only if its files are, byte for byte, what was written.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, normalize, isAbsolute } from 'node:path';
import { z } from 'zod';
import { artifact } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';

const manifest = z.object({ artifacts: z.array(artifact) });

/** Reads every artifact of the backup folder. Errors: HASH_MISMATCH, MANIFEST_INVALID, CANCELLED. */
export async function verifySource(job: JobRun, directory: string): Promise<void> {
  const { artifacts } = await manifestOf(directory);
  if (!artifacts.some((one) => /^database[./]/.test(one.name))) throw invalid(directory, 'it names no dump');
  const total = artifacts.reduce((sum, one) => sum + one.sizeBytes, 0);
  let done = 0;
  for (const one of artifacts) {
    const path = normalize(one.name);
    if (isAbsolute(path) || path.startsWith('..')) throw invalid(directory, `it names a file outside the folder: ${one.name}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of createReadStream(join(directory, path), { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
        job.signal.throwIfAborted();
        hash.update(chunk);
        size += chunk.length;
        done += chunk.length;
        job.progress({ bytesDone: done, bytesTotal: total });
      }
    } catch (thrown) {
      if (!(thrown instanceof Error) || !('syscall' in thrown)) throw thrown;
      throw mismatch(one.name, 'it cannot be read', thrown);
    }
    if (size !== one.sizeBytes) throw mismatch(one.name, `it has ${size} bytes instead of ${one.sizeBytes}`);
    if (hash.digest('hex') !== one.sha256) throw mismatch(one.name, 'its SHA-256 is another');
  }
}

async function manifestOf(directory: string): Promise<z.infer<typeof manifest>> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
  } catch (thrown) {
    throw invalid(directory, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

const mismatch = (file: string, why: string, cause?: unknown): HowdahError =>
  new HowdahError('HASH_MISMATCH', `The file ${file} of the backup is not what was written: ${why}.`, {
    hint: 'Nothing was restored. Use another backup, or another copy of this one.',
    cause,
  });

const invalid = (directory: string, why: string, cause?: unknown): HowdahError =>
  new HowdahError('MANIFEST_INVALID', `The backup folder ${directory} has no usable manifest.`, {
    hint: 'To restore without the proof of its manifest, open the dump file inside the folder by itself.',
    detail: why,
    cause,
  });
