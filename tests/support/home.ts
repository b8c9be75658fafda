// Data folders that tests may fill and forget.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directories: string[] = [];
process.once('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A fresh folder, removed when the test process ends. */
export function temporaryDirectory(purpose = 'home'): string {
  const directory = mkdtempSync(join(tmpdir(), `howdah-${purpose}-`));
  directories.push(directory);
  return directory;
}

/** A fresh HOWDAH_HOME. */
export function makeHome(): string {
  return temporaryDirectory('home');
}
