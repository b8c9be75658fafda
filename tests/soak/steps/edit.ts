import type { SeededDraw } from '../random.ts';
import { laterContent } from '../content.ts';
import { change } from '../database.ts';
import type { Place, World } from '../world.ts';

/** Rows are added, changed and deleted, as if an application had. */
export async function editPlace(world: World, draw: SeededDraw, place: Place): Promise<void> {
  const after = laterContent(draw, place.content);
  // A backup that is under way may hold the one or the other, as soon as this is committed.
  place.since.push(after);
  await change(world.server, place.database, place.content, after);
  place.content = after;
}
