// Servers that this machine has programs of, with client programs that fit.
export function availableServers(majors: number[] | null): { major: number; clientDirectory: string }[] {
  return (majors ?? [15]).map((major) => ({ major, clientDirectory: '' }));
}
