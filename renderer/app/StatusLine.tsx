// The foot of the rail: what runs, and what the user should know at all times.
import { Progress } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { Job } from '../../shared/contract/jobs.ts';
import { isEnded, useJobList, useJobs } from '../jobs/store.ts';
import { go } from '../navigation.ts';
import { useNow } from '../schedules/calendar/data.ts';
import { comingIn, inZone } from '../schedules/calendar/When.tsx';
import { machineZone } from '../schedules/calendar/zone.ts';
import { useScheduler } from '../schedules/status.ts';
import { percent } from '../ui/format.ts';
import styles from './app.module.css';
import { useApp } from './store.ts';

export function StatusLine() {
  const active = useJobList().filter((job) => !isEnded(job));
  const known = useJobs((state) => state.status === 'ready');
  const { info, connection } = useApp();
  const warning = info.status === 'ready' ? info.value.secrets.warning : null;
  return (
    <div className={styles['status']} role="region" aria-label="Status">
      {connection === 'waiting' && (
        <div className={styles['statusNote']} role="status">
          <IconPlugConnectedX size={15} aria-hidden />
          <span>Connection lost. Trying again…</span>
        </div>
      )}
      {active.slice(0, 3).map((job) => (
        <RunningJob key={job.id} job={job} />
      ))}
      {active.length > 3 && <div className={styles['statusNote']}>and {active.length - 3} more</div>}
      {active.length === 0 && known && connection !== 'waiting' && <NextBackup />}
      {warning !== null && (
        <button type="button" className={styles['statusWarning']} title={warning} onClick={() => go('settings')}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>{warning}</span>
        </button>
      )}
    </div>
  );
}

/** While nothing runs: when something will. */
function NextBackup() {
  const status = useScheduler((state) => state.status);
  const now = useNow();
  const next = status.status === 'ready' && status.value.alarms.length === 0 ? status.value.next : null;
  if (next === null || next.paused) return <div className={styles['statusQuiet']}>No jobs running</div>;
  const at = Date.parse(next.at);
  return (
    <button
      type="button"
      className={styles['running']}
      onClick={() => go('schedules')}
      title={`${next.schedule}, ${inZone(at, machineZone())}`}
    >
      <span className="dim">{`Next ${next.kind} ${comingIn(at - now)}`}</span>
    </button>
  );
}

function RunningJob({ job }: { job: Job }) {
  const fraction = job.status === 'running' ? job.progress.fraction : null;
  const blocked = job.status === 'running' && job.progress.waits.length > 0;
  return (
    <button type="button" className={styles['running']} onClick={() => go('activity', job.id)} title={job.title}>
      <span className={styles['runningText']}>
        {blocked && <IconLock size={13} aria-label="waits for a lock" />}
        <span className="cut">{job.title}</span>
        <span className="numbers">{job.status === 'queued' ? 'queued' : fraction === null ? '' : percent(fraction)}</span>
      </span>
      {job.status === 'running' && (
        <Progress
          value={fraction === null ? 100 : fraction * 100}
          {...(fraction === null ? { color: 'gray', striped: true, animated: true } : {})}
          size={4}
          aria-hidden
        />
      )}
    </button>
  );
}
