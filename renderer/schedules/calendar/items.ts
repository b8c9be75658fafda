// What stands on the calendar: slots to come and what came of those that were due, in one shape.
import type { DayCounts, PlannedRun, RunReason, RunState, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { assertNever } from '../../../shared/errors.ts';
import { bytes, duration } from '../../ui/format.ts';
import { dateTimeOf, dayOf, fullDay, minute, timeOf } from './zone.ts';

/** `to-skip`: somebody took this slot out before its time. */
export type ShownState = RunState | 'planned' | 'to-skip';

export type CalendarItem = {
  key: string;
  state: ShownState;
  scheduleId: string;
  name: string;
  profile: string;
  colour: string;
  /** The slot, in milliseconds. */
  at: number;
  /** When it really began; null: it has not. */
  startedAt: number | null;
  /** When it ended, or would end if it took as long as the last ones; null: no length is known. */
  until: number | null;
} & ({ kind: 'planned'; planned: PlannedRun } | { kind: 'run'; run: ScheduledRun });

/** What the list and the legend say. */
export const stateWords: Record<ShownState, string> = {
  planned: 'planned',
  'to-skip': 'to be skipped',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  missed: 'missed',
  'caught-up': 'caught up',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

/** Worst first: what must never be hidden behind "more". */
export const severity: Record<ShownState, number> = {
  failed: 0,
  missed: 1,
  running: 2,
  cancelled: 3,
  skipped: 4,
  'to-skip': 5,
  'caught-up': 6,
  planned: 7,
  succeeded: 8,
};

const instant = (timestamp: string | null) => (timestamp === null ? null : Date.parse(timestamp));

export function plannedItem(planned: PlannedRun, state: 'planned' | 'to-skip' = 'planned'): CalendarItem {
  const at = Date.parse(planned.at);
  return {
    kind: 'planned',
    key: plannedKey(planned.scheduleId, at),
    state,
    scheduleId: planned.scheduleId,
    name: planned.schedule,
    profile: planned.profile,
    colour: planned.colour,
    at,
    startedAt: null,
    until: planned.expectedMs === null ? null : at + planned.expectedMs,
    planned,
  };
}

export function plannedKey(scheduleId: string, at: number): string {
  return `${scheduleId}@${at}`;
}

export function runItem(run: ScheduledRun, now: number): CalendarItem {
  const startedAt = instant(run.startedAt);
  return {
    kind: 'run',
    key: run.id,
    state: run.state,
    scheduleId: run.scheduleId,
    name: run.schedule,
    profile: run.profile,
    colour: run.colour,
    at: Date.parse(run.plannedAt),
    startedAt,
    until: startedAt === null ? null : (instant(run.finishedAt) ?? (run.state === 'running' ? Math.max(now, startedAt) : null)),
    run,
  };
}

/** By slot; those of one instant by name. */
export function byTime(a: CalendarItem, b: CalendarItem): number {
  return a.at - b.at || a.name.localeCompare(b.name) || a.key.localeCompare(b.key);
}

export function itemsOf(
  answer: { planned: readonly PlannedRun[]; runs: readonly ScheduledRun[]; skips?: readonly PlannedRun[] | undefined },
  now: number,
): CalendarItem[] {
  return [
    ...answer.runs.map((run) => runItem(run, now)),
    ...answer.planned.map((planned) => plannedItem(planned)),
    ...(answer.skips ?? []).map((planned) => plannedItem(planned, 'to-skip')),
  ].toSorted(byTime);
}

export function byDay(items: readonly CalendarItem[], zone: string): Map<string, CalendarItem[]> {
  const days = new Map<string, CalendarItem[]>();
  for (const item of items) {
    const day = dayOf(item.at, zone);
    const there = days.get(day);
    if (there === undefined) days.set(day, [item]);
    else there.push(item);
  }
  return days;
}

/** The `room` worst ones, in order of time, and how many of a state are left out. `total` counts all of the day,
 * also those that the engine left out of its answer. */
export function worstThatFit(
  items: readonly CalendarItem[],
  room: number,
  total = items.length,
): { shown: CalendarItem[]; more: number; hiddenBad: number } {
  if (total <= room && items.length <= room) return { shown: [...items], more: total - items.length, hiddenBad: 0 };
  const fits = Math.max(0, room - 1);
  const chosen = new Set(items.toSorted((a, b) => severity[a.state] - severity[b.state] || byTime(a, b)).slice(0, fits));
  const hidden = items.filter((item) => !chosen.has(item));
  return {
    shown: items.filter((item) => chosen.has(item)),
    more: Math.max(total, items.length) - chosen.size,
    hiddenBad: hidden.filter(({ state }) => state === 'failed' || state === 'missed').length,
  };
}

export function reasonWords(reason: RunReason): string {
  switch (reason) {
    case 'not-running':
      return 'no scheduler was running at its time';
    case 'covered':
      return 'a newer slot’s catch-up stands for it';
    case 'too-late':
      return 'it was found too late for its grace time';
    case 'policy-skip':
      return 'the schedule does not catch up on what it missed';
    case 'paused':
      return 'everything was paused';
    case 'overlap':
      return 'the earlier run of the schedule was still going';
    case 'by-user':
      return 'somebody asked for it';
    case 'window-end':
      return 'it was still going when the backup window ended';
    case 'replaced':
      return 'the next slot took its place';
    case 'interrupted':
      return 'the program ended in the middle of it';
    case 'removed':
      return 'the schedule was removed or switched off while it waited';
    default:
      return assertNever(reason);
  }
}

/** Why it is as it is, in a few words; empty where the state says all. */
export function whyOf(item: CalendarItem): string {
  if (item.kind === 'planned') {
    if (item.state === 'to-skip') return 'somebody asked for it';
    return item.planned.paused ? 'it will be skipped while everything is paused' : '';
  }
  const { run } = item;
  if (run.state === 'failed' && run.error !== null) return run.error.message.replace(/\.$/, '');
  if (run.reason !== null) return reasonWords(run.reason);
  if (run.state === 'running' && run.phase === 'waiting') return 'waiting for its turn';
  if (run.state === 'running' && run.phase === 'pausing') return 'pausing before another try';
  return '';
}

/** A length that is only expected: `38 min`. */
export function roughly(milliseconds: number): string {
  return milliseconds < 60_000
    ? duration(Math.ceil(milliseconds / 1000) * 1000)
    : duration(Math.round(milliseconds / 60_000) * 60_000).replace(/ 0 s$/, '');
}

/** State, length and size, where there is room for them beside the name. */
export function outcome(item: CalendarItem): string {
  if (item.kind === 'planned') return item.planned.expectedMs === null ? '' : `about ${roughly(item.planned.expectedMs)}`;
  const { run } = item;
  const why = whyOf(item);
  return [
    stateWords[item.state],
    run.state !== 'running' && run.durationMs !== null ? roughly(run.durationMs) : '',
    run.sizeBytes === null || run.sizeBytes === 0 ? '' : bytes(run.sizeBytes),
    why,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Begun so much after its slot that the difference is worth a word; null: on time, or never begun. */
export function lateStart(item: CalendarItem): number | null {
  return item.startedAt !== null && item.startedAt - item.at > 5 * minute ? item.startedAt : null;
}

/** The whole sentence that a screen reader gets and a tooltip shows. */
export function sentence(item: CalendarItem, zone: string): string {
  const why = whyOf(item);
  const took = item.kind === 'run' && item.run.durationMs !== null ? `took ${duration(item.run.durationMs)}` : '';
  const expected =
    item.kind === 'planned' && item.planned.expectedMs !== null ? `expected to take ${roughly(item.planned.expectedMs)}` : '';
  const moved =
    item.kind === 'planned' && item.planned.movedFrom !== null ? `moved from ${dateTimeOf(Date.parse(item.planned.movedFrom), zone)}` : '';
  const began = lateStart(item);
  const beganDay = began === null || dayOf(began, zone) === dayOf(item.at, zone) ? '' : `${fullDay(dayOf(began, zone))} `;
  return [
    item.name,
    stateWords[item.state],
    `${fullDay(dayOf(item.at, zone))} ${timeOf(item.at, zone)}`,
    item.profile,
    began === null ? '' : `began ${beganDay}${timeOf(began, zone)}`,
    took,
    expected,
    moved,
    why,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Can be dragged to another time: only what has not come yet. */
export function isMovable(item: CalendarItem, now: number): boolean {
  return item.kind === 'planned' && item.state === 'planned' && item.at > now;
}

type Counted = Exclude<keyof DayCounts, 'day'>;
export const countedStates: readonly { key: Counted; state: ShownState }[] = [
  { key: 'failed', state: 'failed' },
  { key: 'missed', state: 'missed' },
  { key: 'running', state: 'running' },
  { key: 'cancelled', state: 'cancelled' },
  { key: 'skipped', state: 'skipped' },
  { key: 'caughtUp', state: 'caught-up' },
  { key: 'succeeded', state: 'succeeded' },
  { key: 'planned', state: 'planned' },
];

/** `3 failed, 1 missed, 20 succeeded`; empty where the day has nothing. */
export function countWords(counts: DayCounts): string {
  return countedStates
    .filter(({ key }) => counts[key] > 0)
    .map(({ key, state }) => `${counts[key]} ${stateWords[state]}`)
    .join(', ');
}

export function totalOf(counts: DayCounts): number {
  return countedStates.reduce((sum, { key }) => sum + counts[key], 0);
}

/** Several schedules' counts of the same days. */
export function sumOfDays(answers: readonly (readonly DayCounts[])[]): ReadonlyMap<string, DayCounts> {
  const days = new Map<string, DayCounts>();
  for (const counts of answers.flat()) {
    const there = days.get(counts.day);
    days.set(
      counts.day,
      there === undefined
        ? counts
        : {
            day: counts.day,
            planned: there.planned + counts.planned,
            succeeded: there.succeeded + counts.succeeded,
            failed: there.failed + counts.failed,
            missed: there.missed + counts.missed,
            caughtUp: there.caughtUp + counts.caughtUp,
            skipped: there.skipped + counts.skipped,
            cancelled: there.cancelled + counts.cancelled,
            running: there.running + counts.running,
          },
    );
  }
  return days;
}

/** What a square of the year shows: the worst of its day. */
export type DayTone = 'failed' | 'missed' | 'running' | 'stopped' | 'good' | 'planned' | 'none';

export function toneOfDay(counts: DayCounts | undefined): DayTone {
  if (counts === undefined) return 'none';
  if (counts.failed > 0) return 'failed';
  if (counts.missed > 0) return 'missed';
  if (counts.running > 0) return 'running';
  if (counts.succeeded + counts.caughtUp > 0) return 'good';
  if (counts.cancelled + counts.skipped > 0) return 'stopped';
  return counts.planned > 0 ? 'planned' : 'none';
}
