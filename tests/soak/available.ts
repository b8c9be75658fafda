// Servers that this machine has programs of, with client programs that fit.
import { clientsFor, howToGetServers, majors, serverBinaries } from '../support/majors.ts';

export type Available = { major: number; clientDirectory: string };

/** `wanted`: null for all that are there. Errors: an Error where one that is wanted is not. */
export function availableServers(wanted: number[] | null): Available[] {
  const asked = wanted ?? majors.filter((major) => major >= 15 && lacks(major) === null);
  return asked.map((major) => {
    const problem = lacks(major);
    if (problem !== null) throw new Error(`There ${problem} for PostgreSQL ${major} on this machine; ${howToGetServers}.`);
    return { major, clientDirectory: clientsFor(major)?.bin ?? '' };
  });
}

function lacks(major: number): string | null {
  if (serverBinaries(major) === null) return 'are no server programs';
  return clientsFor(major) === null ? 'are no client programs' : null;
}
