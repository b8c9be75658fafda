// How far a job is, in place: percent, time left, rate, the table at hand, and whom it waits for.
import { Button, Group, Progress, Stack } from '@mantine/core';
import type { Job, JobProgress as Progressing, LockWait } from '../../shared/contract/jobs.ts';
import { api } from '../api.ts';
import { bytes, duration, percent, plural } from '../ui/format.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { put } from './store.ts';

export function JobProgress({ job }: { job: Extract<Job, { status: 'running' | 'queued' }> }) {
  const cancelling = job.status === 'running' && job.cancelling;
  const { doing, run } = useAction();
  return (
    <Stack gap="sm">
      <Group gap="md" wrap="nowrap" align="center">
        <div style={{ flex: 1, minWidth: 0 }}>
          {job.status === 'queued' ? (
            <span>{job.waitsBehind === 0 ? 'Starting…' : `Waiting for ${plural(job.waitsBehind, 'other job')} to finish.`}</span>
          ) : (
            <Measures progress={job.progress} title={job.title} cancelling={job.cancelling} />
          )}
        </div>
        <Button
          variant="default"
          disabled={cancelling}
          loading={doing.status === 'busy'}
          aria-label={`Cancel ${job.title}`}
          onClick={() =>
            run(async () => {
              put([await api.jobs.cancel({ id: job.id })]);
            })
          }
        >
          {cancelling ? 'Cancelling…' : 'Cancel'}
        </Button>
      </Group>
      {job.status === 'running' &&
        distinct(job.progress.waits).map((wait) => <Wait key={`${wait.blockedByPid} ${wait.waitsFor}`} wait={wait} />)}
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
    </Stack>
  );
}

function Measures({ progress, title, cancelling }: { progress: Progressing; title: string; cancelling: boolean }) {
  const { fraction } = progress;
  const facts = [
    fraction === null ? null : percent(fraction),
    progress.bytesTotal === null
      ? progress.bytesDone > 0
        ? bytes(progress.bytesDone)
        : null
      : `${bytes(progress.bytesDone)} of ${bytes(progress.bytesTotal)}`,
    progress.bytesPerSecond === null ? null : `${bytes(progress.bytesPerSecond)}/s`,
    progress.secondsLeft === null ? null : `about ${duration(Math.max(1, Math.round(progress.secondsLeft)) * 1000)} left`,
  ].filter((fact) => fact !== null);
  return (
    <>
      <Group justify="space-between" gap="md" wrap="nowrap" mb={5}>
        <span className="cut">
          {cancelling ? 'Stopping the client and the server’s backend…' : progress.phase}
          {progress.current !== null && (
            <span className="mono" title={progress.current}>
              {' '}
              {progress.current}
            </span>
          )}
        </span>
        <span className="dim numbers" style={{ whiteSpace: 'nowrap' }}>
          {facts.join(' · ')}
        </span>
      </Group>
      <Bar fraction={fraction} label={`Progress of ${title}`} />
    </>
  );
}

function Bar({ fraction, label }: { fraction: number | null; label: string }) {
  return (
    <Progress.Root size={8}>
      {fraction === null ? (
        // Not known how far: a progress bar without a value, moving, in grey so that it is not taken for a full one.
        <Progress.Section value={100} color="gray" striped animated withAria={false} role="progressbar" aria-label={label} />
      ) : (
        <Progress.Section value={Math.max(1, fraction * 100)} aria-label={label} />
      )}
    </Progress.Root>
  );
}

/** Parallel workers of one job wait for the same lock: it is told once, with the longest wait. */
function distinct(waits: readonly LockWait[]): LockWait[] {
  const longestFirst = waits.toSorted((a, b) => b.sinceSeconds - a.sinceSeconds);
  return longestFirst.filter(
    (wait, index) => longestFirst.findIndex((one) => one.blockedByPid === wait.blockedByPid && one.waitsFor === wait.waitsFor) === index,
  );
}

function Wait({ wait }: { wait: LockWait }) {
  return (
    <Notice tone="warn" role="status" title={`Waiting for a lock on ${wait.waitsFor} for ${duration(wait.sinceSeconds * 1000)}`}>
      <div>
        Held by process <span className="mono">{wait.blockedByPid}</span>, user <span className="mono">{wait.blockedByUser}</span>
        {wait.blockedByApplication === '' ? '' : ` (${wait.blockedByApplication})`}
      </div>
      {wait.blockedByQuery !== '' && (
        <div className="mono cut dim" title={wait.blockedByQuery}>
          {wait.blockedByQuery}
        </div>
      )}
    </Notice>
  );
}
