import { existsSync } from 'node:fs';
import { retentionRule, type RetentionScope } from '../../../shared/contract/retention.ts';
import { model, type ModelBackup, type ModelRules } from '../../engine/retention/naive-model.ts';
import { catalogRows } from '../catalog.ts';
import { demand, demandEqual } from '../failure.ts';
import { isDone, runJob, untouched } from '../job.ts';
import type { PlannedStep } from '../plan.ts';
import type { SeededDraw } from '../random.ts';
import { nowOf, tellStory, type Place, type World } from '../world.ts';

/** Sets a rule and applies all rules; what goes and what stays is what the model says, also where it is cut off. */
export async function retention(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  await world.host.client.retention.set({ scope: scopeFor(world, draw, place), rule: ruleFor(draw) });
  const expected = await goingByModel(world);
  const preview = await world.host.client.retention.preview({});
  demandEqual('what retention would delete', expected, preview.delete.map(({ id }) => id).toSorted());
  tellStory(world, `${expected.length} go;`);
  const end = await runJob(world, 'cleanup', fate, (client) => client.retention.apply({ confirm: expected.length }));
  if (fate.kind === 'none' || fate.kind === 'crash') demand(isDone(end), 'a cleanup', 'succeeded', end);
  else {
    // Whatever was begun is finished by the next one, to the same end.
    const left = await world.host.client.retention.preview({});
    const again = await runJob(world, 'cleanup', untouched, (client) => client.retention.apply({ confirm: left.delete.length }));
    demand(isDone(again), 'the cleanup after one that was cut off', 'succeeded', again);
  }
  const gone = expected.filter((id) => catalogRows(world, 'select id from backups where id = ?', id).length === 0);
  demandEqual('what retention deleted', expected, gone);
}

function scopeFor(world: World, draw: SeededDraw, place: Place): RetentionScope {
  const schedule = world.schedules.find(({ kind }) => kind === 'backup');
  const kind = draw.oneOf(['profile', 'profile', 'safety', 'schedule'] as const);
  if (kind === 'safety') return { kind };
  return kind === 'schedule' && schedule !== undefined
    ? { kind, scheduleId: schedule.id }
    : { kind: 'profile', profileId: place.profileId };
}

const ruleFor = (draw: SeededDraw) =>
  retentionRule.parse({
    keepLast: draw.oneOf([1, 2, 4, null]),
    hourly: draw.oneOf([2, null, null]),
    daily: draw.oneOf([2, null, null]),
    keepAtLeast: draw.oneOf([1, 1, 2]),
    maxBytes: draw.oneOf([null, null, 400_000]),
  });

type Row = {
  id: string;
  profile_id: string;
  database: string;
  schedule_id: string | null;
  origin: ModelBackup['origin'];
  started_at: string;
  size_bytes: number;
  holds: ModelBackup['holds'];
  selection: string;
  pinned: number;
  directory: string;
};

/** Ids, sorted. */
async function goingByModel(world: World): Promise<string[]> {
  const needed = new Set(
    catalogRows<{ body: string }>(world, "select body from restores where undo = 'possible'").flatMap(({ body }) => {
      const { safetyBackupId, previousDatabase } = JSON.parse(body) as { safetyBackupId: string | null; previousDatabase: string | null };
      return safetyBackupId === null || previousDatabase !== null ? [] : [safetyBackupId];
    }),
  );
  const all = catalogRows<Row>(world, "select * from backups where status = 'succeeded'").map((row): ModelBackup => ({
    id: row.id,
    profileId: row.profile_id,
    database: row.database,
    scheduleId: row.schedule_id,
    origin: row.origin,
    at: Date.parse(row.started_at),
    sizeBytes: row.size_bytes,
    holds: row.holds,
    selection: row.selection,
    verified: true,
    damaged: false,
    present: existsSync(row.directory),
    pinned: row.pinned === 1,
    inUse: needed.has(row.id),
  }));
  const zone = 'UTC';
  const rules: ModelRules = {};
  for (const { scope, rule } of await world.host.client.retention.list()) rules[keyOf(scope)] = { rule, timeZone: zone };
  const verdicts = model(all, rules, nowOf(world));
  return [...verdicts].flatMap(([id, verdict]) => (verdict.stays ? [] : [id])).toSorted();
}

function keyOf(scope: RetentionScope): string {
  if (scope.kind === 'safety') return 'safety';
  return scope.kind === 'profile' ? `profile:${scope.profileId}` : `schedule:${scope.scheduleId}`;
}
