import { notifications } from '@mantine/notifications';
import { errorReport } from '../errors.ts';
import { catalogChanged } from './store.ts';

/** Does something from a menu or row, where there is no place for an error but a notification. */
export function actOn(what: string, act: () => Promise<unknown>): void {
  act().then(
    () => catalogChanged(),
    (thrown: unknown) => {
      const error = errorReport(thrown);
      notifications.show({ color: 'red', title: `${what}: ${error.message}`, message: error.hint, autoClose: false });
    },
  );
}
