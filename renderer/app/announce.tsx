// Says what happened when the user may be looking elsewhere.
import { notifications } from '@mantine/notifications';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { isInSight } from '../jobs/watched.ts';
import { go } from '../navigation.ts';
import styles from './app.module.css';

export function announce(job: EndedJob): void {
  // Rows of a dump are waited for in place, by whoever asked.
  if (isInSight(job.id) || (job.kind === 'rows' && job.status !== 'failed')) return;
  const show = (
    <button type="button" className={styles['announceLink']} onClick={() => go('activity', job.id)}>
      Show it
    </button>
  );
  if (job.status === 'succeeded') {
    notifications.show({ id: job.id, color: 'green', title: job.title, message: <>Done. {show}</> });
  } else if (job.status === 'cancelled') {
    notifications.show({ id: job.id, color: 'gray', title: job.title, message: <>Cancelled. {show}</> });
  } else {
    notifications.show({
      id: job.id,
      color: 'red',
      title: `${job.title}: ${job.status}`,
      message: (
        <>
          {job.error.message} {show}
        </>
      ),
      autoClose: false,
    });
  }
}

/** Tells once a start what was found half-done and put right. */
export function tellSettled(settled: readonly string[]): void {
  const last = settled.at(-1);
  const all = settled.join('\n');
  if (last === undefined || sessionStorage.getItem('settled') === all) return;
  sessionStorage.setItem('settled', all);
  notifications.show({
    id: 'settled',
    color: 'yellow',
    title: 'Put right at this start',
    autoClose: false,
    message: (
      <>
        {last} {settled.length > 1 && `And ${settled.length - 1} more. `}
        <button type="button" className={styles['announceLink']} onClick={() => go('settings')}>
          Show all
        </button>
      </>
    ),
  });
}
