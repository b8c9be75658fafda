// From what the caller names (a backup's id, an opened file's id) to the path on disk.
import type { DumpSource } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { backupNotFound } from '../backups/store.ts';
import type { EngineContext } from '../context.ts';
import { inspectDump, type InspectOptions } from './inspect.ts';

/** The backup folder, or the file or folder that was opened. Errors: NOT_FOUND, BAD_INPUT (backup did not succeed). */
export function pathOfSource(context: EngineContext, source: DumpSource): string {
  if (source.kind === 'file') return context.openedFiles.pathOf(source.id);
  const row = context.catalog
    .prepare<[string], { status: string; directory: string | null }>('select status, directory from backups where id = ?')
    .get(source.id);
  if (row === undefined) throw backupNotFound(context.catalog, source.id);
  if (row.status !== 'succeeded' || row.directory === null) {
    throw new HowdahError('BAD_INPUT', `The backup ${source.id} did not succeed (${row.status}), so there is nothing to use.`, {
      hint: 'Choose a backup that succeeded.',
    });
  }
  return row.directory;
}

/** Reads the dump behind a source. Errors: those of `inspectDump`. */
export async function inspectSource(context: EngineContext, source: DumpSource, options: InspectOptions = {}): Promise<Dump> {
  const found = await inspectDump(pathOfSource(context, source), options);
  return { ...found, backupId: source.kind === 'backup' ? source.id : null };
}
