import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { settings as settingsShape, type Settings } from '../../../shared/contract/settings.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { makeFolders } from '../make-folders.ts';

/** Reads the settings, each falling back to its default. */
export function readSettings(catalog: Sqlite, homeDirectory: string): Settings {
  const stored = catalog.prepare<[], { name: string; value: string }>('select name, value from settings').all();
  const values: Record<string, unknown> = { ...defaults(homeDirectory) };
  for (const { name, value } of stored) {
    const parsed = settingsShape.partial().safeParse({ [name]: JSON.parse(value) });
    if (parsed.success) Object.assign(values, parsed.data);
  }
  return settingsShape.parse(values);
}

/** Stores the given ones. Errors: BAD_INPUT, FOLDER_NOT_WRITABLE. */
export function writeSettings(catalog: Sqlite, homeDirectory: string, changes: Partial<Settings>): Settings {
  if (changes.backupDirectory !== undefined) requireWritableFolder(changes.backupDirectory);
  const put = catalog.prepare('insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value');
  catalog.transaction(() => {
    for (const [name, value] of Object.entries(changes)) if (value !== undefined) put.run(name, JSON.stringify(value));
  })();
  return readSettings(catalog, homeDirectory);
}

/** Makes the folder where it is missing. Errors: BAD_INPUT (not absolute), FOLDER_NOT_WRITABLE. */
export function requireWritableFolder(folder: string): void {
  if (!isAbsolute(folder))
    throw new HowdahError('BAD_INPUT', `"${folder}" is not an absolute path.`, { hint: 'Give the whole path, from the root.' });
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    throw new HowdahError('FOLDER_NOT_WRITABLE', `The folder ${folder} cannot be written.`, {
      hint: 'Give your user the right to write there, mount the share, or choose another folder.',
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
}

const defaults = (homeDirectory: string): Settings => ({
  backupDirectory: join(homeDirectory, 'backups'),
  jobsPerServer: 2,
  jobsInAll: 4,
  stuckAfterSeconds: 1800,
  colourScheme: 'auto',
  closeToTray: true,
  startAtLogin: false,
});
