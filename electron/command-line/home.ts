import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `HOWDAH_HOME`, else the platform's application-data folder (the one that Electron uses). */
export function homeDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['HOWDAH_HOME'];
  if (named !== undefined && named !== '') return resolve(named);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Howdah');
  if (process.platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Howdah');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'Howdah');
}
