// The calendar's answers: asked again when the catalog or the running jobs change and when a slot's time comes; what was
// seen of a period stays in sight while it is asked again.
import { useEffect, useRef, useState } from 'react';
import type { DayCounts, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { useApp } from '../../app/store.ts';
import { isEnded, useJobs } from '../../jobs/store.ts';
import { useLoad, type Loadable } from '../../ui/loadable.ts';
import { itemsOf, sumOfDays, type CalendarItem } from './items.ts';
import { minute, startOfDay } from './zone.ts';

export type Period = { days: ReadonlyMap<string, DayCounts>; items: CalendarItem[]; cut: number };

/** Now, told again every half minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute / 2);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Grows when what the engine said may no longer be so. */
export function useVersion(): number {
  const catalog = useApp((state) => state.catalog);
  // Which jobs are at work, not how far they are.
  const working = useJobs((state) =>
    state.status === 'ready'
      ? [...state.jobs.values()]
          .filter((job) => !isEnded(job))
          .map((job) => `${job.id} ${job.status}`)
          .join()
      : '',
  );
  const [jobs, setJobs] = useState(0);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    setJobs((count) => count + 1);
  }, [working]);
  return catalog + jobs;
}

/** The last few answers, so that going back shows something at once while it is asked again. */
const seen = new Map<string, unknown>();

function remember<T>(key: string | null, value: T): T {
  if (key === null) return value;
  seen.delete(key);
  seen.set(key, value);
  const oldest = seen.keys().next().value;
  if (seen.size > 16 && oldest !== undefined) seen.delete(oldest);
  return value;
}

/** Keys name their kind, so that what is remembered under one has its type. */
function recall<T>(key: string | null, answer: Loadable<T>): Loadable<T> {
  if (answer.status !== 'loading' || key === null || !seen.has(key)) return answer;
  return { status: 'ready', value: seen.get(key) as T };
}

/** `first` to `after`, days of `zone`; `scheduleIds` null: all. */
export function usePeriod(
  question: { first: string; after: string; zone: string; scheduleIds: string[] | null; limit: number } | null,
  version: number,
): [Loadable<Period>, () => void] {
  const key = question === null ? null : `period ${JSON.stringify(question)}`;
  const [answer, again] = useLoad(
    key,
    async (): Promise<Period> => {
      if (question === null) throw new Error('nothing was asked');
      const { first, after, zone, scheduleIds, limit } = question;
      if (scheduleIds?.length === 0) return { days: new Map(), items: [], cut: 0 };
      const found = await api.schedules.calendar({
        from: new Date(startOfDay(first, zone)).toISOString(),
        to: new Date(startOfDay(after, zone)).toISOString(),
        timeZone: zone,
        limit,
        ...(scheduleIds === null ? {} : { scheduleIds }),
      });
      return remember(key, { days: new Map(found.days.map((day) => [day.day, day])), items: itemsOf(found, Date.now()), cut: found.cut });
    },
    version,
  );
  return [recall(key, answer), again];
}

export function useYear(
  question: { year: number; zone: string; scheduleIds: string[] | null } | null,
  version: number,
): [Loadable<ReadonlyMap<string, DayCounts>>, () => void] {
  const key = question === null ? null : `year ${JSON.stringify(question)}`;
  const [answer, again] = useLoad(
    key,
    async () => {
      if (question === null) throw new Error('nothing was asked');
      const { year, zone, scheduleIds } = question;
      const answers = await Promise.all(
        scheduleIds === null
          ? [api.schedules.year({ year, timeZone: zone })]
          : scheduleIds.map((scheduleId) => api.schedules.year({ year, timeZone: zone, scheduleId })),
      );
      return remember(key, sumOfDays(answers.map(({ days }) => days)));
    },
    version,
  );
  return [recall(key, answer), again];
}

/** 0 to 100 while it is known how far a running one is. */
export function usePercent(run: ScheduledRun | null): number | null {
  const jobId = run?.state === 'running' ? run.jobId : null;
  return useJobs((state) => {
    if (jobId === null || state.status !== 'ready') return null;
    const job = state.jobs.get(jobId);
    if (job?.status !== 'running' || job.progress.fraction === null) return null;
    return Math.floor(job.progress.fraction * 100);
  });
}
