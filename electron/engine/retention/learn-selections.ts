// Catalogs of the first version did not say what a backup holds; its manifest does. Until that could be read, a backup is
// counted with none but its like.
import { HowdahError } from '../../../shared/errors.ts';
import { holdsOf, readManifest, selectionOf } from '../backups/manifest.ts';
import type { Sqlite } from '../catalog/open.ts';

/** What cannot be read now is tried again the next time. */
export async function learnSelections(catalog: Sqlite): Promise<void> {
  const unknown = catalog
    .prepare<[], { id: string; directory: string }>(
      "select id, directory from backups where status = 'succeeded' and selection = '?' and directory is not null",
    )
    .all();
  if (unknown.length === 0) return;
  const learnt: { id: string; holds: string; selection: string }[] = [];
  for (const { id, directory } of unknown) {
    try {
      const manifest = await readManifest(directory);
      if (manifest.id === id) learnt.push({ id, holds: holdsOf(manifest), selection: selectionOf(manifest) });
    } catch (thrown) {
      if (!(thrown instanceof HowdahError)) throw thrown;
    }
  }
  const update = catalog.prepare("update backups set holds = @holds, selection = @selection where id = @id and selection = '?'");
  catalog.transaction(() => learnt.forEach((one) => update.run(one))).immediate();
}
