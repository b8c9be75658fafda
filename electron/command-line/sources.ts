// ID|PATH: a backup's id first, then a file or folder.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DumpSource } from '../../shared/contract/common.ts';
import { HowdahError } from '../../shared/errors.ts';
import type { Session } from './session.ts';

/** Errors: NOT_FOUND where it is neither. */
export async function sourceOf(session: Session, idOrPath: string): Promise<DumpSource> {
  if (/^bak_\w+$/.test(idOrPath) && !existsSync(idOrPath)) {
    const backup = await session.client.backups.get({ id: idOrPath });
    return { kind: 'backup', id: backup.id };
  }
  if (!existsSync(idOrPath)) {
    throw new HowdahError('NOT_FOUND', `"${idOrPath}" is neither a backup's id nor a file or folder.`, {
      hint: 'See "howdah backups list" for ids, or check the path.',
    });
  }
  const file = await session.client.dumps.open({ path: resolve(idOrPath) });
  return { kind: 'file', id: file.id };
}
