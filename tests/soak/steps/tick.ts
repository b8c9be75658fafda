import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { runAgent } from '../agent.ts';
import { catalogRows } from '../catalog.ts';
import { demand, demandEqual } from '../failure.ts';
import { reopen, untouched, untilIdle } from '../job.ts';
import type { PlannedStep } from '../plan.ts';
import { nowOf, tellStory, type World } from '../world.ts';

type Known = World['schedules'][number];
type Run = { planned_at: string; state: string; reason: string | null; error: string | null };

const minute = 60_000;

/** Time leaps to the next slots, and an agent does what is due: each slot ends as exactly one record. */
export async function tick(world: World, { draw, fate }: PlannedStep): Promise<void> {
  if (world.schedules.length === 0) await addSchedules(world, draw.oneOf(['runOnce', 'skip'] as const));
  const [backups] = world.schedules;
  demand(backups !== undefined, 'the schedules', 'there', null);
  const every = backups.everyMinutes * minute;
  const next = Math.floor(nowOf(world) / every + 1) * every;
  const onTime = draw.chance(60);
  const target = onTime ? next + 2000 + draw.upTo(3000) : next + draw.upTo(3) * every + (2 + draw.upTo(3)) * minute;
  world.ahead = target - Date.now();
  await world.host.setClock(world.ahead);
  tellStory(world, `at ${new Date(target).toISOString()}${fate.kind === 'none' ? '' : `, ${fate.kind} at ${fate.at.toFixed(2)}`}`);

  const end = await runAgent(world, fate);
  if (fate.kind === 'none') demand(end.code === 0, 'an agent', 'exit code 0', end);
  else {
    // Whoever looks next settles what was cut off.
    const again = await runAgent(world, untouched);
    demand(again.code === 0, 'the agent after one that was cut off', 'exit code 0', again);
    await reopen(world);
  }
  await untilIdle(world);
  world.figures.ticks += 1;
  for (const known of world.schedules) requireRecords(world, known, target, fate.kind === 'none');
}

async function addSchedules(world: World, missed: Known['missed']): Promise<void> {
  const [place] = world.places;
  demand(place !== undefined, 'a place', 'there', null);
  const wanted = [
    { kind: 'backup', everyMinutes: 10, task: { kind: 'backup', profileId: place.profileId } },
    { kind: 'cleanup', everyMinutes: 30, task: { kind: 'cleanup' } },
  ] as const;
  for (const { kind, everyMinutes, task } of wanted) {
    const name = `${kind} every ${everyMinutes} minutes`;
    const when = { kind: 'cron', expression: `*/${everyMinutes} * * * *` };
    // A retry would have the agent wait for minutes.
    const fields = scheduleFields.parse({ name, task, when, timeZone: 'UTC', missed: { kind: missed }, retries: 0 });
    const settledTo = nowOf(world);
    const { id } = await world.host.client.schedules.create({ schedule: fields });
    world.schedules.push({ id, name, kind, missed, everyMinutes, settledTo });
  }
}

/** Errors: SoakFailure. */
function requireRecords(world: World, known: Known, target: number, undisturbed: boolean): void {
  const runs = catalogRows<Run>(
    world,
    'select planned_at, state, reason, error from runs where schedule_id = ? and planned_at > ? order by planned_at',
    known.id,
    new Date(known.settledTo).toISOString(),
  );
  const slots = slotsBetween(known, known.settledTo, target);
  // The clock went on while the agent worked.
  const later = slotsBetween(known, target, nowOf(world));
  const found = runs.map((run) => run.planned_at);
  demandEqual(
    `records of ${known.name}`,
    slots,
    found.filter((at) => !later.includes(at)),
  );
  demandEqual(
    `records of ${known.name} that still run`,
    [],
    runs.filter(({ state }) => state === 'running'),
  );
  const allowed = allowedStates(known, slots, target);
  const states = runs.filter((run) => slots.includes(run.planned_at)).map((run) => stateOf(run));
  if (undisturbed)
    demand(
      allowed.some((one) => one.join() === states.join()),
      `what came of ${slots.join()} of ${known.name}`,
      allowed,
      runs,
    );
  else for (const run of runs) requireReason(known, run);
  known.settledTo = Math.max(target, ...found.map((at) => Date.parse(at)));
}

function slotsBetween({ everyMinutes }: Known, after: number, to: number): string[] {
  const slots: string[] = [];
  const every = everyMinutes * minute;
  for (let at = Math.floor(after / every + 1) * every; at <= to; at += every) slots.push(new Date(at).toISOString());
  return slots;
}

/** Whether the last slot was on time is the machine's to say: a slow one wakes late. */
function allowedStates({ missed }: Known, slots: string[], target: number): string[][] {
  const last = slots.at(-1);
  if (last === undefined) return [[]];
  const ofLate = (count: number): string[] =>
    Array.from({ length: count }, (_, at) => (missed === 'runOnce' && at === count - 1 ? 'caught-up' : 'missed'));
  const late = ofLate(slots.length);
  return target - Date.parse(last) > minute ? [late] : [[...ofLate(slots.length - 1), 'succeeded'], late];
}

/** A cleanup that would take too many at once waits for a person. */
function stateOf({ state, error }: Run): string {
  return state === 'failed' && error !== null && error.includes('"CONFIRMATION_NEEDED"') ? 'succeeded' : state;
}

/** Where it was cut off, a slot may also have failed by that, and says so. */
function requireReason(known: Known, run: Run): void {
  if (run.state !== 'failed') return;
  const report = run.error === null ? null : (JSON.parse(run.error) as { code: string; hint: string });
  const good = run.reason === 'interrupted' || (report !== null && report.code !== 'INTERNAL' && report.hint !== '');
  demand(good, `the failed slot ${run.planned_at} of ${known.name}`, 'a reason', run);
}
