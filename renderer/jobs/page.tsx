// Activity: what runs now and what ran before.
import { Drawer, Stack } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import type { Job } from '../../shared/contract/jobs.ts';
import { go, useNavigation } from '../navigation.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { ago, dateTime, duration } from '../ui/format.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, PageFrame, Scroll, Section } from '../ui/PageFrame.tsx';
import { StatusTag } from '../ui/Tag.tsx';
import { JobDetail } from './JobDetail.tsx';
import { JobProgress } from './JobProgress.tsx';
import styles from './jobs.module.css';
import { isEnded, loadJobs, useJobList, useJobs } from './store.ts';

export function ActivityPage() {
  const state = useJobs();
  const jobs = useJobList();
  const { id } = useNavigation();
  const active = jobs.filter((job) => !isEnded(job));
  const ended = jobs.filter(isEnded);
  const opened = jobs.find((job) => job.id === id);
  return (
    <PageFrame title="Activity" subtitle={active.length === 0 ? 'Nothing is running' : `${active.length} running or waiting`}>
      <Scroll>
        <Loaded
          of={state.status === 'ready' ? { status: 'ready', value: state.jobs } : state}
          what="jobs"
          retry={() => void loadJobs().catch(() => undefined)}
        >
          {() =>
            jobs.length === 0 ? (
              <Empty icon={<IconActivity size={36} aria-hidden />} title="No jobs yet">
                <p>Backups, verifications and restores appear here while they run, with their progress, who blocks them, and their log.</p>
              </Empty>
            ) : (
              <Stack gap="md">
                {active.map((job) => (
                  <ActiveJob key={job.id} job={job} />
                ))}
                {ended.length > 0 && (
                  <Section title="Finished" flush>
                    <table className={styles['table']} aria-label="Finished jobs">
                      <thead>
                        <tr>
                          <th scope="col">Job</th>
                          <th scope="col">Status</th>
                          <th scope="col">Profile</th>
                          <th scope="col">Finished</th>
                          <th scope="col">Took</th>
                        </tr>
                      </thead>
                      <tbody>
                        {ended.map((job) => (
                          <EndedRow key={job.id} job={job} />
                        ))}
                      </tbody>
                    </table>
                  </Section>
                )}
              </Stack>
            )
          }
        </Loaded>
      </Scroll>
      <Drawer
        opened={id !== null}
        onClose={() => go('activity')}
        title={opened?.title ?? 'Job'}
        size={720}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {id !== null && <JobDetail jobId={id} />}
      </Drawer>
    </PageFrame>
  );
}

function ActiveJob({ job }: { job: Job }) {
  if (isEnded(job)) return null;
  return (
    <Section
      title={job.title}
      actions={
        <>
          {job.profile !== '' && <ProfileTag id={job.profileId} name={job.profile} plain />}
          <StatusTag status={job.status} />
          <button
            type="button"
            className={styles['link']}
            onClick={() => go('activity', job.id)}
            aria-label={`Details and log of ${job.title}`}
          >
            Details and log
          </button>
        </>
      }
    >
      <JobProgress job={job} />
    </Section>
  );
}

function EndedRow({ job }: { job: Extract<Job, { finishedAt: string }> }) {
  const failure = job.status === 'succeeded' || job.status === 'cancelled' ? null : job.error;
  return (
    <tr onClick={() => go('activity', job.id)}>
      <td>
        <button
          type="button"
          className={`${styles['link']} cut`}
          title={job.title}
          onClick={(event) => {
            event.stopPropagation();
            go('activity', job.id);
          }}
        >
          {job.title}
        </button>
        {failure !== null && (
          <div className={`${styles['failure']} cut`} title={failure.message}>
            {failure.message}
          </div>
        )}
      </td>
      <td>
        <StatusTag status={job.status} />
      </td>
      <td>
        <ProfileTag id={job.profileId} name={job.profile} plain />
      </td>
      <td className="numbers" title={dateTime(job.finishedAt, true)}>
        {ago(job.finishedAt)}
      </td>
      <td className="numbers">
        {job.startedAt === null ? '–' : duration(new Date(job.finishedAt).getTime() - new Date(job.startedAt).getTime())}
      </td>
    </tr>
  );
}
