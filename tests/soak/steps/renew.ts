import { profileFields } from '../../../shared/contract/profiles.ts';
import { dropDatabase } from '../database.ts';
import { newDatabase, tellStory, type Place, type World } from '../world.ts';

/** A profile goes on with another database, with other tables; the old one's backups stay. */
export async function renew(world: World, place: Place): Promise<void> {
  const old = place.database;
  const { profiles } = world.host.client;
  const { name, ...fields } = await profiles.get({ id: place.profileId });
  const { database, content } = await newDatabase(world, name);
  await profiles.update({ id: place.profileId, profile: profileFields.parse({ ...fields, name, database }) });
  Object.assign(place, { database, content, since: [content] });
  await dropDatabase(world.server, old);
  tellStory(world, `${old} gives way to ${database};`);
}
