// One job, whole: what it is about, how far it is or how it ended, and its log.
import { Button, Group, Stack } from '@mantine/core';
import type { Verification } from '../../shared/contract/backups.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { Proof } from '../backups/Proof.tsx';
import { go } from '../navigation.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { dateTime, duration } from '../ui/format.ts';
import { Facts } from '../ui/Facts.tsx';
import { Loaded } from '../ui/Loaded.tsx';
import { LogView } from '../ui/LogView.tsx';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { StatusTag } from '../ui/Tag.tsx';
import { JobProgress } from './JobProgress.tsx';
import { isEnded } from './store.ts';
import { useJob } from './use-job.ts';

export function JobDetail({ jobId, logHeight = 'calc(100vh - 400px)' }: { jobId: string; logHeight?: string | number }) {
  const followed = useJob(jobId);
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
          <JobState job={job} />
          <LogView lines={lines} live={!isEnded(job)} height={logHeight} />
        </Stack>
      )}
    </Loaded>
  );
}

export function JobState({ job }: { job: Job }) {
  switch (job.status) {
    case 'queued':
    case 'running':
      return <JobProgress job={job} />;
    case 'succeeded':
      return <Succeeded job={job} />;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
      return <ErrorNotice error={job.error} />;
  }
}

function Succeeded({ job }: { job: Extract<Job, { status: 'succeeded' }> }) {
  const subject = job.subjectId;
  const verification = verificationIn(job.result);
  return (
    <Stack gap="sm">
      <Notice tone="ok" role="status" title={`${job.title}: done`}>
        {subject !== null && (subject.startsWith('bak_') || subject.startsWith('res_')) && (
          <Group mt={6}>
            {subject.startsWith('bak_') ? (
              <Button variant="default" onClick={() => go('backups', subject)}>
                Show the backup
              </Button>
            ) : (
              <Button variant="default" onClick={() => go('restore', subject)}>
                Show the restore
              </Button>
            )}
          </Group>
        )}
      </Notice>
      {verification !== null && <Proof verification={verification} />}
    </Stack>
  );
}

/** A verification's outcome, where the job was one; of a file there is no other place to show it. */
function verificationIn(result: unknown): Verification | null {
  if (typeof result !== 'object' || result === null) return null;
  const found: unknown = 'verification' in result ? result.verification : result;
  const fits =
    typeof found === 'object' && found !== null && 'ok' in found && 'at' in found && 'checks' in found && Array.isArray(found.checks);
  return fits ? (found as Verification) : null;
}

function took(job: Job): string | null {
  if (!isEnded(job) || job.startedAt === null) return null;
  return duration(new Date(job.finishedAt).getTime() - new Date(job.startedAt).getTime());
}
