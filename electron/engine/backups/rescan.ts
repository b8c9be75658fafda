// Rebuilds the index from the folders: what the catalog lacks is read out of the manifests.
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HowdahError, reportOf, type ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { holdsOf, manifestFileName, readManifest, rowsHeld, selectionOf, type Manifest } from './manifest.ts';
import { hasPin } from './pin.ts';
import { backupStore } from './store.ts';

export type Rescan = { found: number; added: number; unchanged: number; problems: { directory: string; error: ErrorReport }[] };

const deepest = 6;

/** Reads every manifest below the folder. Unfinished and half-deleted folders are none.
 * Errors: FILE_NOT_READABLE (the folder itself). */
export async function rescan(context: EngineContext, directory: string): Promise<Rescan> {
  const result: Rescan = { found: 0, added: 0, unchanged: 0, problems: [] };
  const top = await stat(directory).catch((thrown: unknown) => {
    throw new HowdahError('FILE_NOT_READABLE', `The folder ${directory} cannot be read.`, {
      hint: 'Check the path, and that the disk or share is connected.',
      cause: thrown,
    });
  });
  if (!top.isDirectory())
    throw new HowdahError('FILE_NOT_READABLE', `${directory} is not a folder.`, { hint: 'Name the folder that holds the backups.' });
  for await (const folder of backupFolders(directory, 0, result)) {
    result.found += 1;
    try {
      const manifest = await readManifest(folder);
      await requireArtifacts(folder, manifest);
      if (record(context, folder, manifest)) result.added += 1;
      else result.unchanged += 1;
    } catch (thrown) {
      result.problems.push({ directory: folder, error: reportOf(thrown) });
    }
  }
  if (result.added > 0) context.events.emit({ kind: 'catalogChanged' });
  return result;
}

async function* backupFolders(folder: string, depth: number, result: Rescan): AsyncGenerator<string> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    result.problems.push({
      directory: folder,
      error: {
        code: 'FILE_NOT_READABLE',
        message: `${folder} cannot be read.`,
        hint: 'Give your user the right to read it.',
        detail: thrown instanceof Error ? thrown.message : String(thrown),
      },
    });
    return;
  }
  if (entries.some((entry) => entry.isFile() && entry.name === manifestFileName)) {
    yield folder;
    return;
  }
  if (depth >= deepest) return;
  for (const entry of entries) {
    if (entry.isDirectory() && !/\.(partial|deleted)$/.test(entry.name)) yield* backupFolders(join(folder, entry.name), depth + 1, result);
  }
}

/** Sizes only: `verify` reads the bytes. */
async function requireArtifacts(folder: string, manifest: Manifest): Promise<void> {
  for (const artifact of manifest.artifacts) {
    if (artifact.name.split('/').some((part) => part === '..' || part === '')) {
      throw new HowdahError('MANIFEST_INVALID', `The manifest names a file outside of its folder: ${artifact.name}.`, {
        hint: 'Do not use this folder; see where it comes from.',
      });
    }
    const found = await lstat(join(folder, artifact.name)).catch(() => null);
    if (found?.isFile() && found.size === artifact.sizeBytes) continue;
    throw new HowdahError(
      'DUMP_INCOMPLETE',
      `${artifact.name} ${found?.isFile() ? `has ${found.size} bytes instead of ${artifact.sizeBytes}` : 'is missing'}.`,
      {
        hint: 'Copy the folder again from where it came from.',
      },
    );
  }
}

/** True where a row was added. */
function record(context: EngineContext, folder: string, manifest: Manifest): boolean {
  const store = backupStore(context.catalog);
  return context.catalog
    .transaction(() => {
      const known = store.has(manifest.id) ? store.get(manifest.id) : null;
      if (known?.status === 'running') return false;
      if (known?.status === 'succeeded') {
        // The folder may have been moved, or be back from where it was.
        if (known.directory === folder) store.setPresent(known.id, true);
        else if (!known.present) store.move(known.id, folder);
        else return false;
        if (hasPin(folder)) store.setPinned(known.id, true);
        return false;
      }
      if (known !== null) store.remove(known.id);
      store.insert({
        id: manifest.id,
        jobId: null,
        database: manifest.database,
        origin: manifest.origin,
        label: manifest.label,
        startedAt: manifest.startedAt,
        scheduleId: scheduleOf(context, manifest),
        profile: manifest.profile,
        profileId: context.profiles.find(manifest.profile)?.id ?? null,
      });
      store.succeed(manifest.id, {
        finishedAt: manifest.finishedAt,
        durationMs: manifest.durationMs,
        directory: folder,
        verification: manifest.verification,
        artifacts: manifest.artifacts,
        format: manifest.format,
        compression: manifest.compression,
        quick: manifest.quick,
        sizeBytes: manifest.artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0),
        serverVersion: manifest.server.version,
        clientVersion: manifest.client.version,
        tables: manifest.tables.length,
        rows: rowsHeld(manifest.tables),
        holds: holdsOf(manifest),
        selection: selectionOf(manifest),
      });
      if (hasPin(folder)) store.setPinned(manifest.id, true);
      return true;
    })
    .immediate();
}

/** The schedule itself; else one of the same name, made again; else its id, whatever it was. */
function scheduleOf({ catalog }: EngineContext, { scheduleId, schedule }: Manifest): string | null {
  if (scheduleId === undefined) return null;
  const found = catalog
    .prepare<[string, string, string], { id: string }>('select id from schedules where id = ? or name = ? order by id = ? desc limit 1')
    .get(scheduleId, schedule ?? '', scheduleId);
  return found?.id ?? scheduleId;
}
