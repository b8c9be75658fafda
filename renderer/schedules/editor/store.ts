// Placeholder until the editor is there.
import type { ScheduleFields } from '../../../shared/contract/schedules.ts';

export function openScheduleEditor(_what: { scheduleId: string } | { draft: Partial<ScheduleFields> }): void {
  return;
}
