import { demand, demandEqual } from '../failure.ts';
import { isDone, runJob, untouched } from '../job.ts';
import type { Fate, PlannedStep } from '../plan.ts';
import { tellStory, type World } from '../world.ts';

/** Drops a database that a restore or its undo keeps. */
export async function discard(world: World, { draw, fate }: PlannedStep): Promise<void> {
  const { restores } = await world.host.client.restores.list({ offset: 0, limit: 1000 });
  const keeping = restores.filter((one) => one.previousDatabase !== null && world.asides.has(one.previousDatabase));
  if (keeping.length === 0) return tellStory(world, 'nothing to discard');
  const { id, previousDatabase } = draw.oneOf(keeping);
  await discardOne(world, id, previousDatabase ?? '', fate);
}

async function discardOne(world: World, id: string, database: string, fate: Fate): Promise<void> {
  const end = await runJob(world, 'discard', fate, (client) => client.restores.discard({ id, confirm: database }));
  if (fate.kind === 'none') demand(isDone(end), `the discard of ${database}`, 'succeeded', end);
  const there = (await world.server.rows('postgres', 'select from pg_database where datname = $1', [database])).length === 1;
  const { previousDatabase, undo } = await world.host.client.restores.get({ id });
  if (previousDatabase === null) {
    demand(!there, `${database}, which ${id} no longer keeps`, 'gone', 'there');
    demand(undo !== 'possible', `the undo of ${id}`, 'not possible', undo);
  }
  if (!there) world.asides.delete(database);
  // Cut off between the server's word and the record's: asked again, it says that it was gone already.
  if (!there && previousDatabase !== null) await discardOne(world, id, database, untouched);
  else demandEqual(`what ${id} keeps`, there ? database : null, previousDatabase);
}
