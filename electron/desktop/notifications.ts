import { Notification } from 'electron';
import { HowdahError } from '../../shared/errors.ts';
import type { HostPort } from '../engine/ports.ts';

type Notify = NonNullable<HostPort['notify']>;
type Target = { page: Parameters<Notify>[0]['page']; id: string | null };

/** Desktop notifications; a click opens what they are about. Null on a system that shows none.
 * The promise resolves when the system took it; errors: MESSAGE_NOT_SENT. */
export function createNotify(open: (target: Target) => void): Notify | null {
  if (!Notification.isSupported()) return null;
  // One that nobody refers to is collected, and its click with it.
  const standing = new Set<Notification>();
  return ({ title, body, page, id }) =>
    new Promise((resolve, reject) => {
      const notification = new Notification({ title, body, urgency: 'normal' });
      standing.add(notification);
      notification
        .once('show', () => resolve())
        .once('close', () => standing.delete(notification))
        .once('failed', (_event, error) => {
          standing.delete(notification);
          reject(notShown(error));
        })
        .on('click', () => open({ page, id }));
      // A system whose notification service is not there says neither yes nor no.
      setTimeout(() => reject(notShown('no answer in 10 seconds')), 10_000).unref();
      notification.show();
    });
}

const notShown = (detail: string): HowdahError =>
  new HowdahError('MESSAGE_NOT_SENT', 'The system showed no notification.', {
    hint: 'Allow notifications of Howdah in the settings of your desktop.',
    detail,
  });
