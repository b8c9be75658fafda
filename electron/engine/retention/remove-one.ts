// One deletion, from its mark to its end. As long as the backup's row stands, its folder is whole, under its own name or
// put aside; once the row is gone, the rest is to be removed. So a kill at any point leaves a state that says what is next.
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import { requireAnswers } from '../backups/disk-answers.ts';
import { neededBy } from '../backups/in-use.ts';
import { hasPin } from '../backups/pin.ts';
import { asidePath, putAside, putBack, putBackIfAside, removeAside, requireFolderOf, standsAt } from '../backups/remove-folder.ts';
import { backupStore } from '../backups/store.ts';
import type { EngineContext } from '../context.ts';
import { folderBytes } from '../dumps/folder-bytes.ts';
import type { DeletionJournal } from './journal.ts';
import { isProvedDamaged } from './proof.ts';
import { isStillGood } from './still-good.ts';

export type Step = 'marked' | 'measured' | 'put-aside' | 'row-gone' | 'folder-gone' | 'recorded';
/** Told of each step of each deletion: tests end the process there. */
export type AtStep = (step: Step, id: string) => void;

export type Outcome = { kind: 'removed'; freedBytes: number } | { kind: 'spared'; why: string };

type Doomed = { id: string; directory: string; keepers: string[]; reason: string };

/** Removes a marked backup, unless something has come in the way: then its mark is taken back.
 * Errors: FORBIDDEN, MANIFEST_INVALID, FOLDER_NOT_WRITABLE, FILE_NOT_READABLE. */
export async function removeMarked(context: EngineContext, journal: DeletionJournal, doomed: Doomed, at: AtStep): Promise<Outcome> {
  const { id, directory } = doomed;
  const aside = asidePath(directory);
  const root = rootOf(context, directory);
  await requireAnswers([directory]);
  if (standsAt(directory) === 'folder' && standsAt(aside) !== 'nothing') {
    // What is left of an earlier deletion of the same backup, which was copied back since.
    requireFolderOf(root, aside, id, true);
    await removeAside(directory);
  }
  const stands = [directory, aside].find((path) => standsAt(path) === 'folder');
  const bytes = stands === undefined ? 0 : await folderBytes(stands);
  const doubtful = doomed.reason === 'not-good' && !(await isProvedDamaged(context.catalog, id));
  at('measured', id);

  await requireAnswers([directory, ...directoriesOf(context, doomed.keepers)]);
  let spared: string | null;
  try {
    spared = context.catalog.transaction(() => takeAway(context, journal, { ...doomed, doubtful }, root, bytes, at)).immediate();
  } catch (thrown) {
    // Not recorded, so not done.
    putBackIfAside(directory);
    throw thrown;
  }
  if (spared !== null) return { kind: 'spared', why: spared };
  at('row-gone', id);
  return { kind: 'removed', freedBytes: await finishRemoval(context, journal, { id, directory }, at) };
}

/** The folder aside and the row gone, in one transaction with the last look at what could forbid it: nobody can pin the
 * backup or begin to read it in between. Says why it stays; null: it goes. */
function takeAway(
  { catalog }: EngineContext,
  journal: DeletionJournal,
  { id, directory, keepers, doubtful }: Doomed & { doubtful: boolean },
  root: string,
  bytes: number,
  at: AtStep,
): string | null {
  const aside = asidePath(directory);
  const row = catalog
    .prepare<[string], { pinned: number; directory: string | null }>('select pinned, directory from backups where id = ?')
    .get(id);
  if (journal.stateOf(id) !== 'marked') return 'another cleanup took it';
  // Somebody deleted it by hand meanwhile.
  if (row === undefined) return null;
  const there = standsAt(directory);
  const isAside = there === 'nothing' && standsAt(aside) === 'folder';
  // The catalog may have lost what stands beside the backup.
  const pinFound = row.pinned === 0 && (there === 'folder' || isAside) && hasPin(isAside ? aside : directory);
  if (pinFound) backupStore(catalog).setPinned(id, true);
  const why =
    row.pinned === 1 || pinFound
      ? 'it was pinned'
      : row.directory !== directory
        ? 'its folder was moved'
        : doubtful
          ? 'its files are not surely damaged any more'
          : (neededBy(catalog, id) ?? keepers.find((keeper) => !isStillGood(catalog, keeper)) ?? null);
  if (why !== null || (there === 'nothing' && !isAside)) {
    if (isAside) putBack(directory);
    journal.unmark(id);
    if (why === null) return 'its folder is not there now';
    return keepers.includes(why) ? `${why}, which stays in its place, is not good any more` : why;
  }
  if (isAside) requireFolderOf(root, aside, id);
  else {
    requireFolderOf(root, directory, id);
    putAside(directory);
  }
  at('put-aside', id);
  backupStore(catalog).remove(id);
  journal.measured(id, bytes);
  return null;
}

/** For a backup whose row is gone: removes its folder, and says so on record. Gives the bytes freed.
 * Errors: as `removeMarked`. */
export async function finishRemoval(
  context: EngineContext,
  journal: DeletionJournal,
  { id, directory }: { id: string; directory: string },
  at: AtStep,
): Promise<number> {
  const aside = asidePath(directory);
  const root = rootOf(context, directory);
  await requireAnswers([directory]);
  // The row's end reached the disk and the new name did not: a power failure.
  if (standsAt(aside) === 'nothing' && standsAt(directory) !== 'nothing') {
    requireFolderOf(root, directory, id);
    putAside(directory);
  }
  if (standsAt(aside) !== 'nothing') {
    requireFolderOf(root, aside, id, true);
    await removeAside(directory);
  } else if (!existsSync(dirname(directory)) && !existsSync(root)) {
    throw new HowdahError('FILE_NOT_READABLE', `${root} is not there now, so what is left of ${id} could not be removed.`, {
      hint: 'Connect the disk or share; the next cleanup goes on.',
    });
  }
  at('folder-gone', id);
  const freed = journal.removed(id, new Date(context.ports.clock()).toISOString());
  at('recorded', id);
  return freed;
}

/** Takes a mark back, and puts the folder back where it was put aside. */
export function spare({ catalog }: EngineContext, journal: DeletionJournal, { id, directory }: { id: string; directory: string }): void {
  catalog
    .transaction(() => {
      putBackIfAside(directory);
      journal.unmark(id);
    })
    .immediate();
}

function directoriesOf({ catalog }: EngineContext, ids: string[]): string[] {
  const directory = catalog.prepare<[string], { directory: string | null }>('select directory from backups where id = ?');
  return ids.flatMap((id) => directory.get(id)?.directory ?? []);
}

/** The configured folder of backups that a path lies below; of one found elsewhere, the folder it is in. */
function rootOf(context: EngineContext, directory: string): string {
  const roots = [context.settings().backupDirectory, ...context.profiles.list().map((profile) => profile.backupDirectory)];
  const around = roots.filter((root) => root !== '' && isBelow(root, directory));
  return around.toSorted((a, b) => b.length - a.length)[0] ?? dirname(directory);
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
