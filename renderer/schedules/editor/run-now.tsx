import { notifications } from '@mantine/notifications';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { errorReport } from '../../errors.ts';

/** Does something to a schedule from a menu, where there is no place for an error but a notification. */
export function actOn(what: string, act: () => Promise<unknown>): void {
  act().then(
    () => catalogChanged(),
    (thrown: unknown) => {
      const error = errorReport(thrown);
      notifications.show({ color: 'red', title: `${what}: ${error.message}`, message: error.hint, autoClose: false });
    },
  );
}

export function runNow(schedule: Pick<Schedule, 'id' | 'name'>): void {
  actOn(`${schedule.name} could not be started`, async () => {
    await api.schedules.run({ id: schedule.id });
    notifications.show({ message: `${schedule.name} was started. Its plan stays as it is.` });
  });
}
