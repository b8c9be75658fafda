// The first line of every page: what keeps databases from being backed up, worst first. Nothing while all is well.
import { Button, Popover } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import type { SchedulerStatus } from '../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { go } from '../navigation.ts';
import { dateTime } from '../ui/format.ts';
import styles from './alarm.module.css';
import { openScheduleEditor } from './editor/store.ts';
import { actOn } from '../app/act-on.ts';
import { isOpenEnded } from '../../shared/schedules/pauses.ts';
import { useNow } from './calendar/data.ts';
import { loadScheduler, pauseUntil, useScheduler } from './status.ts';

type Alarm = SchedulerStatus['alarms'][number];

export function AlarmLine() {
  const status = useScheduler((state) => state.status);
  if (status.status === 'failed') return <Unknown error={status.error} />;
  if (status.status !== 'ready') return null;
  const { alarms, pausedUntil } = status.value;
  return (
    <>
      {alarms.length > 0 && <Alarms alarms={alarms} />}
      {pausedUntil !== null && <Paused until={pausedUntil} />}
    </>
  );
}

/** Not to know is an alarm as well. */
function Unknown({ error }: { error: ErrorReport }) {
  return (
    <div className={styles['line']} data-tone="warn" role="status" aria-label="Alarms">
      <IconAlertTriangle size={18} aria-hidden className={styles['icon']} />
      <strong className="cut" title={`${error.message} ${error.hint}`}>
        Whether backups run on time cannot be told now: {error.message}
      </strong>
      <button type="button" className={styles['link']} onClick={() => void loadScheduler()}>
        Try again
      </button>
    </div>
  );
}

function Alarms({ alarms }: { alarms: Alarm[] }) {
  const [worst, ...others] = alarms;
  if (worst === undefined) return null;
  return (
    <div className={styles['line']} data-tone={toneOf(worst)} role="alert" aria-label="Alarms">
      <AlarmIcon alarm={worst} />
      <strong className="cut" title={worst.text}>
        {worst.text}
      </strong>
      <button type="button" className={styles['link']} onClick={() => show(worst)}>
        {actionOf(worst)}
      </button>
      {others.length > 0 && (
        <Popover position="bottom-end" shadow="md" width={560} withinPortal trapFocus>
          <Popover.Target>
            <button type="button" className={`${styles['link']} ${styles['rest']}`}>{`${others.length} more`}</button>
          </Popover.Target>
          <Popover.Dropdown p={0} aria-label="Other alarms">
            <ul className={styles['others']} aria-label="Other alarms">
              {others.map((alarm) => (
                <li key={`${alarm.kind} ${alarm.scheduleId}`} data-tone={toneOf(alarm)}>
                  <AlarmIcon alarm={alarm} />
                  <span className="wrap">{alarm.text}</span>
                  <button type="button" className={styles['link']} onClick={() => show(alarm)}>
                    {actionOf(alarm)}
                  </button>
                </li>
              ))}
            </ul>
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}

function Paused({ until }: { until: string }) {
  const now = useNow();
  return (
    <div className={styles['line']} data-tone="warn" role="status" aria-label="Paused">
      <IconPlayerPause size={18} aria-hidden className={styles['icon']} />
      <strong className="cut">
        {isOpenEnded(until, now)
          ? 'All schedules are paused until somebody resumes them.'
          : `All schedules are paused until ${dateTime(until)}.`}
      </strong>
      <span className="cut">Runs that come meanwhile are skipped, and on record as such.</span>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconPlayerPlay size={13} />}
        className={styles['rest'] ?? ''}
        onClick={() => actOn('Schedules could not be resumed', () => pauseUntil(null))}
      >
        Resume
      </Button>
    </div>
  );
}

function AlarmIcon({ alarm }: { alarm: Alarm }) {
  const Icon = toneOf(alarm) === 'bad' ? IconAlertOctagon : IconAlertTriangle;
  return <Icon size={18} aria-hidden className={styles['icon']} />;
}

function toneOf(alarm: Alarm): 'bad' | 'warn' {
  return alarm.kind === 'missed' ? 'warn' : 'bad';
}

function actionOf(alarm: Alarm): string {
  return alarm.scheduleId === null ? 'Show schedules' : 'Show the schedule';
}

function show(alarm: Alarm): void {
  if (alarm.scheduleId === null) go('schedules');
  else openScheduleEditor({ scheduleId: alarm.scheduleId });
}
