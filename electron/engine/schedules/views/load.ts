// The coming days' load: how long runs keep servers busy, and where more come at once than the queue lets run.
import { formatNumber } from '../../../../shared/format.ts';
import type { EngineContext } from '../../context.ts';
import { resolveTarget, serverKey } from '../../postgres/target.ts';
import { iso, scheduleStore, type StoredSchedule } from '../store.ts';
import { wallOf } from '../when/zones.ts';
import { expectedDurations } from './expected.ts';
import { daysOf } from './span.ts';
import { recordedAhead, upcomingSlots } from './upcoming.ts';

export type Clash = { at: string; until: string; server: string; schedules: string[]; text: string };
export type Load = {
  days: { day: string; runs: number; busyMs: number; mostAtOnce: number; clashes: number }[];
  clashes: Clash[];
};

/** Taken for schedules that have not run yet. */
export const unknownDurationMs = 600_000;
/** So many are listed one by one; the days count all. */
const listedAtMost = 500;
export const everywhere = 'all servers';

type Run = { schedule: StoredSchedule; from: number; to: number };
type Found = { from: number; to: number; most: number; runs: Set<Run> };

export function readLoad(context: EngineContext, dayCount: number, timeZone: string): Load {
  const now = context.ports.clock();
  const days = daysOf(now, now + (dayCount + 2) * 86_400_000, timeZone).slice(0, dayCount);
  const end = days.at(-1)?.to ?? now;
  const expected = expectedDurations(context.catalog);
  const byServer = new Map<string, Run[]>();
  const all: Run[] = [];
  const serverOf = servers(context);
  const recorded = recordedAhead(context);
  for (const schedule of scheduleStore(context.catalog).list()) {
    const length = expected.get(schedule.id) ?? unknownDurationMs;
    const server = schedule.fields.task.kind === 'backup' ? serverOf(schedule.profileId) : null;
    const own = server === null ? null : (byServer.get(server) ?? []);
    if (own !== null && server !== null) byServer.set(server, own);
    for (const at of upcomingSlots(schedule, now, end - 1, recorded)) {
      const run = { schedule, from: at, to: at + Math.max(1, length) };
      all.push(run);
      own?.push(run);
    }
  }
  all.sort((one, other) => one.from - other.from);
  const { jobsPerServer, jobsInAll } = context.settings();
  const found = [...byServer].flatMap(([server, runs]) =>
    clashesOf(
      runs.toSorted((one, other) => one.from - other.from),
      jobsPerServer,
    ).map((clash) => ({ ...clash, server, allowed: jobsPerServer })),
  );
  found.push(...clashesOf(all, jobsInAll).map((clash) => ({ ...clash, server: everywhere, allowed: jobsInAll })));
  found.sort((one, other) => one.from - other.from);
  const most = mostAtOnce(all, days);
  return {
    days: days.map((day, index) => {
      const own = between(all, day.from, day.to);
      return {
        day: day.day,
        runs: own.length,
        busyMs: own.reduce((sum, run) => sum + (run.to - run.from), 0),
        mostAtOnce: most[index] ?? 0,
        clashes: found.filter((clash) => clash.from >= day.from && clash.from < day.to).length,
      };
    }),
    clashes: found.slice(0, listedAtMost).map((clash) => ({
      at: iso(clash.from),
      until: iso(clash.to),
      server: clash.server,
      schedules: namesOf(clash),
      text: textOf(clash, timeZone),
    })),
  };
}

/** Stretches in which more than `allowed` are at work, were all to begin at their time. Runs ascending by `from`. */
export function clashesOf(runs: readonly Run[], allowed: number): Found[] {
  const byEnd = runs.toSorted((one, other) => one.to - other.to);
  const found: Found[] = [];
  const working = new Set<Run>();
  let open: Found | null = null;
  let ended = 0;
  const endThoseBy = (at: number): void => {
    for (let run = byEnd[ended]; run !== undefined && run.to <= at; run = byEnd[ended]) {
      working.delete(run);
      ended += 1;
      if (open === null || working.size > allowed) continue;
      open.to = run.to;
      open = null;
    }
  };
  for (const run of runs) {
    endThoseBy(run.from);
    working.add(run);
    if (open !== null) open.runs.add(run);
    else if (working.size > allowed) {
      open = { from: run.from, to: run.from, most: 0, runs: new Set(working) };
      found.push(open);
    }
    if (open !== null) open.most = Math.max(open.most, working.size);
  }
  endThoseBy(Number.POSITIVE_INFINITY);
  return found;
}

function mostAtOnce(runs: readonly Run[], days: readonly { from: number; to: number }[]): number[] {
  const ends = runs.map((run) => run.to).toSorted((one, other) => one - other);
  const most = days.map(() => 0);
  let ended = 0;
  let day = 0;
  runs.forEach((run, index) => {
    while (ended < ends.length && (ends[ended] as number) <= run.from) ended += 1;
    while (day < days.length && run.from >= (days[day]?.to ?? 0)) day += 1;
    most[day] = Math.max(most[day] ?? 0, index + 1 - ended);
  });
  return most;
}

function between(runs: readonly Run[], from: number, to: number): Run[] {
  const first = lowerBound(runs, from);
  return runs.slice(first, lowerBound(runs, to));
}

function lowerBound(runs: readonly Run[], at: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as Run).from < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const namesOf = (clash: Found): string[] => [...new Set([...clash.runs].map((run) => run.schedule.fields.name))];

function textOf(clash: Found & { server: string; allowed: number }, timeZone: string): string {
  const names = namesOf(clash);
  const named = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  const at = (instant: number): string => iso(wallOf(instant, timeZone)).slice(11, 16);
  return `${formatNumber(clash.most, 'run')} at once from ${at(clash.from)} to ${at(clash.to)} on ${clash.server}, where ${clash.allowed} may run: ${named}. The others wait.`;
}

/** Host and port by profile id; null: nowhere to be found. Asked for no password. */
function servers(context: EngineContext): (profileId: string | null) => string | null {
  const known = new Map<string, string | null>();
  return (profileId) => {
    if (profileId === null) return null;
    const found = known.get(profileId);
    if (found !== undefined) return found;
    const profile = context.profiles.find(profileId);
    const server = profile === null ? null : keyOf(profile);
    known.set(profileId, server);
    return server;
  };
}

/** A profile whose service is not defined here is a server of its own: the load must not fail over it. */
function keyOf(profile: NonNullable<ReturnType<EngineContext['profiles']['find']>>): string {
  try {
    return serverKey(resolveTarget(profile, null));
  } catch {
    return `${profile.host === '' ? `service ${profile.service}` : profile.host}:${profile.port ?? 5432}`;
  }
}
