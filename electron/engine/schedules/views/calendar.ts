// What a calendar shows: all is counted day by day, and as much of it is handed out as the limit allows.
import type { DayCounts, PlannedRun, RunState, ScheduledRun } from '../../../../shared/contract/schedules.ts';
import type { Sqlite } from '../../catalog/open.ts';
import type { EngineContext } from '../../context.ts';
import { plannedSlots } from '../planned.ts';
import { toRun, type RunRow } from '../runs-store.ts';
import { iso, type StoredSchedule } from '../store.ts';
import { chosenSchedules, plannedRuns, recordedAhead, unsettledFrom, upcomingSlots } from './upcoming.ts';
import { daysOf, type Day } from './span.ts';

export type CalendarRequest = { from: number; to: number; timeZone: string; scheduleIds: readonly string[] | undefined; limit: number };
export type CalendarAnswer = { days: DayCounts[]; planned: PlannedRun[]; runs: ScheduledRun[]; cut: number; skips: PlannedRun[] };

type Coming = { schedule: StoredSchedule; slots: number[] };

const countOf: Record<RunState, Exclude<keyof DayCounts, 'day' | 'planned'>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  missed: 'missed',
  'caught-up': 'caughtUp',
  skipped: 'skipped',
  cancelled: 'cancelled',
  running: 'running',
};

/** Every day of the span with its counts, also those without any. Schedules that are gone count too, unless some are named. */
export function countDays(
  context: EngineContext,
  request: Omit<CalendarRequest, 'limit'>,
): { days: Day[]; counts: DayCounts[]; coming: Coming[] } {
  const now = context.ports.clock();
  const days = daysOf(request.from, request.to, request.timeZone);
  const counts = days.map(({ day }) => ({ day, planned: 0, ...noRuns }));
  countRuns(context.catalog, days, counts, request.scheduleIds);
  const recorded = recordedAhead(context);
  const coming = chosenSchedules(context, known(context, request.scheduleIds)).map((schedule) => ({
    schedule,
    slots: upcomingSlots(schedule, Math.max(request.from - 1, unsettledFrom(schedule, now)), request.to - 1, recorded),
  }));
  for (const { slots } of coming) {
    let day = 0;
    for (const at of slots) {
      while (at >= (days[day]?.to ?? Number.POSITIVE_INFINITY)) day += 1;
      const count = counts[day];
      if (count !== undefined) count.planned += 1;
    }
  }
  return { days, counts, coming };
}

export function readCalendar(context: EngineContext, request: CalendarRequest): CalendarAnswer {
  const { days, counts, coming } = countDays(context, request);
  const totals = counts.map(({ day: _day, ...count }) => Object.values(count).reduce((one, other) => one + other, 0));
  const share = fairShare(totals, request.limit);
  const runs: ScheduledRun[] = [];
  const room = readRuns(context.catalog, days, counts, share, request.scheduleIds, runs);
  const planned = choosePlanned(context, days, counts, room, coming);
  const all = totals.reduce((one, other) => one + other, 0);
  return { days: counts, planned, runs, cut: all - runs.length - planned.length, skips: readSkips(context, coming, request) };
}

/** How many of each day are handed out: all, where they fit; else no more than so many of any day. */
export function fairShare(totals: readonly number[], limit: number): number[] {
  let left = limit;
  const shares = totals.map(() => 0);
  const ascending = totals.map((_, index) => index).toSorted((one, other) => (totals[one] ?? 0) - (totals[other] ?? 0));
  ascending.forEach((index, position) => {
    const share = Math.min(totals[index] ?? 0, Math.floor(left / (ascending.length - position)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}

const noRuns = { succeeded: 0, failed: 0, missed: 0, caughtUp: 0, skipped: 0, cancelled: 0, running: 0 };

/** Reads nothing but the index by time. */
function countRuns(catalog: Sqlite, days: Day[], counts: DayCounts[], ids: readonly string[] | undefined): void {
  const statement = catalog.prepare<unknown[], { state: RunState; count: number }>(
    `select state, count(*) as count from runs where planned_at >= ? and planned_at < ? ${ofSchedules(ids)} group by state`,
  );
  days.forEach((day, index) => {
    const own = counts[index];
    if (own === undefined) return;
    for (const { state, count } of statement.all(iso(day.from), iso(day.to), ...idValues(ids))) own[countOf[state]] += count;
  });
}

/** Adds to `runs`, and gives how many planned ones each day still has room for. On a day that is cut, what went wrong comes first. */
function readRuns(
  catalog: Sqlite,
  days: Day[],
  counts: DayCounts[],
  share: number[],
  ids: readonly string[] | undefined,
  runs: ScheduledRun[],
): number[] {
  const from = 'select * from runs where planned_at >= ? and planned_at < ?';
  const whole = catalog.prepare<unknown[], RunRow>(`${from} ${ofSchedules(ids)} order by planned_at`);
  const worst = catalog.prepare<unknown[], RunRow>(
    `${from} ${ofSchedules(ids)}
     order by case state when 'failed' then 0 when 'missed' then 1 when 'running' then 2 when 'cancelled' then 3 when 'skipped' then 4 else 5 end,
       planned_at limit ?`,
  );
  return days.map((day, index) => {
    const { day: _day, planned, ...states } = counts[index] ?? { day: '', planned: 0, ...noRuns };
    const there = Object.values(states).reduce((one, other) => one + other, 0);
    const most = share[index] ?? 0;
    if (there === 0) return Math.min(planned, most);
    const values = [iso(day.from), iso(day.to), ...idValues(ids)];
    const rows = there <= most ? whole.all(...values) : worst.all(...values, most);
    for (const row of rows) runs.push(toRun(row));
    return Math.min(planned, most - rows.length);
  });
}

/** On a day that is cut, each schedule's first slot comes before any schedule's second. */
function choosePlanned(context: EngineContext, days: Day[], counts: DayCounts[], room: number[], coming: Coming[]): PlannedRun[] {
  const present = plannedRuns(context);
  const chosen: { schedule: StoredSchedule; at: number }[] = [];
  const next = coming.map(() => 0);
  days.forEach((day, index) => {
    let left = room[index] ?? 0;
    const wholeDay = left >= (counts[index]?.planned ?? 0);
    const starts = [...next];
    coming.forEach(({ slots }, which) => {
      let position = next[which] ?? 0;
      while (position < slots.length && (slots[position] as number) < day.to) position += 1;
      next[which] = position;
    });
    for (let round = 0; left > 0; round++) {
      const before = left;
      for (let which = 0; which < coming.length && left > 0; which++) {
        const { schedule, slots } = coming[which] as Coming;
        const ends = next[which] ?? 0;
        for (let position = (starts[which] ?? 0) + round; position < ends && left > 0; position++) {
          chosen.push({ schedule, at: slots[position] as number });
          left -= 1;
          if (!wholeDay) break;
        }
      }
      if (wholeDay || left === before) break;
    }
  });
  chosen.sort((one, other) => one.at - other.at);
  return chosen.map(({ schedule, at }) => present(schedule, at));
}

function readSkips(context: EngineContext, coming: Coming[], { from, to }: Pick<CalendarRequest, 'from' | 'to'>): PlannedRun[] {
  const now = context.ports.clock();
  const changed = coming.filter(({ schedule }) => schedule.changes.some((change) => change.movedTo === null));
  if (changed.length === 0) return [];
  const present = plannedRuns(context);
  return changed
    .flatMap(({ schedule }) =>
      plannedSlots(schedule, Math.max(from - 1, unsettledFrom(schedule, now)), to - 1)
        .filter((slot) => slot.skipped)
        .map((slot) => present(schedule, slot.at)),
    )
    .toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

/** Runs of schedules that are gone can still be asked for; slots of theirs there are none. */
function known(context: EngineContext, ids: readonly string[] | undefined): string[] | undefined {
  if (ids === undefined) return undefined;
  const there = context.catalog.prepare<[string], { id: string }>('select id from schedules where id in (select value from json_each(?))');
  return there.all(JSON.stringify(ids)).map(({ id }) => id);
}

const ofSchedules = (ids: readonly string[] | undefined): string =>
  ids === undefined ? '' : 'and schedule_id in (select value from json_each(?))';
const idValues = (ids: readonly string[] | undefined): string[] => (ids === undefined ? [] : [JSON.stringify(ids)]);
