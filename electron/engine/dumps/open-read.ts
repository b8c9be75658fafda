// Opens what a user pointed at, turning the system's refusals into FILE_NOT_READABLE.
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { HowdahError } from '../../../shared/errors.ts';

/** Opens a file for reading. Errors: FILE_NOT_READABLE. */
export async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    throw notReadable(path, thrown);
  }
}

/** Errors: FILE_NOT_READABLE. */
export async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (thrown) {
    throw notReadable(path, thrown);
  }
}

export function notReadable(path: string, thrown: unknown): HowdahError {
  const missing = systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR';
  return new HowdahError('FILE_NOT_READABLE', missing ? `There is no file ${path}.` : `${path} cannot be read.`, {
    hint: missing
      ? 'Check the path; the file may have been moved or its disk may not be mounted.'
      : 'Check the rights on the file and its folders.',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    cause: thrown,
  });
}

export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
