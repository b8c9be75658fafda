// Says how a job ended when the user may be looking elsewhere.
import { notifications } from '@mantine/notifications';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { go } from '../navigation.ts';
import styles from './app.module.css';
import { catalogChanged } from './store.ts';

export function announce(job: EndedJob): void {
  catalogChanged();
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
