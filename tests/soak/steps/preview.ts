import type { Preview, PreviewRequest } from '../../../shared/contract/previews.ts';
import { previewRequest } from '../../../shared/contract/previews.ts';
import { compareCounts } from '../../engine/previews/compare-preview.ts';
import { compareAll } from '../../engine/previews/outcome.ts';
import type { Playing } from '../../engine/previews/playing.ts';
import { thingsSchema, type Content } from '../content.ts';
import { demand, demandEqual } from '../failure.ts';
import { Refused } from '../host-process.ts';
import { isDone, runJob, untouched } from '../job.ts';
import { ledgerCounts, ledgerTable } from '../ledger.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type KnownBackup, type Place, type World } from '../world.ts';

/** Backups that can be compared with what is live, row by row. */
export const comparable = (world: World, place: Place): KnownBackup[] =>
  [...world.backups.values()].filter(
    (one) => one.possible.length === 1 && one.possible[0]?.generation === place.content.generation && (!one.chosen || !one.proved),
  );

/** Every table of the backup, by name. */
export const tablesOf = (backup: KnownBackup): { schema: string; table: string }[] => [
  ...(backup.chosen ? [] : (backup.possible[0]?.things.tables ?? []).map(({ name }) => ({ schema: thingsSchema, table: name }))),
  ledgerTable,
];

/** Compares a backup with what is live, and the numbers with the models'. */
export async function preview(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const backups = comparable(world, place);
  if (backups.length === 0) return tellStory(world, 'nothing to compare');
  const backup = draw.oneOf(backups);
  const request = previewRequest.parse({
    source: { kind: 'backup', id: backup.id },
    profileId: place.profileId,
    database: place.database,
    tables: tablesOf(backup),
    sample: 3,
  });
  let id = '';
  const end = await runJob(world, 'preview', fate, async (client) => {
    const started = await client.previews.start(request);
    id = started.previewId;
    return started;
  });
  if (fate.kind === 'none') demand(isDone(end), `the preview of ${backup.id}`, 'succeeded', end);
  // A process that was started anew has none open.
  if (fate.kind === 'kill' || fate.kind === 'crash') return;
  const state = isDone(end) ? await world.host.client.previews.get({ id }) : null;
  if (state?.status === 'ready') requireNumbers(backup, place.content, state.preview);
  await closePreview(world, id);
  world.figures.previews += 1;
}

/** One that is looked at and left open. Errors: SoakFailure. */
export async function makePreview(world: World, request: PreviewRequest): Promise<Preview> {
  let id = '';
  const end = await runJob(world, 'preview', untouched, async (client) => {
    const started = await client.previews.start(request);
    id = started.previewId;
    return started;
  });
  demand(isDone(end), 'a preview', 'succeeded', end);
  const state = await world.host.client.previews.get({ id });
  demand(state.status === 'ready', 'a preview', 'ready', state);
  world.figures.previews += 1;
  return state.preview;
}

/** A restore may have closed it, and a process that died has taken it along. */
export async function closePreview(world: World, id: string): Promise<void> {
  try {
    await world.host.client.previews.close({ id });
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.report.code !== 'NOT_FOUND') throw thrown;
  }
}

/** Errors: SoakFailure, where a count is not the models'. */
export function requireNumbers(backup: KnownBackup, live: Content, found: Preview): void {
  const [held] = backup.possible;
  demand(held !== undefined, backup.id, 'known', backup.possible.length);
  if (!backup.chosen) demandEqual('the numbers of a preview', [], compareCounts(playingOf(held, live), found));
  const ledger = found.tables.find(({ schema, table }) => schema === ledgerTable.schema && table === ledgerTable.table);
  const expected = ledgerCounts(held.ledger, live.ledger);
  const picked = Object.fromEntries(
    Object.keys(expected).map((name) => [name, ledger === undefined ? null : ledger[name as keyof typeof ledger]]),
  );
  picked['conflictsByColumn'] = Object.fromEntries(Object.entries(ledger?.conflictsByColumn ?? {}).filter(([, count]) => count > 0));
  demandEqual('the numbers of the ledger in a preview', sorted(expected), sorted(picked));
}

const sorted = (value: unknown): unknown =>
  value !== null && typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, inner]) => [name, sorted(inner)]),
      )
    : value;

/** As the property tests' helpers take it. */
export const playingOf = (held: Content, live: Content): Playing => ({
  at: 0,
  schema: thingsSchema,
  it: { backup: held.things, live: live.things, mixed: { byTable: {}, fillEmptyStrings: false }, empty: false },
  compared: compareAll(held.things, live.things),
});
