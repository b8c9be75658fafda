// Decides every slot that has come since a schedule was last settled: docs/schedules.md, "One record a slot".
import type { MissedPolicy, RunReason, RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { newId } from '../ids.ts';
import { present, type Desk } from './desk.ts';
import { endOrphans, runAgain, sortOrphans, type Orphan } from './interrupted.ts';
import { admit } from './overlap.ts';
import { pauseAt, type Pause } from './pauses.ts';
import { nextPlanned, plannedSlots, type PlannedSlot } from './planned.ts';
import type { NewRun } from './runs-store.ts';
import { iso, type StoredSchedule } from './store.ts';

/** At most this late is on time. */
export const onTimeMs = 60_000;
/** The clock may wander so far back without anything being taken back. */
const wanderMs = 60_000;
/** Slots are looked at in pieces of this length: a year of minutes need not be in memory at once. */
const pieceMs = 31 * 86_400_000;
/** So many of one settling are told and shown one by one. */
const shownAtMost = 1000;

/** Who will run what is to run; null: a command that only writes the records, and whoever leads goes on from there. */
export type Owner = string | null;

/** Settles one schedule up to now, in one transaction with whatever that writes. `orphans`: its runs whose process is gone.
 * Gives the newest records of it, oldest first; those that are to run are `running` and wait. */
export function settle(desk: Desk, id: string, owner: Owner, orphans: Orphan[] = []): ScheduledRun[] {
  return desk.context.catalog.transaction(() => settleWithin(desk, id, owner, orphans)).immediate();
}

function settleWithin(desk: Desk, id: string, owner: Owner, orphans: Orphan[]): ScheduledRun[] {
  const { schedules, runs } = desk;
  const now = desk.now();
  const schedule = schedules.find(id);
  const written = newestOf();
  const shown = (): ScheduledRun[] => written.ids().map((runId) => present(runs.row(runId)));
  if (schedule === null || !schedule.fields.enabled) {
    sortOrphans(desk, orphans, owner, 'removed', written.add);
    return shown();
  }
  const pauses = desk.pauses.list();
  const pausedNow = pauseAt(pauses, now) !== null;
  let after = schedule.settledAt;
  if (after > now + wanderMs) {
    runs.takeBack(id, now);
    after = now;
  }
  const upTo = Math.max(now, after);
  const lateOrphans = sortOrphans(desk, orphans, owner, pausedNow ? 'paused' : null, written.add);
  const newestSlot = newestLate(desk, schedule, after, now, pauses, pausedNow);
  const newestOrphan = newestSlot === null ? lateOrphans.at(-1) : undefined;
  const newest = newestOrphan === undefined ? newestSlot : Date.parse(newestOrphan.row.planned_at);
  const refusal = newest === null ? null : refusalOf(schedule.fields.missed, now - newest);
  const catchUpId = newest === null || refusal !== null ? null : (newestOrphan?.row.id ?? newId('run'));
  const notRun = { reason: refusal ?? 'covered', coveredBy: catchUpId } as const;

  const late = newestOf();
  const others = lateOrphans.filter(({ row }) => row.id !== catchUpId);
  written.add(...endOrphans(desk, others, notRun));
  late.add(...others.filter(({ begun }) => !begun).map(({ row }) => row.id));
  if (newestOrphan !== undefined && catchUpId !== null) written.add(runAgain(desk, newestOrphan, owner));

  const decided = (slot: PlannedSlot, change: { state: RunState; reason: RunReason; coveredBy?: string | null }): string[] => {
    const run: NewRun = { ...recordOf(schedule, slot, owner), ...change, phase: null, owner: null, finishedAt: iso(now) };
    return runs.insert(run) ? [run.id] : [];
  };
  const decide = (slot: PlannedSlot): string[] => {
    if (slot.skipped) return decided(slot, { state: 'skipped', reason: 'by-user' });
    if (pausedNow || pauseAt(pauses, slot.at) !== null) return decided(slot, { state: 'skipped', reason: 'paused' });
    const regular = recordOf(schedule, slot, owner);
    if (now - slot.at <= onTimeMs) return admit(desk, schedule.fields.overlap, regular, catchUpId);
    if (slot.at !== newestSlot || catchUpId === null) return late.add(...decided(slot, { state: 'missed', ...notRun }));
    const run: NewRun = { ...regular, id: catchUpId, trigger: 'catch-up', reason: 'not-running' };
    late.add(run.id);
    return admit(desk, schedule.fields.overlap, run, null);
  };
  for (const slot of slotsOf(desk, schedule, after, upTo)) written.add(...decide(slot));

  if (late.count() > 0) {
    const told = late.ids().map((runId) => present(runs.row(runId)));
    desk.context.messages.tell({ kind: 'slots-missed', runs: told.toReversed(), caughtUp: catchUpId !== null, count: late.count() });
  }
  schedules.settled(id, upTo, nextPlanned(schedule, upTo));
  return shown();
}

/** Why none of the late slots of one settling is caught up, by the newest's lateness; null: the newest runs. */
function refusalOf(missed: MissedPolicy, lateMs: number): 'policy-skip' | 'too-late' | null {
  switch (missed.kind) {
    case 'runOnce':
      return null;
    case 'grace':
      return lateMs <= missed.seconds * 1000 ? null : 'too-late';
    case 'skip':
      return 'policy-skip';
  }
}

/** Ascending, those without a record; piece by piece. */
function* slotsOf(desk: Desk, schedule: StoredSchedule, after: number, upTo: number): Generator<PlannedSlot> {
  for (let from = after; from < upTo;) {
    const to = Math.min(upTo, from + pieceMs);
    const slots = withoutRecord(desk, schedule, from, to);
    yield* slots;
    from = to;
    // Years without a slot are passed over in one leap.
    const next = slots.length > 0 || from >= upTo ? from : nextPlanned(schedule, from);
    if (next === null) return;
    from = Math.max(from, next - 1);
  }
}

/** The newest slot that a missed policy is about; null: none. */
function newestLate(desk: Desk, schedule: StoredSchedule, after: number, now: number, pauses: Pause[], pausedNow: boolean): number | null {
  if (pausedNow) return null;
  let to = now - onTimeMs - 1;
  for (let length = 86_400_000; to > after; length = Math.min(length * 4, 4 * pieceMs)) {
    const from = Math.max(after, to - length);
    const found = withoutRecord(desk, schedule, from, to).findLast((slot) => !slot.skipped && pauseAt(pauses, slot.at) === null);
    if (found !== undefined) return found.at;
    to = from;
  }
  return null;
}

function withoutRecord(desk: Desk, schedule: StoredSchedule, after: number, upTo: number): PlannedSlot[] {
  const slots = plannedSlots(schedule, after, upTo);
  if (slots.length === 0) return slots;
  const recorded = desk.runs.recorded(schedule.id, after, upTo);
  return recorded.size === 0 ? slots : slots.filter((slot) => !recorded.has(slot.at));
}

/** The record of a slot that is to run. */
function recordOf(schedule: StoredSchedule, slot: PlannedSlot, owner: Owner): NewRun {
  return {
    ...runOf(schedule),
    id: newId('run'),
    plannedAt: iso(slot.at),
    state: 'running',
    trigger: 'slot',
    reason: null,
    detail: slot.movedFrom === null ? '' : `Moved from ${iso(slot.movedFrom)}.`,
    phase: 'waiting',
    owner,
    coveredBy: null,
    finishedAt: null,
  };
}

/** What a run repeats of its schedule. */
export const runOf = (schedule: StoredSchedule) => ({
  scheduleId: schedule.id,
  schedule: schedule.fields.name,
  kind: schedule.fields.task.kind,
  profile: schedule.profile,
  profileId: schedule.profileId,
  colour: schedule.fields.colour,
});

/** Counts all, keeps the newest. */
function newestOf() {
  let count = 0;
  let ids: string[] = [];
  return {
    add: (...more: string[]): string[] => {
      count += more.length;
      ids.push(...more);
      if (ids.length > 2 * shownAtMost) ids = ids.slice(-shownAtMost);
      return more;
    },
    ids: (): string[] => [...new Set(ids)].slice(-shownAtMost),
    count: (): number => count,
  };
}
