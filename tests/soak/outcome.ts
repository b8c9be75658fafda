// What a restore or an undo has left, where it may have been cut off: exactly what was before or exactly what is promised.
import type { Restore } from '../../shared/contract/restores.ts';
import { differenceOf, sameContent, type Content } from './content.ts';
import { readContent } from './database.ts';
import { demand } from './failure.ts';
import type { Place, World } from './world.ts';

/** Reads the database, remembers which of the contents it holds, and gives that. Errors: SoakFailure. */
export async function observe(world: World, place: Place, possible: readonly Content[]): Promise<Content> {
  const differences: string[] = [];
  for (const content of possible) {
    let found: Content;
    try {
      found = await readContent(world.server, place.database, content);
    } catch (thrown) {
      // Other tables are there: 42P01, 42703, 3F000.
      if (!['42P01', '42703', '3F000'].includes(String((thrown as { code?: unknown }).code))) throw thrown;
      differences.push('other tables');
      continue;
    }
    if (sameContent(content, found)) {
      place.content = content;
      if (!place.since.includes(content)) place.since.push(content);
      return content;
    }
    differences.push(differenceOf(content, found));
  }
  demand(false, `the rows of ${place.database}`, `one of ${possible.length} states`, differences);
}

/** Whether a row of the history says that the restored data is in place. */
export function saysItIsLive(restore: Restore | null): boolean {
  if (restore === null) return false;
  if (restore.status === 'succeeded') return !restore.dryRun;
  return restore.status === 'interrupted' && /is live/.test(restore.error.hint);
}

/** The newest row of a database's restores that was not there before. */
export async function newRestore(world: World, database: string, before: ReadonlySet<string>): Promise<Restore | null> {
  const { restores } = await world.host.client.restores.list({ search: database, offset: 0, limit: 100 });
  return restores.find((one) => one.database === database && !before.has(one.id)) ?? null;
}

export async function restoreIds(world: World, database: string): Promise<Set<string>> {
  const { restores } = await world.host.client.restores.list({ search: database, offset: 0, limit: 1000 });
  return new Set(restores.map(({ id }) => id));
}
