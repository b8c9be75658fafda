import { demand } from '../failure.ts';
import { isDone, runJob } from '../job.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type Place, type World } from '../world.ts';

/** A backup that was called good is good at any later time. */
export async function verify(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const ids = [...world.backups.keys()];
  if (ids.length === 0) return tellStory(world, 'nothing to verify');
  const id = draw.oneOf(ids);
  const deep = draw.chance(50);
  const end = await runJob(world, deep ? 'deep verification' : 'verification', fate, (client) =>
    client.backups.verify({ source: { kind: 'backup', id }, deep, onProfileId: place.profileId }),
  );
  if (fate.kind === 'none') demand(isDone(end), `the verification of ${id}`, 'succeeded', end);
  const backup = await world.host.client.backups.get({ id });
  demand(backup.status === 'succeeded' && backup.verification?.ok === true, `${id} after its verification`, 'good', backup);
  world.figures.verifications += 1;
}
