import { useEffect, useRef } from 'react';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { JobState } from './JobState.tsx';
import { isEnded, useJobs } from './store.ts';
import { useInSight } from './watched.ts';

/** A job's progress or outcome in place, out of the one stream of all jobs; `onEnded` is called once. */
export function FollowedState({
  jobId,
  onEnded,
  whole = false,
}: {
  jobId: string;
  onEnded: (job: EndedJob) => void;
  /** With its proof and the way to its subject, where the place itself shows neither. */
  whole?: boolean;
}) {
  useInSight(jobId);
  const streamed = useJobs((state) => (state.status === 'ready' ? state.jobs.get(jobId) : undefined));
  // Only for a job that the stream has not mentioned.
  const [fetched, again] = useLoad(jobId, () => api.jobs.get({ id: jobId }));
  const job = streamed ?? (fetched.status === 'ready' ? fetched.value : undefined);
  const told = useRef(false);
  const ended = job !== undefined && isEnded(job) ? job : null;
  useEffect(() => {
    if (ended === null || told.current) return;
    told.current = true;
    onEnded(ended);
  }, [ended, onEnded]);
  if (job !== undefined) return <JobState job={job} whole={whole} />;
  return (
    <Loaded of={fetched} what="the job" retry={again}>
      {(value) => <JobState job={value} whole={whole} />}
    </Loaded>
  );
}
