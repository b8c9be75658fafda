// Placeholder until the list is there.
export function ScheduleList() {
  return null;
}
