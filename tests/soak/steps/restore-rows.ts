import { previewRequest, type Preview, type RowEffects, type Strategy } from '../../../shared/contract/previews.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { outcomeOf, type Choice, type Outcome } from '../../engine/previews/outcome.ts';
import { choiceFor, sum } from '../../engine/previews/playing.ts';
import { changedThings, type Content } from '../content.ts';
import { demand, demandEqual } from '../failure.ts';
import { reportOfEnd, runJob } from '../job.ts';
import { ledgerOutcome, ledgerTable, sameLedger } from '../ledger.ts';
import { newRestore, observe, restoreIds, saysItIsLive } from '../outcome.ts';
import type { PlannedStep } from '../plan.ts';
import type { SeededDraw } from '../random.ts';
import { tellStory, type KnownBackup, type Place, type World } from '../world.ts';
import { editPlace } from './edit.ts';
import { closePreview, comparable, makePreview, playingOf, requireNumbers, tablesOf } from './preview.ts';

/** Merge, skip or replace row by row, as a preview shows it; sometimes after a change behind its back. */
export async function restoreRows(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const backups = comparable(world, place);
  if (backups.length === 0) return tellStory(world, 'nothing to compare');
  const backup = draw.oneOf(backups);
  const source = { kind: 'backup' as const, id: backup.id };
  const base = { source, profileId: place.profileId, database: place.database, tables: tablesOf(backup) };
  const preview = draw.chance(70) ? await makePreview(world, previewRequest.parse({ ...base, sample: 0 })) : null;
  if (preview !== null) requireNumbers(backup, place.content, preview);
  const seen = place.content;
  if (preview !== null && draw.chance(30)) await editPlace(world, draw, place);

  const before = place.content;
  const wish = wishFor(draw, backup, before);
  const expected = expectedOf(backup, before, wish);
  const dryRun = draw.chance(10);
  const known = await restoreIds(world, place.database);
  const request = restoreRequest.parse({
    ...base,
    ...strategiesOf(backup, before, wish),
    safetyBackup: draw.chance(85),
    dryRun,
    ...(preview === null || draw.chance(30) ? {} : { previewId: preview.id }),
  });
  const seal = preview === null ? {} : { fingerprint: preview.fingerprint };
  const end = await runJob(world, 'rows', fate, (client) => client.restores.start({ ...request, ...seal, confirm: place.database }));

  const stale = preview !== null && touched(backup, seen, before);
  const code = reportOfEnd(end)?.code ?? null;
  requireAnswer(fate.kind === 'none', { stale, expected, code });
  if (code === 'PLAN_STALE') world.figures.stale += 1;
  if (code === 'RESTORE_BLOCKED') world.figures.blocked += 1;

  const row = await newRestore(world, place.database, known);
  const live = saysItIsLive(row);
  await observe(world, place, [live ? expected.content : before]);
  if (row?.status === 'succeeded') demandEqual(`the rows that ${row.id} says it changed`, expected.effects, row.rows);
  await afterwards(world, preview, row?.status === 'succeeded' && !dryRun);
  if (!live || row === null) return;
  world.figures[wish.ledger === 'replace' ? 'restores' : 'merges'] += 1;
  if (row.undo !== 'possible') return;
  const changed = { things: changedThings(before, expected.content), ledger: !sameLedger(before.ledger, expected.content.ledger) };
  world.restores.set(row.id, { id: row.id, place, way: 'rows', before, changed });
}

/** What is asked for: a strategy for each table. */
type Wish = { things: Choice; ledger: Strategy | 'leave' };

function wishFor(draw: SeededDraw, backup: KnownBackup, live: Content): Wish {
  const all = draw.oneOf(['merge', 'merge', 'skip', 'replace', null] as const);
  const one = (): Strategy | 'leave' => all ?? draw.oneOf(['merge', 'skip', 'replace', 'leave'] as const);
  return {
    things: {
      byTable: Object.fromEntries(live.things.tables.map(({ name }) => [name, backup.chosen ? 'leave' : one()])),
      fillEmptyStrings: draw.chance(30),
    },
    ledger: one(),
  };
}

function strategiesOf(backup: KnownBackup, live: Content, { things, ledger }: Wish) {
  const [held] = backup.possible;
  const playing = held === undefined || backup.chosen ? [] : [playingOf(held, live)];
  const choice = choiceFor(playing, () => things, things.fillEmptyStrings);
  return { ...choice, tableStrategies: [...choice.tableStrategies, { ...ledgerTable, strategy: ledger }] };
}

type Expected = { content: Content; effects: RowEffects; outcome: Outcome | null };

/** Both models together. */
function expectedOf(backup: KnownBackup, live: Content, wish: Wish): Expected {
  const [held] = backup.possible;
  demand(held !== undefined, backup.id, 'known', null);
  const outcome = backup.chosen ? null : outcomeOf(live.things, playingOf(held, live).compared, wish.things);
  const ledger = ledgerOutcome(held.ledger, live.ledger, wish.ledger, wish.things.fillEmptyStrings);
  return {
    content: { ...live, things: outcome?.state ?? live.things, ledger: ledger.ledger },
    effects: sum([...Object.values(outcome?.effects ?? {}), ledger.effects]),
    outcome,
  };
}

/** Whether something that the preview compared has changed. */
const touched = (backup: KnownBackup, seen: Content, now: Content): boolean =>
  !sameLedger(seen.ledger, now.ledger) || (!backup.chosen && changedThings(seen, now).length > 0);

/** Errors: SoakFailure. Where something befell it, it may also have ended by that. */
function requireAnswer(undisturbed: boolean, { stale, expected, code }: { stale: boolean; expected: Expected; code: string | null }): void {
  const blocked = (expected.outcome?.blocked.size ?? 0) > 0;
  const mayBlock = (expected.outcome?.mayBlock.size ?? 0) > 0;
  const allowed = stale ? ['PLAN_STALE'] : blocked ? ['RESTORE_BLOCKED'] : mayBlock ? [null, 'RESTORE_BLOCKED'] : [null];
  if (undisturbed) demand(allowed.includes(code), 'the answer of a restore row by row', allowed, code);
  else if (code === 'PLAN_STALE' || code === 'RESTORE_BLOCKED')
    demand(allowed.includes(code), 'the refusal of a restore row by row', allowed, code);
}

/** One that was carried out is closed by itself. */
async function afterwards(world: World, preview: Preview | null, carriedOut: boolean): Promise<void> {
  if (preview !== null && !carriedOut) await closePreview(world, preview.id);
}
