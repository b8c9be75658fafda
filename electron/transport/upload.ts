// A dump file that a browser hands over: the page has no path to give, so the bytes come here first.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HowdahError } from '../../shared/errors.ts';

const keepForMs = 7 * 24 * 3_600_000;
const partialForMs = 3_600_000;

/** Writes the stream to `<home>/incoming/<random>/<name>`: mode 0600, `.partial` until all of it is on disk.
 * Gives the path. Errors: BAD_INPUT (name), DISK_FULL, FOLDER_NOT_WRITABLE; an aborted stream leaves nothing. */
export async function receiveUpload(homeDirectory: string, name: string, body: Readable): Promise<string> {
  const fileName = safeName(name);
  const folder = join(homeDirectory, 'incoming', randomBytes(9).toString('base64url'));
  const partial = join(folder, `${fileName}.partial`);
  const path = join(folder, fileName);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncFolder(folder);
    return path;
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw uploadError(thrown, folder);
  }
}

/** Removes uploads that were cut off by a crash, and those that nobody can still be working with. */
export async function clearOldUploads(homeDirectory: string, now: number): Promise<void> {
  const incoming = join(homeDirectory, 'incoming');
  for (const name of await namesIn(incoming)) {
    const folder = join(incoming, name);
    const age = now - (await stat(folder)).mtimeMs;
    const partial = (await namesIn(folder)).some((file) => file.endsWith('.partial'));
    if (age > keepForMs || (partial && age > partialForMs)) await rm(folder, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw thrown;
  }
}

/** The last part of whatever path the name pretends to be, without what file systems refuse. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const cleaned = Array.from(last, (character) => (isPlain(character) ? character : '_'))
    .join('')
    .replace(/[. ]+$/, '');
  const limited = limitBytes(cleaned, 200);
  if (limited === '') {
    throw new HowdahError('BAD_INPUT', 'The upload has no file name.', { hint: 'Name it: POST /upload?name=shop.dump' });
  }
  return limited;
}

function isPlain(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20 && code !== 0x7f && !'<>:"|?*'.includes(character);
}

/** Keeps the end: that is where a name says what a file is. */
function limitBytes(text: string, limit: number): string {
  let kept = Array.from(text);
  while (Buffer.byteLength(kept.join('')) > limit) kept = kept.slice(1);
  return kept.join('');
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function uploadError(thrown: unknown, folder: string): unknown {
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new HowdahError('DISK_FULL', 'The disk is full: the file could not be taken over.', {
        hint: `Free space on the disk that holds ${folder}, or give the path of the file on the restore page.`,
        cause: thrown,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new HowdahError('FOLDER_NOT_WRITABLE', 'The folder for incoming files cannot be written.', {
        hint: `Make ${folder} writable.`,
        cause: thrown,
      });
    case 'ERR_STREAM_PREMATURE_CLOSE':
    case 'ECONNRESET':
      return new HowdahError('CANCELLED', 'The upload broke off; nothing of it was kept.', { hint: 'Send it again.', cause: thrown });
    default:
      return thrown;
  }
}
