// One job, whole: what it is about, how far it is or how it ended, and its log.
import { Stack } from '@mantine/core';
import type { Job } from '../../shared/contract/jobs.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { dateTime, duration } from '../ui/format.ts';
import { Facts } from '../ui/Facts.tsx';
import { Loaded } from '../ui/Loaded.tsx';
import { LogView } from '../ui/LogView.tsx';
import { StatusTag } from '../ui/Tag.tsx';
import { JobState } from './JobState.tsx';
import { isEnded } from './store.ts';
import { useJob } from './use-job.ts';
import { useInSight } from './watched.ts';

export function JobDetail({ jobId, logHeight = 'calc(100vh - 400px)' }: { jobId: string; logHeight?: string | number }) {
  const followed = useJob(jobId);
  useInSight(jobId);
  return (
    <Loaded of={followed} what="the job">
      {({ job, lines }) => (
        <Stack gap="md">
          <Facts
            facts={{
              Status: <StatusTag key="s" status={job.status} />,
              Profile: job.profile === '' ? null : <ProfileTag key="p" id={job.profileId} name={job.profile} />,
              Database: job.database === '' ? null : <span className="mono">{job.database}</span>,
              Queued: <span className="numbers">{dateTime(job.queuedAt, true)}</span>,
              Finished: isEnded(job) ? <span className="numbers">{dateTime(job.finishedAt, true)}</span> : null,
              Took: took(job),
            }}
          />
          <JobState job={job} whole />
          <LogView lines={lines} live={!isEnded(job)} height={logHeight} />
        </Stack>
      )}
    </Loaded>
  );
}

function took(job: Job): string | null {
  if (!isEnded(job) || job.startedAt === null) return null;
  return duration(new Date(job.finishedAt).getTime() - new Date(job.startedAt).getTime());
}
