// One step of a server's run, with all that has to hold after it.
import { checkAll } from './checks.ts';
import { learnBackups } from './learn.ts';
import { stepKinds, stepOf, type PlannedStep, type StepKind } from './plan.ts';
import { backUp } from './steps/back-up.ts';
import { discard } from './steps/discard.ts';
import { editPlace } from './steps/edit.ts';
import { preview } from './steps/preview.ts';
import { renew } from './steps/renew.ts';
import { replace } from './steps/replace.ts';
import { restoreNew } from './steps/restore-new.ts';
import { restoreRows } from './steps/restore-rows.ts';
import { restoreTables } from './steps/restore-tables.ts';
import { retention } from './steps/retention.ts';
import { tick } from './steps/tick.ts';
import { undo } from './steps/undo.ts';
import { verify } from './steps/verify.ts';
import type { Place, World } from './world.ts';

/** Errors: SoakFailure, and whatever the soak did not think of. */
export async function takeStep(world: World, number: number, kinds: readonly StepKind[] = stepKinds): Promise<void> {
  const step = stepOf(world.seed, world.server.major, number, kinds);
  const place = step.draw.oneOf(world.places);
  for (const one of world.places) one.since = [one.content];
  world.story.push(`${number} ${step.kind} ${place.database}:`);
  await carryOut(world, step, place);
  await learnBackups(world);
  await checkAll(world);
  world.figures.steps += 1;
}

function carryOut(world: World, step: PlannedStep, place: Place): Promise<void> {
  // Everything else needs one.
  const first = world.backups.size === 0 && !['edit', 'tick', 'renew'].includes(step.kind);
  switch (first ? 'backUp' : step.kind) {
    case 'edit':
      return editPlace(world, step.draw, place);
    case 'backUp':
      return backUp(world, step, place);
    case 'verify':
      return verify(world, step, place);
    case 'restoreNew':
      return restoreNew(world, step, place);
    case 'replace':
      return replace(world, step, place);
    case 'undo':
      return undo(world, step);
    case 'discard':
      return discard(world, step);
    case 'restoreTables':
      return restoreTables(world, step, place);
    case 'preview':
      return preview(world, step, place);
    case 'restoreRows':
      return restoreRows(world, step, place);
    case 'tick':
      return tick(world, step);
    case 'retention':
      return retention(world, step, place);
    case 'renew':
      return renew(world, place);
  }
}
