// When it would run, asked of the engine while it is edited; and how the last run went.
import { useDebouncedValue } from '@mantine/hooks';
import type { Schedule, When } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { go } from '../../navigation.ts';
import { ago } from '../../ui/format.ts';
import { useLoad } from '../../ui/loadable.ts';
import { Loaded } from '../../ui/Loaded.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useNow } from '../calendar/data.ts';
import { StateIcon } from '../calendar/StateIcon.tsx';
import { comingIn, inZone } from '../calendar/When.tsx';
import { machineZone, offsetName } from '../calendar/zone.ts';
import styles from './editor.module.css';
import { whenOf, type ScheduleForm } from './form.ts';
import { fromDateTimeField } from './wall-time.ts';

export function NextRuns({ form, schedule }: { form: ScheduleForm; schedule: Schedule | null }) {
  const when = whenOf(form);
  const now = when === null ? null : JSON.stringify({ when, timeZone: form.timeZone });
  const [asked] = useDebouncedValue(now, 250);
  const [answer] = useLoad(asked, (signal) =>
    api.schedules.tryWhen({ ...(JSON.parse(asked ?? '{}') as { when: When; timeZone: string }), count: 50 }, { signal }),
  );
  return (
    <section className={styles['preview']} aria-label="The next five runs" aria-live="polite">
      <h3>The next five runs</h3>
      {now === null ? (
        <p className="dim">They are shown as soon as the times make sense.</p>
      ) : (
        <Loaded of={answer} what="the next runs">
          {({ words, next, notes }) => (
            <>
              <p className={styles['said']}>{words}</p>
              <Runs form={form} next={next} />
              {notes.map((note) => (
                <Notice key={note} tone="info">
                  {note}
                </Notice>
              ))}
            </>
          )}
        </Loaded>
      )}
      {!form.enabled && (
        <Notice tone="warn" title="It is off">
          None of these will run until it is switched on.
        </Notice>
      )}
      {schedule !== null && <LastRun schedule={schedule} />}
    </section>
  );
}

function Runs({ form, next }: { form: ScheduleForm; next: string[] }) {
  const starts = fromDateTimeField(form.startsAt, form.timeZone);
  const ends = fromDateTimeField(form.endsAt, form.timeZone);
  const own = machineZone();
  const now = useNow();
  const within = next.filter((at) => (starts === null || at >= starts) && (ends === null || at < ends)).slice(0, 5);
  if (within.length === 0) {
    return (
      <p>
        {starts !== null && (next.at(-1) ?? '') < starts
          ? `None before ${inZone(Date.parse(starts), form.timeZone)}; from then on as said.`
          : 'None: it ends before the first one.'}
      </p>
    );
  }
  return (
    <ol className={styles['runs']}>
      {within.map((timestamp) => {
        const at = Date.parse(timestamp);
        const here = inZone(at, own);
        return (
          <li key={timestamp}>
            <time dateTime={timestamp} className="numbers">
              {inZone(at, form.timeZone)}
            </time>
            <span className="dim numbers">{comingIn(at - now)}</span>
            {form.timeZone !== 'UTC' && (
              <span className={`${styles['here']} dim numbers`}>
                {offsetName(at, form.timeZone)}
                {here !== inZone(at, form.timeZone) && `, on this machine ${here}`}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function LastRun({ schedule }: { schedule: Schedule }) {
  const run = schedule.lastRun;
  if (run === null) return null;
  return (
    <div className={styles['last']}>
      <h3>The last run</h3>
      <div className={styles['lastLine']}>
        <StateIcon state={run.state} size={15} />
        <span>
          {run.state} {ago(run.finishedAt ?? run.plannedAt)}
        </span>
        <button type="button" className={styles['link']} onClick={() => go('schedules', run.id)}>
          Show it
        </button>
      </div>
      {run.error !== null && (
        <p className="wrap">
          {run.error.message} <span className="dim">{run.error.hint}</span>
        </p>
      )}
      {run.error === null && run.detail !== '' && <p className="dim wrap">{run.detail}</p>}
      {schedule.lastSuccessAt !== null && run.state !== 'succeeded' && <p>{`It last went well ${ago(schedule.lastSuccessAt)}.`}</p>}
    </div>
  );
}
