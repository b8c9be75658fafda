// One run, whole: what came of its slot and why, its backups, its error with the next step, its log.
import { Button, Drawer, Group, Stack } from '@mantine/core';
import { IconPlayerPlay, IconSquareX } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { Schedule, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { BackupLog } from '../../backups/BackupLog.tsx';
import { JobDetail } from '../../jobs/JobDetail.tsx';
import { useJobs } from '../../jobs/store.ts';
import { go } from '../../navigation.ts';
import { ProfileTag } from '../../profiles/ProfileTag.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { bytes, duration, plural } from '../../ui/format.ts';
import { useAction, useLoad } from '../../ui/loadable.ts';
import { Loaded } from '../../ui/Loaded.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/PageFrame.tsx';
import type { Tone } from '../../ui/Tag.tsx';
import { openScheduleEditor } from '../editor/store.ts';
import { goBackToView, goToDay, useSchedules } from '../store.ts';
import { usePercent } from './data.ts';
import { reasonWords, stateWords } from './items.ts';
import { RunBackups } from './RunBackups.tsx';
import { StateIcon } from './StateIcon.tsx';
import { When } from './When.tsx';
import { dayOf } from './zone.ts';
import styles from './calendar.module.css';

const tones: Record<ScheduledRun['state'], Tone> = {
  succeeded: 'ok',
  'caught-up': 'ok',
  failed: 'bad',
  missed: 'warn',
  running: 'info',
  skipped: 'neutral',
  cancelled: 'neutral',
};

export function RunDrawer({
  id,
  schedules,
  version,
  onPlaced,
}: {
  id: string | null;
  schedules: readonly Schedule[];
  version: number;
  /** Told where the run stands, so that the calendar behind shows it. */
  onPlaced: (at: number) => void;
}) {
  const [run, again] = useLoad(id, () => api.schedules.getRun({ id: id ?? '' }), version);
  const plannedAt = run.status === 'ready' ? run.value.plannedAt : null;
  useEffect(() => {
    if (plannedAt !== null) onPlaced(Date.parse(plannedAt));
    // Only when another run is opened.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [plannedAt]);
  return (
    <Drawer
      opened={id !== null}
      onClose={goBackToView}
      title={<span className="cut">{run.status === 'ready' ? run.value.schedule : 'Run'}</span>}
      size={640}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id !== null && (
        <Loaded of={run} what="the run" retry={again}>
          {(value) => (
            <Detail key={value.id} run={value} schedule={schedules.find((one) => one.id === value.scheduleId) ?? null} onChanged={again} />
          )}
        </Loaded>
      )}
    </Drawer>
  );
}

function Detail({ run, schedule, onChanged }: { run: ScheduledRun; schedule: Schedule | null; onChanged: () => void }) {
  const zone = useSchedules((state) => state.zone);
  const percent = usePercent(run);
  // The queue knows this process's jobs; another Howdah's run has its log in its backups only.
  const jobIsHere = useJobs((state) => run.jobId !== null && state.status === 'ready' && state.jobs.has(run.jobId));
  const plannedAt = Date.parse(run.plannedAt);
  const startedAt = run.startedAt === null ? null : Date.parse(run.startedAt);
  const late = startedAt === null || run.trigger === 'hand' ? 0 : startedAt - plannedAt;
  const time = (at: string | null) =>
    at === null ? null : <When at={Date.parse(at)} zone={zone} scheduleZone={schedule?.timeZone ?? null} />;
  return (
    <Stack gap="md">
      <div className={`${styles['verdict']} ${styles[`tone-${tones[run.state]}`]}`} role="status">
        <StateIcon state={run.state} percent={percent} size={26} />
        <div>
          <div className={styles['verdictTitle']}>{titleOf(run, percent)}</div>
          <div className="wrap">{explain(run)}</div>
        </div>
      </div>
      <Actions run={run} schedule={schedule} onChanged={onChanged} />
      {run.error !== null && <ErrorNotice error={run.error} />}
      <Section title="When">
        <Facts
          facts={{
            Planned: <When at={plannedAt} zone={zone} scheduleZone={schedule?.timeZone ?? null} relative />,
            Started: time(run.startedAt) ?? (run.state === 'running' ? 'not yet' : 'never'),
            Late: late > 60_000 ? `by ${duration(late)}` : null,
            Finished: run.startedAt === null ? null : (time(run.finishedAt) ?? 'not yet'),
            Took: run.durationMs === null ? null : duration(run.durationMs),
            Attempts: run.attempts > 1 ? String(run.attempts) : null,
            'Next try': run.nextTryAt === null ? null : time(run.nextTryAt),
            Size: run.sizeBytes === null ? null : bytes(run.sizeBytes),
            Begun: { slot: 'by the clock', 'catch-up': 'as a catch-up of a late slot', hand: 'by hand' }[run.trigger],
            Profile: run.profile === '' ? null : <ProfileTag id={run.profileId} name={run.profile} />,
            'Covered by':
              run.coveredBy === null ? null : (
                <button type="button" className={styles['link']} onClick={() => go('schedules', run.coveredBy)}>
                  the catch-up that stands for it
                </button>
              ),
          }}
        />
      </Section>
      {run.backups.length > 0 && <RunBackups backups={run.backups} />}
      {run.jobId !== null && jobIsHere ? (
        <Section title={run.state === 'running' ? 'The job at work' : 'The job and its log'}>
          <JobDetail jobId={run.jobId} logHeight={280} />
        </Section>
      ) : (
        run.backupId !== null && <BackupLog backupId={run.backupId} />
      )}
    </Stack>
  );
}

function titleOf(run: ScheduledRun, percent: number | null): string {
  const words = stateWords[run.state];
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  if (run.state !== 'running') return title;
  if (run.phase === 'waiting') return 'Waiting for its turn';
  if (run.phase === 'pausing') return 'Pausing before another try';
  return percent === null ? title : `${title}, ${percent} %`;
}

function explain(run: ScheduledRun): string {
  const detail = run.detail === '' ? '' : run.detail.replace(/([^.!?…])$/, '$1.');
  if (run.reason !== null) {
    const why = reasonWords(run.reason);
    const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
    return detail === '' ? sentence : `${sentence} ${detail}`;
  }
  if (detail !== '') return detail;
  switch (run.state) {
    case 'succeeded':
      return run.kind === 'cleanup' ? 'Retention was applied.' : `${plural(Math.max(1, run.backups.length), 'backup')} made and checked.`;
    case 'caught-up':
      return 'Its time had passed; it was made as soon as it could be.';
    case 'failed':
      if (run.error === null) return 'The log says why.';
      return run.attempts > 1 ? `It was tried ${run.attempts} times.` : '';
    case 'missed':
      return 'Its time passed and nothing ran.';
    case 'running':
      return run.attempts > 1 ? `This is try number ${run.attempts}.` : '';
    case 'skipped':
    case 'cancelled':
      return '';
  }
}

function Actions({ run, schedule, onChanged }: { run: ScheduledRun; schedule: Schedule | null; onChanged: () => void }) {
  const { doing, run: act } = useAction();
  const zone = useSchedules((state) => state.zone);
  const backupId = run.backupId;
  return (
    <>
      <Group gap="xs">
        {run.state === 'running' ? (
          <Button
            variant="default"
            leftSection={<IconSquareX size={15} />}
            loading={doing.status === 'busy'}
            onClick={() =>
              act(async () => {
                await api.schedules.cancelRun({ id: run.id });
                onChanged();
              })
            }
          >
            Cancel this run
          </Button>
        ) : (
          schedule !== null && (
            <Button
              leftSection={<IconPlayerPlay size={15} />}
              loading={doing.status === 'busy'}
              onClick={() =>
                act(async () => {
                  const started = await api.schedules.run({ id: schedule.id });
                  catalogChanged();
                  go('schedules', started.id);
                })
              }
            >
              Run again now
            </Button>
          )
        )}
        {backupId !== null && (
          <Button variant="default" onClick={() => go('backups', backupId)}>
            Show the backup
          </Button>
        )}
        {schedule !== null && (
          <Button variant="default" onClick={() => openScheduleEditor({ scheduleId: schedule.id })}>
            Edit schedule…
          </Button>
        )}
        <Button variant="subtle" onClick={() => goToDay('day', dayOf(Date.parse(run.plannedAt), zone))}>
          Show its day
        </Button>
      </Group>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      {schedule === null && <Notice tone="neutral">The schedule is gone; what it did stays on record.</Notice>}
    </>
  );
}
