// Decides every slot that has come since a schedule was last settled: docs/schedules.md, "One record a slot".
import type { MissedPolicy, RunReason, RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { newId } from '../ids.ts';
import { present, type Desk } from './desk.ts';
import { endOrphans, onTimeMs, runAgain, sortOrphans, type Orphan } from './interrupted.ts';
import { admit } from './overlap.ts';
import { pauseAt, type Pause } from './pauses.ts';
import { nextPlanned, plannedSlots, type PlannedSlot } from './planned.ts';
import type { NewRun } from './runs-store.ts';
import { iso, type StoredSchedule } from './store.ts';

/** The clock may wander so far back without anything being taken back. */
const wanderMs = 60_000;

/** Slots are looked at in pieces of this length: a year of minutes need not be in memory at once. */
const pieceMs = 31 * 86_400_000;
/** So many are written in one transaction: about a tenth of a second, in which no other process can write. */
const slotsAtMost = 1000;
/** So many of one settling are told and shown one by one. */
const shownAtMost = 1000;

/** Who will run what is to run; null: a command that only writes the records, and whoever leads goes on from there. */
export type Owner = string | null;

/** Settles one schedule up to now, in one transaction with whatever that writes. `orphans`: its runs whose process is gone.
 * Gives the newest records of it, oldest first; those that are to run are `running` and wait. */
export function settle(desk: Desk, id: string, owner: Owner, orphans: Orphan[] = []): ScheduledRun[] {
  return desk.context.catalog
    .transaction(() => {
      let piece = settleWithin(desk, id, owner, orphans);
      const { runs } = piece;
      while (piece.more) {
        piece = settleWithin(desk, id, owner, []);
        runs.push(...piece.runs);
      }
      return runs.slice(-shownAtMost);
    })
    .immediate();
}

/** The same, and where very many slots have come, only some of them: what is to run first, then the others from the oldest on,
 * `settled_at` behind them. `more`: call it again. In between others can write; what was decided of all of them is on record. */
export function settlePiece(desk: Desk, id: string, owner: Owner, orphans: Orphan[] = []): Piece {
  return desk.context.catalog.transaction(() => settleWithin(desk, id, owner, orphans)).immediate();
}
type Piece = { runs: ScheduledRun[]; more: boolean };

function settleWithin(desk: Desk, id: string, owner: Owner, orphans: Orphan[]): Piece {
  const { schedules, runs } = desk;
  const now = desk.now();
  const schedule = schedules.find(id);
  const open = unfinishedOf(desk, id);
  const written = newestOf();
  const done = (more: boolean): Piece => ({ runs: written.ids().map((runId) => present(runs.row(runId))), more });
  if (schedule === null || !schedule.fields.enabled) {
    open.write(null);
    sortOrphans(desk, orphans, owner, 'removed', written.add);
    return done(false);
  }
  const pauses = desk.pauses.list();
  let after = schedule.settledAt;
  if (after > now + wanderMs) {
    runs.takeBack(id, now);
    after = now;
    open.write(null);
  }
  const before = open.read();
  const late = newestOf();
  const plan = before ?? begin(desk, schedule, { after, now, owner, orphans, pauses, written, late });
  const { catchUpId } = plan;
  const notRun = { reason: plan.refusal ?? 'covered', coveredBy: catchUpId } as const;

  const decided = (slot: PlannedSlot, change: { state: RunState; reason: RunReason; coveredBy?: string | null }): string[] => {
    const run: NewRun = { ...recordOf(schedule, slot, owner), ...change, phase: null, owner: null, finishedAt: iso(now) };
    return runs.insert(run) ? [run.id] : [];
  };
  const decide = (slot: PlannedSlot): string[] => {
    if (slot.skipped) return decided(slot, { state: 'skipped', reason: 'by-user' });
    if (plan.paused || pauseAt(pauses, slot.at) !== null) return decided(slot, { state: 'skipped', reason: 'paused' });
    const regular = recordOf(schedule, slot, owner);
    if (plan.now - slot.at <= onTimeMs) return admit(desk, schedule.fields.overlap, regular, catchUpId);
    if (slot.at !== plan.newestSlot || catchUpId === null) return late.add(...decided(slot, { state: 'missed', ...notRun }));
    const run: NewRun = { ...regular, id: catchUpId, trigger: 'catch-up', reason: 'not-running' };
    late.add(run.id);
    return admit(desk, schedule.fields.overlap, run, null);
  };
  const slots = firstOf(slotsOf(desk, schedule, after, plan.upTo), slotsAtMost + 1);
  const more = slots.length > slotsAtMost;
  // Nobody who waits for a backup waits for the records of a year as well.
  const first = before === null && more ? headOf(desk, schedule, plan) : [];
  for (const slot of first) written.add(...decide(slot));
  const decidedFirst = new Set(first.map((slot) => slot.at));
  const piece = slots.slice(0, slotsAtMost).filter((slot) => !decidedFirst.has(slot.at));
  for (const slot of piece) written.add(...decide(slot));

  const count = plan.count + late.count();
  if (!more && count > 0) {
    const newest = [...late.ids(), ...(before !== null && catchUpId !== null ? [catchUpId] : [])];
    const told = newest.map((runId) => present(runs.row(runId)));
    desk.context.messages.tell({ kind: 'slots-missed', runs: told.toReversed(), caughtUp: catchUpId !== null, count });
  }
  if (more || before !== null) open.write(more ? { ...plan, count } : null);
  const settledAt = more ? (slots[slotsAtMost - 1]?.at ?? plan.upTo) : plan.upTo;
  schedules.settled(id, settledAt, nextPlanned(schedule, settledAt));
  return done(more || (before !== null && plan.upTo < now));
}

/** What was decided of all the late slots of one settling, once, whatever the number of its pieces. */
type Plan = {
  now: number;
  upTo: number;
  paused: boolean;
  newestSlot: number | null;
  refusal: 'policy-skip' | 'too-late' | null;
  catchUpId: string | null;
  /** Late ones so far. */
  count: number;
};

type Beginning = {
  after: number;
  now: number;
  owner: Owner;
  orphans: Orphan[];
  pauses: Pause[];
  written: ReturnType<typeof newestOf>;
  late: ReturnType<typeof newestOf>;
};

/** Decides about the late ones, and ends or adopts runs whose process is gone. */
function begin(desk: Desk, schedule: StoredSchedule, { after, now, owner, orphans, pauses, written, late }: Beginning): Plan {
  const paused = pauseAt(pauses, now) !== null;
  const lateOrphans = sortOrphans(desk, orphans, owner, paused ? 'paused' : null, written.add);
  const newestSlot = newestLate(desk, schedule, after, now, pauses, paused);
  // Where the clock went back, an interrupted run may be newer than every slot that has come.
  const last = lateOrphans.at(-1);
  const newestOrphan = last !== undefined && Date.parse(last.row.planned_at) > (newestSlot ?? -Infinity) ? last : undefined;
  const newest = newestOrphan === undefined ? newestSlot : Date.parse(newestOrphan.row.planned_at);
  const refusal = newest === null ? null : refusalOf(schedule.fields.missed, now - newest);
  const catchUpId = newest === null || refusal !== null ? null : (newestOrphan?.row.id ?? newId('run'));

  const others = lateOrphans.filter(({ row }) => row.id !== catchUpId);
  written.add(...endOrphans(desk, others, { reason: refusal ?? 'covered', coveredBy: catchUpId }));
  late.add(...others.filter(({ begun }) => !begun).map(({ row }) => row.id));
  if (newestOrphan !== undefined && catchUpId !== null) written.add(runAgain(desk, newestOrphan, owner));
  return {
    now,
    upTo: Math.max(now, after),
    paused,
    newestSlot: newestOrphan === undefined ? newestSlot : null,
    refusal,
    catchUpId,
    count: 0,
  };
}

/** What is to run: the newest late slot, then those that are on time. */
function headOf(desk: Desk, schedule: StoredSchedule, { newestSlot, now, upTo }: Plan): PlannedSlot[] {
  const newest = newestSlot === null ? [] : withoutRecord(desk, schedule, newestSlot - 1, newestSlot);
  return [...newest, ...withoutRecord(desk, schedule, now - onTimeMs - 1, upTo)];
}

/** The plan of a settling that is not through yet: on record, since another process may have to go on with it. */
function unfinishedOf(desk: Desk, id: string) {
  const { catalog } = desk.context;
  const name = `settling ${id}`;
  return {
    read: (): Plan | null => {
      const row = catalog.prepare<[string], { value: string }>('select value from settings where name = ?').get(name);
      return row === undefined ? null : (JSON.parse(row.value) as Plan);
    },
    write(plan: Plan | null): void {
      if (plan === null) catalog.prepare('delete from settings where name = ?').run(name);
      else
        catalog
          .prepare('insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value')
          .run(name, JSON.stringify(plan));
    },
  };
}

function firstOf<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    found.push(item);
    if (found.length === most) break;
  }
  return found;
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
  let length = 86_400_000;
  for (let from = after; from < upTo; length = Math.min(pieceMs, length * 2)) {
    const to = Math.min(upTo, from + length);
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
