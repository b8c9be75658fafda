import { useEffect, useRef } from 'react';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { JobState } from './JobDetail.tsx';
import { isEnded, useJobs } from './store.ts';

/** A job's progress or outcome in place, out of the one stream of all jobs; `onEnded` is called once. */
export function FollowedState({ jobId, onEnded }: { jobId: string; onEnded: (job: EndedJob) => void }) {
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
  if (job !== undefined) return <JobState job={job} />;
  return (
    <Loaded of={fetched} what="the job" retry={again}>
      {(value) => <JobState job={value} />}
    </Loaded>
  );
}
