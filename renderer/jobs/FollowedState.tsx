import { useEffect, useRef } from 'react';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { JobState } from './JobDetail.tsx';
import { isEnded } from './store.ts';
import { useJob } from './use-job.ts';

/** A job's progress or outcome in place; `onEnded` is called once. */
export function FollowedState({ jobId, onEnded }: { jobId: string; onEnded: (job: EndedJob) => void }) {
  const followed = useJob(jobId);
  const told = useRef<string | null>(null);
  const ended = followed.status === 'ready' && isEnded(followed.value.job) ? followed.value.job : null;
  useEffect(() => {
    if (ended === null || told.current === ended.id) return;
    told.current = ended.id;
    onEnded(ended);
  }, [ended, onEnded]);
  return (
    <Loaded of={followed} what="the job">
      {({ job }) => <JobState job={job} />}
    </Loaded>
  );
}
