import { previewRequest } from '../../../shared/contract/previews.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { sameContent } from '../content.ts';
import { readContent } from '../database.ts';
import { demand, demandEqual } from '../failure.ts';
import { isDone, reportOfEnd, runJob } from '../job.ts';
import { newRestore, observe, restoreIds, saysItIsLive } from '../outcome.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type Place, type World } from '../world.ts';
import { closePreview, makePreview } from './preview.ts';
import { editPlace } from './edit.ts';

/** Replaces a whole database by a backup, beside; sometimes after a look at its rows, and a change behind its back. */
export async function replace(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const whole = [...world.backups.values()].filter((one) => !one.chosen && one.possible.length === 1);
  if (whole.length === 0) return tellStory(world, 'nothing to restore');
  const backup = draw.oneOf(whole);
  const [restored] = backup.possible;
  const looks = restored?.generation === place.content.generation && draw.chance(50);
  const source = { kind: 'backup' as const, id: backup.id };
  const base = { source, profileId: place.profileId, database: place.database };
  const preview = looks ? await makePreview(world, previewRequest.parse({ ...base, sample: 0 })) : null;
  const seen = place.content;
  if (preview !== null && draw.chance(40)) await editPlace(world, draw, place);
  const before = place.content;
  const known = await restoreIds(world, place.database);
  const request = restoreRequest.parse({
    ...base,
    safetyBackup: draw.chance(50),
    ...(preview === null ? {} : { strategy: 'replace', previewId: preview.id }),
  });
  const seal = preview === null ? {} : { fingerprint: preview.fingerprint };
  const end = await runJob(world, 'replace', fate, (client) => client.restores.start({ ...request, ...seal, confirm: place.database }));
  const stale = preview !== null && !sameContent(seen, before);
  if (stale) {
    demand(!isDone(end), 'a restore with a preview of what is no more', 'PLAN_STALE', end);
    if (fate.kind === 'none') demandEqual('a restore with a preview of what is no more', 'PLAN_STALE', reportOfEnd(end)?.code);
    if (reportOfEnd(end)?.code === 'PLAN_STALE') world.figures.stale += 1;
  } else if (fate.kind === 'none') demand(isDone(end), `the restore of ${backup.id} over ${place.database}`, 'succeeded', end);
  if (preview !== null) await closePreview(world, preview.id);

  const row = await newRestore(world, place.database, known);
  const live = saysItIsLive(row);
  await observe(world, place, live && restored !== undefined ? [restored] : [before]);
  if (!live || row === null) return;
  demand(row.previousDatabase !== null && row.undo === 'possible', `${row.id}, which put the old database aside`, 'undo is possible', row);
  world.asides.set(row.previousDatabase, before);
  world.restores.set(row.id, { id: row.id, place, way: 'swap', before, changed: { things: [], ledger: false } });
  world.figures.restores += 1;
  const aside = await readContent(world.server, row.previousDatabase, before);
  demand(sameContent(before, aside), `the rows of ${row.previousDatabase}`, 'those before the restore', 'others');
}
