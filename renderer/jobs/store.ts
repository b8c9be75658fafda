// Every job's state, kept up to date by one stream; the pages read from here.
import { create } from 'zustand';
import type { EndedJob, Job } from '../../shared/contract/jobs.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import { follow } from '../streams.ts';

type JobsState = { status: 'loading' } | { status: 'failed'; error: ErrorReport } | { status: 'ready'; jobs: ReadonlyMap<string, Job> };

export const useJobs = create<JobsState>(() => ({ status: 'loading' }));

export function isEnded(job: Job): job is EndedJob {
  return job.status !== 'queued' && job.status !== 'running';
}

/** Lists once per connection, then follows the stream. `onEnded` is told of jobs that were seen running. */
export function followJobs(signal: AbortSignal, onEnded: (job: EndedJob) => void): Promise<void> {
  return follow<Job>({
    signal,
    open: async (inner) => {
      const stream = await api.jobs.watchAll(undefined, { signal: inner });
      const before = current();
      await loadJobs();
      // What ended while the page was away is told now.
      for (const job of current().values()) {
        const known = before.get(job.id);
        if (known !== undefined && !isEnded(known) && isEnded(job)) onEnded(job);
      }
      return stream;
    },
    onItem: (job) => {
      const before = current().get(job.id);
      put([job]);
      if (isEnded(job) && before !== undefined && !isEnded(before)) onEnded(job);
    },
  });
}

export async function loadJobs(): Promise<void> {
  try {
    const jobs = await api.jobs.list({ limit: 300 });
    useJobs.setState({ status: 'ready', jobs: new Map(jobs.map((job) => [job.id, job])) }, true);
  } catch (thrown) {
    if (useJobs.getState().status !== 'ready') useJobs.setState({ status: 'failed', error: errorReport(thrown) }, true);
    throw thrown;
  }
}

function current(): ReadonlyMap<string, Job> {
  const state = useJobs.getState();
  return state.status === 'ready' ? state.jobs : new Map();
}

export function put(jobs: readonly Job[]): void {
  const next = new Map(current());
  for (const job of jobs) next.set(job.id, job);
  useJobs.setState({ status: 'ready', jobs: next }, true);
}

const none: ReadonlyMap<string, Job> = new Map();

/** Newest first; active ones before ended ones. */
export function useJobList(): Job[] {
  const jobs = useJobs((state) => (state.status === 'ready' ? state.jobs : none));
  return [...jobs.values()].toSorted((a, b) => Number(isEnded(a)) - Number(isEnded(b)) || b.queuedAt.localeCompare(a.queuedAt));
}
