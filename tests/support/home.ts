// Data folders that tests may fill and forget.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directories: string[] = [];
process.once('exit', removeTemporaryDirectories);

/** A fresh folder, removed after its test file. */
export function temporaryDirectory(purpose = 'home'): string {
  const directory = mkdtempSync(join(tmpdir(), `howdah-${purpose}-`));
  directories.push(directory);
  return directory;
}

/** A fresh HOWDAH_HOME. */
export function makeHome(): string {
  return temporaryDirectory('home');
}

/** Removes all that were made; worker-setup.ts does so after each file. */
export function removeTemporaryDirectories(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}
