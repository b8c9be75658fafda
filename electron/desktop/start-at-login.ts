// Starts the program with the user's session, into the tray.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { app } from 'electron';
import { HowdahError } from '../../shared/errors.ts';
import type { HostPort, Log } from '../engine/ports.ts';
import { autostartEntry, autostartFile, commandOf, entryIsOn } from './desktop-entry.ts';

/** No window, the tray only. */
export const hiddenSwitch = '--hidden';

/** Whether this start should show no window. macOS passes no arguments at login, but says so. */
export const startsHidden = (argv: string[]): boolean =>
  argv.includes(hiddenSwitch) || (process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin);

/** Null where the system has no way for it. */
export function createStartAtLogin(log: Log): HostPort['startAtLogin'] {
  if (process.platform === 'linux') return inAutostart(log);
  // In a checkout macOS would start a bare Electron.
  if (process.platform === 'darwin' && !app.isPackaged) return null;
  const [path, ...args] = startCommand();
  const item = process.platform === 'win32' && path !== undefined ? { path, args } : {};
  return {
    get: () => app.getLoginItemSettings(item).openAtLogin,
    set(on) {
      app.setLoginItemSettings({ openAtLogin: on, ...item });
      return Promise.resolve();
    },
  };
}

/** Program and arguments that start what runs now again, hidden. */
export function startCommand(): string[] {
  const sandbox = app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : [];
  if (!app.isPackaged)
    return [process.execPath, ...sandbox, '-r', join(app.getAppPath(), 'dist', 'early.cjs'), app.getAppPath(), hiddenSwitch];
  return [ownImage() ?? process.execPath, ...sandbox, hiddenSwitch];
}

/** An AppImage is mounted somewhere else at each start. The variable may also come from a terminal that is one itself. */
function ownImage(): string | null {
  const { APPIMAGE: image, APPDIR: mounted } = process.env;
  return image !== undefined && mounted !== undefined && process.execPath.startsWith(`${mounted}/`) ? image : null;
}

function inAutostart(log: Log): NonNullable<HostPort['startAtLogin']> {
  const file = autostartFile(process.env, app.getPath('home'));
  // Where the data folder was named, the next start must find the same one.
  const home = process.env['HOWDAH_HOME'];
  const command = (): string[] => [...(home ? ['env', `HOWDAH_HOME=${home}`] : []), ...startCommand()];
  const read = (): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);
  const write = (): void => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.partial`, autostartEntry(command()));
    renameSync(`${file}.partial`, file);
  };
  const isOn = (): boolean => {
    const text = read();
    return text !== null && entryIsOn(text);
  };
  try {
    // The program was moved since: without this it would no longer start, in silence.
    if (isOn() && !commandOf(read() ?? '').some((word) => word.startsWith('/') && existsSync(word))) write();
  } catch (thrown) {
    log.warn(`${file} could not be looked after: ${String(thrown)}`);
  }
  return {
    get: isOn,
    set(on) {
      try {
        if (on) write();
        else rmSync(file, { force: true });
        return Promise.resolve();
      } catch (thrown) {
        return Promise.reject(
          new HowdahError('FOLDER_NOT_WRITABLE', `${file} cannot be ${on ? 'written' : 'removed'}.`, {
            hint: 'Give your user the right to write there.',
            detail: thrown instanceof Error ? thrown.message : String(thrown),
            cause: thrown,
          }),
        );
      }
    },
  };
}
