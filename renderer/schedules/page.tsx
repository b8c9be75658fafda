import { PageFrame } from '../ui/PageFrame.tsx';

export function SchedulesPage() {
  return <PageFrame title="Schedules">{null}</PageFrame>;
}
