// How far a job is or how it ended.
import { Button, Group, Stack } from '@mantine/core';
import type { Verification } from '../../shared/contract/backups.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { Proof } from '../backups/Proof.tsx';
import { go } from '../navigation.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { JobProgress } from './JobProgress.tsx';

/** `whole`: with its proof and the way to its subject. */
export function JobState({ job, whole }: { job: Job; whole: boolean }) {
  switch (job.status) {
    case 'queued':
    case 'running':
      return <JobProgress job={job} />;
    case 'succeeded':
      return whole ? <Succeeded job={job} /> : <Notice tone="ok" role="status" title={`${job.title}: done`} />;
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
        {job.kind === 'preview' && (
          <Group mt={6}>
            <Button variant="default" onClick={() => go('restore')}>
              Show the preview
            </Button>
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
