// Names of folders: readable, and harmless on every file system.
import type { Profile } from '../../../shared/contract/profiles.ts';
import type { EngineContext } from '../context.ts';

/** Where a profile's backups go: its own folder, else that of the settings. */
export const backupRoot = (context: Pick<EngineContext, 'settings'>, profile: Pick<Profile, 'backupDirectory'>): string =>
  profile.backupDirectory || context.settings().backupDirectory;

/** Letters, digits, dot, dash and underscore of a name, at most 40; `unnamed` where nothing is left. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 40)
    .replace(/[.-]+$/, '');
  // Windows reserves these, with whatever ending.
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain)) return `_${plain}`;
  return plain === '' ? 'unnamed' : plain;
}

/** `20261120T222705Z_bak_…`: unique by its id, whatever the clock says. */
export const folderName = (startedAt: string, id: string): string => `${startedAt.replaceAll(/[-:]|\.\d+/g, '')}_${id}`;
