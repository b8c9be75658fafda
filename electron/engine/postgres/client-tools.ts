// Finds every installed set of client programs, and chooses by server and target version.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import type { ClientTools } from '../../../shared/contract/profiles.ts';
import { runChild } from '../process/run-child.ts';
import { installHint } from './install-hint.ts';

export const programNames = ['pg_dump', 'pg_restore', 'psql', 'pg_dumpall'] as const;
export type ProgramName = (typeof programNames)[number];

const suffix = process.platform === 'win32' ? '.exe' : '';

/** The full path of a program. */
export const programPath = (tools: ClientTools, name: ProgramName): string => join(tools.directory, name + suffix);

/** Every set of client programs on this machine, newest first; one line a folder. */
export async function findClientTools(byHand: string[] = []): Promise<ClientTools[]> {
  const folders = new Map<string, ClientTools['source']>();
  for (const folder of byHand) if (folder !== '') folders.set(folder, 'by-hand');
  for (const folder of knownFolders()) if (!folders.has(folder)) folders.set(folder, 'known-folder');
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && !folders.has(folder)) folders.set(folder, 'path');
  }
  const seen = new Set<string>();
  const found: ClientTools[] = [];
  const looked = await Promise.all([...folders].map(([folder, source]) => lookInto(folder, source)));
  for (const tools of looked) {
    if (tools === null) continue;
    const real = realpathSync(programPath(tools, tools.programs[0] ?? 'psql'));
    if (seen.has(real)) continue;
    seen.add(real);
    found.push(tools);
  }
  return found.sort((a, b) => b.major - a.major || b.version.localeCompare(a.version, 'en', { numeric: true }));
}

/** What a folder holds; null where no client program stands in it. */
async function lookInto(directory: string, source: ClientTools['source']): Promise<ClientTools | null> {
  const programs = programNames.filter((name) => isProgram(join(directory, name + suffix)));
  const first = programs[0];
  if (first === undefined) return null;
  const version = await versionOf(join(directory, first + suffix));
  if (version === null) return null;
  return { directory, version, major: Number.parseInt(version, 10), programs, source };
}

function isProgram(path: string): boolean {
  if (!existsSync(path)) return false;
  // Debian's /usr/bin/pg_dump is a wrapper that picks a version by itself: the real ones are in known folders.
  return !realpathSync(path).endsWith('pg_wrapper');
}

const versions = new Map<string, string | null>();

async function versionOf(program: string): Promise<string | null> {
  const known = versions.get(program);
  if (known !== undefined) return known;
  let line = '';
  const child = runChild({
    program,
    args: ['--version'],
    stdout: 'lines',
    onLine: (text, stream) => {
      if (stream === 'stdout') line ||= text;
    },
    signal: AbortSignal.timeout(10_000),
  });
  const outcome = await child.outcome;
  // `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
  const version = outcome.kind === 'exited' && outcome.code === 0 ? (/\(PostgreSQL\) (\d[\w.]*)/.exec(line)?.[1] ?? null) : null;
  versions.set(program, version);
  return version;
}

/** Chooses the programs for a dump: never older than the server; the same major where there is one,
 * because a newer client may write settings that the server itself would refuse at a restore.
 * Errors: CLIENT_TOOL_MISSING. */
export async function chooseForBackup(serverMajor: number, byHand: string): Promise<ClientTools> {
  return choose({
    byHand,
    needed: ['pg_dump', 'pg_restore'],
    fits: (tools) => tools.major >= serverMajor,
    better: (a, b) => a.major - b.major,
    wanted: serverMajor,
    why: `pg_dump ${serverMajor} or newer for a server of version ${serverMajor}`,
  });
}

/** Where to look for client programs: in this folder alone, or (empty, or a list) anywhere, and there, too. */
export type ClientPlace = string | { also: string[] };

/** The target version of a restore that only reads: no pg_restore is too new for it. */
export const noTarget = 999;
/** What is asked for where any version would do. */
const newestKnown = 18;

/** Chooses the programs for a restore: new enough to read the dump, and as near to the target's version as can be.
 * `archiveMajor`: the major version of the pg_dump that wrote it; null where unknown.
 * Errors: CLIENT_TOOL_MISSING. */
export async function chooseForRestore(targetMajor: number, archiveMajor: number | null, byHand: ClientPlace): Promise<ClientTools> {
  // Archive formats: 1.14 by 12 to 15, 1.15 by 16, 1.16 by 17 and later; a pg_restore reads its own and older ones.
  const oldest = archiveMajor === null || archiveMajor < 16 ? 0 : Math.min(archiveMajor, 17);
  return choose({
    byHand,
    needed: ['pg_restore'],
    fits: (tools) => tools.major >= oldest,
    better: (a, b) => Math.abs(a.major - targetMajor) - Math.abs(b.major - targetMajor) || a.major - b.major,
    wanted: Math.max(oldest, targetMajor === noTarget ? (archiveMajor ?? newestKnown) : targetMajor),
    why: `pg_restore${oldest === 0 && targetMajor === noTarget ? '' : ` ${oldest || targetMajor} or newer`} to read a dump written by pg_dump ${archiveMajor ?? 'of an unknown version'}`,
  });
}

type Choice = {
  byHand: ClientPlace;
  needed: ProgramName[];
  fits: (tools: ClientTools) => boolean;
  better: (a: ClientTools, b: ClientTools) => number;
  wanted: number;
  why: string;
};

async function choose(choice: Choice): Promise<ClientTools> {
  const only = typeof choice.byHand === 'string' ? choice.byHand : '';
  const found = await findClientTools(typeof choice.byHand === 'string' ? [only] : choice.byHand.also);
  const able = found.filter((tools) => choice.needed.every((name) => tools.programs.includes(name)));
  const candidates = only === '' ? able : able.filter((tools) => tools.directory === only);
  const best = candidates.filter(choice.fits).sort(choice.better)[0];
  if (best !== undefined) return best;
  const have = found.map((tools) => `${tools.version} in ${tools.directory}`).join('; ') || 'none';
  throw new HowdahError(
    'CLIENT_TOOL_MISSING',
    `Needed: ${choice.why}. Found: ${only === '' ? have : `the profile names ${only}, which does not fit (found elsewhere: ${have})`}.`,
    {
      hint: installHint(choice.wanted),
    },
  );
}

function knownFolders(): string[] {
  const below = (parent: string, pattern: RegExp, child: string): string[] => {
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .filter((name) => pattern.test(name))
      .map((name) => join(parent, name, child));
  };
  if (process.platform === 'win32') {
    return ['ProgramFiles', 'ProgramFiles(x86)'].flatMap((name) =>
      below(join(process.env[name] ?? 'C:\\Program Files', 'PostgreSQL'), /^\d/, 'bin'),
    );
  }
  return [
    ...below('/usr/lib/postgresql', /^\d/, 'bin'), // Debian, Ubuntu
    ...below('/usr', /^pgsql-\d/, 'bin'), // Red Hat and its kin, by the PostgreSQL project's packages
    ...below('/opt/homebrew/opt', /^(postgresql(@\d+)?|libpq)$/, 'bin'),
    ...below('/usr/local/opt', /^(postgresql(@\d+)?|libpq)$/, 'bin'),
    ...below('/Applications/Postgres.app/Contents/Versions', /^\d/, 'bin'),
    '/usr/local/pgsql/bin', // built from source
  ];
}
