// Which vitest project a test file belongs to, read from what it imports: no list has to be kept.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const folder = dirname(import.meta.dirname);

/** From the most to the least that a test needs: a window, a browser, a server or processes, a process alone (it replaces
 * modules, which others must not meet), nothing. */
export const projectNames = ['desktop', 'page', 'engine', 'alone', 'pure'] as const;
export type ProjectName = (typeof projectNames)[number];

/** What brings the need for each; the first that a file reaches, directly or through others, decides. */
const signs: [ProjectName, string[]][] = [
  ['desktop', ['support/electron.ts']],
  ['page', ['support/browser.ts']],
  ['engine', ['support/server.ts', 'support/cluster.ts', 'support/run-cli.ts']],
];

/** Every test file below `tests/`, as absolute paths. */
export function filesByProject(): Record<ProjectName, string[]> {
  const files: Record<ProjectName, string[]> = { desktop: [], page: [], engine: [], alone: [], pure: [] };
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!/\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    files[projectOf(path)].push(path);
  }
  return files;
}

function projectOf(path: string): ProjectName {
  const reached = reachedFrom(path);
  for (const [name, needed] of signs) if (needed.some((one) => reached.has(join(folder, one)))) return name;
  return readFileSync(path, 'utf8').includes('vi.mock(') ? 'alone' : 'pure';
}

/** The files of `tests/` that one loads. */
function reachedFrom(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const next of importsOf(path)) reachedFrom(next, seen);
  return seen;
}

const known = new Map<string, string[]>();

function importsOf(path: string): string[] {
  const found = known.get(path);
  if (found !== undefined) return found;
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:^|\n)(?:import|export)\b(?! type)[^;'"]*?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g)]
    .map(([, still, lazy]) => resolve(dirname(path), still ?? lazy ?? ''))
    .filter((one) => one.startsWith(folder) && /\.tsx?$/.test(one));
  known.set(path, imports);
  return imports;
}
