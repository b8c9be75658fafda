import type { Restore } from '../../../shared/contract/restores.ts';
import { compareAll, outcomeOf, type Outcome } from '../../engine/previews/outcome.ts';
import type { Content } from '../content.ts';
import { demand, demandEqual } from '../failure.ts';
import { isDone, reportOfEnd, runJob } from '../job.ts';
import { observe } from '../outcome.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type KnownRestore, type World } from '../world.ts';

/** Takes a restore back, perhaps much later: of names that were swapped, of rows, of a table. */
export async function undo(world: World, { draw, fate }: PlannedStep): Promise<void> {
  const { restores } = await world.host.client.restores.list({ offset: 0, limit: 1000 });
  const possible = restores.filter((one) => one.undo === 'possible' && isKnown(world, one));
  if (possible.length === 0) return tellStory(world, 'nothing to undo');
  const row = draw.oneOf(possible);
  const known = world.restores.get(row.id);
  demand(known !== undefined, row.id, 'known', null);
  const { place } = known;
  const before = place.content;
  const expected = expectedOf(world, known, row);
  tellStory(world, `${known.way} ${row.id}`);
  const end = await runJob(world, `undo of ${known.way}`, fate, (client) => client.restores.undo({ id: row.id, confirm: place.database }));
  const code = reportOfEnd(end)?.code ?? null;
  const blocked = (expected.outcome?.blocked.size ?? 0) > 0;
  const mayBlock = (expected.outcome?.mayBlock.size ?? 0) > 0;
  if (fate.kind === 'none') {
    const allowed = blocked ? ['RESTORE_BLOCKED'] : mayBlock ? [null, 'RESTORE_BLOCKED'] : [null];
    demand(allowed.includes(code), `the undo of ${row.id}`, allowed, code);
  }
  if (code === 'RESTORE_BLOCKED') world.figures.blocked += 1;
  const after = await world.host.client.restores.get({ id: row.id });
  demand(['possible', 'done'].includes(after.undo), `the undo of ${row.id}`, 'possible or done', after.undo);
  if (isDone(end)) demandEqual(`the undo of ${row.id}`, 'done', after.undo);
  const done = after.undo === 'done';
  await observe(world, place, [done ? expected.content : before]);
  if (done) world.figures.undos += 1;
  if (known.way === 'swap') swapAside(world, row, after, done, before);
}

/** Rows go back only into the tables that they were of. */
function isKnown(world: World, row: Restore): boolean {
  const known = world.restores.get(row.id);
  if (known === undefined || !world.places.includes(known.place) || known.place.database !== row.database) return false;
  if (known.way === 'swap') return row.previousDatabase !== null && world.asides.has(row.previousDatabase);
  return known.way === 'tables' || known.before.generation === known.place.content.generation;
}

function expectedOf(world: World, known: KnownRestore, row: Restore): { content: Content; outcome: Outcome | null } {
  const live = known.place.content;
  if (known.way === 'swap') return { content: world.asides.get(row.previousDatabase ?? '') ?? live, outcome: null };
  const ledger = known.changed.ledger ? known.before.ledger : live.ledger;
  if (known.way === 'tables') return { content: { ...live, ledger }, outcome: null };
  const byTable = Object.fromEntries(known.changed.things.map((name) => [name, 'replace' as const]));
  const outcome = outcomeOf(live.things, compareAll(known.before.things, live.things), { byTable, fillEmptyStrings: false });
  return { content: { ...live, things: outcome.state, ledger }, outcome };
}

/** The restored database is kept in its turn, under the name that the row tells. */
function swapAside(world: World, before: Restore, after: Restore, done: boolean, wasLive: Content): void {
  if (!done) return demandEqual(`what ${before.id} keeps`, before.previousDatabase, after.previousDatabase);
  world.asides.delete(before.previousDatabase ?? '');
  demand(after.previousDatabase !== null, `what the undo of ${after.id} keeps`, 'the restored database', null);
  world.asides.set(after.previousDatabase, wasLive);
}
