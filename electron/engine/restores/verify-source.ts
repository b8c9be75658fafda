// One of our own backups is restored only if its files are, byte for byte, what was written.
import { existsSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import type { DumpSource } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { hashFile } from '../backups/hashed-file.ts';
import { manifestFileName, readManifest } from '../backups/manifest.ts';
import type { JobRun } from '../jobs/jobs.ts';

/** Our own backups are proved before they are used; a dump from elsewhere has nothing to be proved by.
 * Errors: those of `verifySource`. */
export async function proveSource(job: JobRun, source: DumpSource, path: string): Promise<void> {
  if (source.kind !== 'backup' && !existsSync(join(path, manifestFileName))) return;
  job.progress({ phase: 'Proving the backup' });
  await verifySource(job, path);
}

/** Reads every artifact of the backup folder. Errors: HASH_MISMATCH, MANIFEST_INVALID, CANCELLED. */
export async function verifySource(job: JobRun, directory: string): Promise<void> {
  const { artifacts } = await readManifest(directory);
  if (!artifacts.some((one) => /^database[./]/.test(one.name))) throw invalid(directory, 'it names no dump');
  const total = artifacts.reduce((sum, one) => sum + one.sizeBytes, 0);
  let done = 0;
  for (const expected of artifacts) {
    const path = normalize(expected.name);
    if (isAbsolute(path) || path.startsWith('..')) throw invalid(directory, `it names a file outside the folder: ${expected.name}`);
    const found = await hashFile(join(directory, path), expected.name, { signal: job.signal }).catch((thrown: unknown) => {
      if (!(thrown instanceof Error) || !('syscall' in thrown)) throw thrown;
      throw mismatch(expected.name, 'it cannot be read', thrown);
    });
    if (found.sizeBytes !== expected.sizeBytes) {
      throw mismatch(expected.name, `it has ${found.sizeBytes} bytes instead of ${expected.sizeBytes}`);
    }
    if (found.sha256 !== expected.sha256) throw mismatch(expected.name, 'its SHA-256 is another');
    done += found.sizeBytes;
    job.progress({ bytesDone: done, bytesTotal: total });
  }
}

const mismatch = (file: string, why: string, cause?: unknown): HowdahError =>
  new HowdahError('HASH_MISMATCH', `The file ${file} of the backup is not what was written: ${why}.`, {
    hint: 'Nothing was restored. Use another backup, or another copy of this one.',
    cause,
  });

const invalid = (directory: string, why: string): HowdahError =>
  new HowdahError('MANIFEST_INVALID', `The backup folder ${directory} has no usable manifest: ${why}.`, {
    hint: 'To restore without the proof of its manifest, open the dump file inside the folder by itself.',
  });
