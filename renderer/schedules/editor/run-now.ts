import { notifications } from '@mantine/notifications';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { actOn } from '../../app/act-on.ts';

export function runNow(schedule: Pick<Schedule, 'id' | 'name'>): void {
  actOn(`${schedule.name} could not be started`, async () => {
    await api.schedules.run({ id: schedule.id });
    notifications.show({ message: `${schedule.name} was started. Its plan stays as it is.` });
  });
}
