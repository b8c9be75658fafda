// Placeholder until it is there.
export function FirstSchedules() {
  return null;
}
