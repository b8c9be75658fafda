import { restoreRequest } from '../../../shared/contract/restores.ts';
import { demand } from '../failure.ts';
import { isDone, runJob } from '../job.ts';
import { ledgerTable } from '../ledger.ts';
import { newRestore, observe, restoreIds, saysItIsLive } from '../outcome.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type Place, type World } from '../world.ts';

/** Puts one table in place whole, inside the live database. */
export async function restoreTables(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const backups = [...world.backups.values()].filter((one) => (!one.chosen || !one.proved) && one.possible.length === 1);
  if (backups.length === 0) return tellStory(world, 'nothing to restore');
  const backup = draw.oneOf(backups);
  const before = place.content;
  const after = { ...before, ledger: backup.possible[0]?.ledger ?? before.ledger };
  const known = await restoreIds(world, place.database);
  const request = restoreRequest.parse({
    source: { kind: 'backup', id: backup.id },
    profileId: place.profileId,
    database: place.database,
    tables: [ledgerTable],
    safetyBackup: draw.chance(85),
  });
  const end = await runJob(world, 'restore of a table', fate, (client) => client.restores.start({ ...request, confirm: place.database }));
  if (fate.kind === 'none') demand(isDone(end), `the restore of a table of ${backup.id}`, 'succeeded', end);
  const row = await newRestore(world, place.database, known);
  const live = saysItIsLive(row);
  await observe(world, place, [live ? after : before]);
  if (!live || row === null) return;
  world.figures.restores += 1;
  if (row.undo !== 'possible') return;
  world.restores.set(row.id, { id: row.id, place, way: 'tables', before, changed: { things: [], ledger: true } });
}
